package member

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strings"
)

// A driverError is an error of a database or its driver. Their own words may quote a row ("invalid input syntax for
// type integer: ..."), so its text has only the kind and the code.
type driverError struct{ own error }

// mysqlCode is how the MySQL driver begins the text of an error that the server sent.
var mysqlCode = regexp.MustCompile(`^Error [0-9]+(?: \([0-9A-Z]{5}\))?: `)

func (e driverError) Error() string {
	var (
		postgres interface{ SQLState() string }
		sqlite   interface{ Code() int }
		network  net.Error
	)
	switch mysql := mysqlCode.FindString(e.own.Error()); {
	case mysql != "":
		return "it answers with MySQL's " + strings.TrimSuffix(mysql, ": ")
	case errors.As(e.own, &postgres):
		return "it answers with SQLSTATE " + postgres.SQLState()
	case errors.As(e.own, &sqlite):
		return fmt.Sprintf("it answers with SQLite's code %d", sqlite.Code())
	case errors.As(e.own, &network):
		return network.Error()
	}
	return "its connection is broken"
}

// failure returns err as a driverError, unless ctx is why: then the reason for its end.
func failure(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return driverError{err}
}

// ownWords undoes a driverError, for the operator at start-up: as yet there is no row to quote.
func ownWords(err error) error {
	var e driverError
	if errors.As(err, &e) {
		return e.own
	}
	return err
}

// masked returns the text of err with "…" for whatever it has in common with the DSN, from 4 bytes on. Drivers show host
// and user in their errors, and take a part of the password for the host when it has an "@" that should have been "%40".
func (o SQLOptions) masked(err error) string {
	const least = 4
	known := o.DSN
	if decoded, err := url.PathUnescape(o.DSN); err == nil {
		known += "\n" + decoded
	}
	var b strings.Builder
	for text := err.Error(); len(text) > 0; {
		n := 0
		for end := least; end <= len(text) && strings.Contains(known, text[:end]); end++ {
			n = end
		}
		if n > 0 {
			b.WriteString("…")
		} else {
			n = 1
			b.WriteByte(text[0])
		}
		text = text[n:]
	}
	return b.String()
}
