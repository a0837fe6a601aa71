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

// A driverError is an error of the database or its driver. Their texts may quote a row ("invalid
// input syntax for type integer: ..."), so its own text has only the kind and the code.
type driverError struct{ own error }

// mysqlCode is how the MySQL driver begins the text of a server's error.
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

// failure returns err as a driverError. When ctx has ended, it returns the reason for that instead.
func failure(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return driverError{err}
}

// driversOwn returns the driver's own error, for the operator at start: no row has been read yet.
func driversOwn(err error) error {
	var e driverError
	if errors.As(err, &e) {
		return e.own
	}
	return err
}

// masked returns the text of err with "…" for everything that it has in common with the DSN, from 4
// bytes on. Drivers show host and user in their errors. They also take a part of the password for
// the host, when it has an "@" that should have been written "%40".
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
