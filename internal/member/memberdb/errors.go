package memberdb

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5/pgconn"
)

// A QueryError says why the query can't be right. It may quote the database.
type QueryError struct{ err error }

func (e *QueryError) Error() string { return e.err.Error() }

// An awayError says why the database isn't there for now.
type awayError struct{ text string }

func (e *awayError) Error() string { return e.text }

// A timeoutError is the cause of a lookup's end. It is a net.Error.
type timeoutError time.Duration

func (e timeoutError) Error() string   { return fmt.Sprintf("no answer within %v", time.Duration(e)) }
func (e timeoutError) Timeout() bool   { return true }
func (e timeoutError) Temporary() bool { return true }

// reason returns why ctx has ended, if it has; otherwise err.
func reason(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

var (
	// Connection exceptions, too many clients, the server is about to stop or to start.
	awayPostgres   = regexp.MustCompile(`^(08...|53300|57P0[1235])$`)
	neverPgBouncer = regexp.MustCompile(`authentication failed|no such database`)

	// Too many connections, shutdown, killed, disconnected for inactivity; and behind a pooler the
	// prepared query must be prepared again or isn't there.
	awayMySQL = []uint16{1040, 1053, 1927, 4031, 1615, 1243}
)

// isAway reports whether the same question may have an answer on another connection or later: the
// connection is broken, or the server is out of reach or busy with itself.
func isAway(err error) bool {
	var (
		postgres *pgconn.PgError
		mariadb  *mysql.MySQLError
		address  *net.AddrError
		unknown  net.UnknownNetworkError
		network  net.Error
	)
	switch {
	case errors.As(err, &postgres) && postgres.Code == "08P01": // a wrong number of parameters, or all that PgBouncer says
		return postgres.Severity == "FATAL" && !neverPgBouncer.MatchString(postgres.Message)
	case errors.As(err, &postgres):
		return awayPostgres.MatchString(postgres.Code)
	case errors.As(err, &mariadb):
		return slices.Contains(awayMySQL, mariadb.Number)
	case errors.As(err, &address), errors.As(err, &unknown), errors.Is(err, fs.ErrPermission): // will never be reached
		return false
	}
	return errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, driver.ErrBadConn) || errors.Is(err, mysql.ErrInvalidConn) || errors.Is(err, context.Canceled)
}

// quiet returns what can be said of a driver's error once rows are read. The error's own text may
// quote a row ("invalid input syntax for type integer: ...").
func quiet(err error) error {
	var (
		query    *QueryError
		postgres *pgconn.PgError
		mariadb  *mysql.MySQLError
		network  net.Error
	)
	switch {
	case errors.As(err, &query), errors.Is(err, context.Canceled):
		return err
	case errors.As(err, &postgres):
		return fmt.Errorf("it answers with SQLSTATE %s", postgres.Code)
	case errors.As(err, &mariadb):
		return fmt.Errorf("it answers with MySQL's Error %d (%s)", mariadb.Number, mariadb.SQLState)
	case errors.As(err, &network):
		return network
	}
	return errors.New("its connection is broken")
}

// masked returns the text of err with "…" for everything that it has in common with the DSN, from 4
// bytes on. Drivers show host and user in their errors. They also take a part of the password for
// the host, when it has an "@" that should have been written "%40".
func (o Options) masked(err error) string {
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
