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

// isStale reports whether err comes from a connection that was of no use any more, so that a new
// one may work: there was no answer, or the answer is about the connection or its prepared query.
// A server that can't be reached is no such error.
func isStale(err error) bool {
	var (
		e        driverError
		dial     *net.OpError
		postgres interface{ SQLState() string }
		sqlite   interface{ Code() int }
	)
	if !errors.As(err, &e) || errors.As(e.own, &dial) && dial.Op == "dial" || errors.As(e.own, &sqlite) {
		return false
	}
	if code := mysqlCode.FindString(e.own.Error()); code != "" {
		return staleMySQL.MatchString(code)
	}
	if errors.As(e.own, &postgres) {
		return stalePostgres.MatchString(postgres.SQLState())
	}
	return true
}

var (
	// Connection exceptions; the server ends the connection; "cached plan must not change result
	// type"; and a prepared query that isn't there, or is there already, behind a pooler.
	stalePostgres = regexp.MustCompile(`^(08...|57P0[125]|0A000|26000|42P05)$`)
	// Server shutdown, connection killed, disconnected for inactivity, and the prepared query must
	// be prepared again or isn't there.
	staleMySQL = regexp.MustCompile(`^Error (1053|1927|4031|1615|1243)\b`)
)

// isNoFile reports whether SQLite can't open its file.
func isNoFile(err error) bool {
	const cantOpen = 14 // the low byte of a code; the rest says why
	var sqlite interface{ Code() int }
	return errors.As(err, &sqlite) && sqlite.Code()&0xff == cantOpen
}

// isForeignText reports whether MySQL refuses to compare a usercode with a column because of
// characters that the column's character set lacks ("Illegal mix of collations"). Nobody has it.
func isForeignText(err error) bool {
	var e driverError
	return errors.As(err, &e) && strings.HasPrefix(mysqlCode.FindString(e.own.Error()), "Error 1267 ")
}

// dataFault returns what a lookup says when the query fails on a value, of the row or the usercode:
// one member's row is no outage. It returns "" for all other errors. Only PostgreSQL has them.
func dataFault(err error) string {
	var (
		e        driverError
		postgres interface{ SQLState() string }
	)
	if errors.As(err, &e) && errors.As(e.own, &postgres) && strings.HasPrefix(postgres.SQLState(), "22") {
		return "the query fails on it: " + e.Error()
	}
	return ""
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
