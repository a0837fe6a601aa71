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
	"strconv"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5/pgconn"
)

// An Error says why a database can't be used. It may quote the database, and shows no part of the
// password.
type Error struct {
	text    string
	Hint    string // what to do about it
	OfQuery bool   // the query can't be right; otherwise the DSN or the driver
	away    bool   // the database isn't there for now
}

func (e *Error) Error() string { return e.text }

// queryHint is what to do about a query that the database doesn't take.
func (o Options) queryHint() string {
	if parameter, other := "$1", "?"; o.Driver == "postgres" && !strings.Contains(o.Query, parameter) && strings.Contains(o.Query, other) {
		return "write $1 for the parameter in members.sql.query: ? is MySQL's"
	} else if o.Driver == "mysql" && strings.Contains(o.Query, parameter) && !strings.Contains(o.Query, other) {
		return "write ? for the parameter in members.sql.query: $1 is PostgreSQL's"
	}
	return "members.sql.query takes one parameter, what the member types, and yields usercode and password_hash by name"
}

// hint is what to do about an error of the DSN or of connecting.
func (o Options) hint(err error) string {
	const postgresForm, mysqlForm = "postgres://user:password@host:5432/database", "user:password@tcp(host:3306)/database"
	ofPostgres := regexp.MustCompile(`^postgres(ql)?://|\b(host|dbname)\s*=`).MatchString(o.DSN)
	ofMySQL := regexp.MustCompile(`^(mysql|mariadb)://|@(tcp|unix)?\(|@/`).MatchString(o.DSN)
	code := ""
	if postgres, ok := errors.AsType[*pgconn.PgError](err); ok {
		code = postgres.Code
	} else if mariadb, ok := errors.AsType[*mysql.MySQLError](err); ok {
		code = strconv.Itoa(int(mariadb.Number))
	}
	_, isNetwork := errors.AsType[net.Error](err)
	switch text := err.Error(); {
	case o.Driver == "postgres" && ofMySQL:
		return "members.sql.dsn is MySQL's: set members.sql.driver to mysql, or write " + postgresForm
	case o.Driver == "mysql" && ofPostgres:
		return "members.sql.dsn is PostgreSQL's: set members.sql.driver to postgres, or write " + mysqlForm
	case o.Driver == "mysql" && ofMySQL && strings.Contains(o.DSN, "://"):
		return "write members.sql.dsn as " + mysqlForm + ", without a scheme"
	case strings.HasPrefix(code, "28"), code == "1045", code == "1698", strings.Contains(text, "authentication failed"):
		return "check user and password in members.sql.dsn, and from where the database lets that user in"
	case code == "3D000", code == "1049", code == "1044", strings.Contains(text, "no such database"):
		return "check the name of the database at the end of members.sql.dsn, and the user's rights to it"
	case strings.Contains(strings.ToLower(text), "tls"), strings.Contains(text, "x509"):
		return "check TLS in members.sql.dsn: sslmode for postgres, tls for mysql; SSL_CERT_FILE names a private authority's certificate"
	case isNetwork, isAway(err):
		return "check host and port in members.sql.dsn, whether the database runs, and whether a firewall is between"
	case o.Driver == "mysql":
		return "write members.sql.dsn as " + mysqlForm
	}
	return "write members.sql.dsn as " + postgresForm + "; in a password, @ is %40, / is %2F, # is %23 and % is %25"
}

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
	if postgres, ok := errors.AsType[*pgconn.PgError](err); ok && postgres.Code == "08P01" {
		// A wrong number of parameters, or all that PgBouncer says
		return postgres.Severity == "FATAL" && !neverPgBouncer.MatchString(postgres.Message)
	} else if ok {
		return awayPostgres.MatchString(postgres.Code)
	}
	if mariadb, ok := errors.AsType[*mysql.MySQLError](err); ok {
		return slices.Contains(awayMySQL, mariadb.Number)
	}
	_, noAddress := errors.AsType[*net.AddrError](err)
	_, noSuchNetwork := errors.AsType[net.UnknownNetworkError](err)
	if noAddress || noSuchNetwork || errors.Is(err, fs.ErrPermission) { // will never be reached
		return false
	}
	_, isNetwork := errors.AsType[net.Error](err)
	return isNetwork || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, driver.ErrBadConn) || errors.Is(err, mysql.ErrInvalidConn) || errors.Is(err, context.Canceled)
}

// quiet returns what can be said of a driver's error once rows are read. The error's own text may
// quote a row ("invalid input syntax for type integer: ...").
func quiet(err error) error {
	if _, ok := errors.AsType[*Error](err); ok || errors.Is(err, context.Canceled) {
		return err
	}
	if postgres, ok := errors.AsType[*pgconn.PgError](err); ok {
		return fmt.Errorf("it answers with SQLSTATE %s", postgres.Code)
	}
	if mariadb, ok := errors.AsType[*mysql.MySQLError](err); ok {
		return fmt.Errorf("it answers with MySQL's Error %d (%s)", mariadb.Number, mariadb.SQLState)
	}
	if network, ok := errors.AsType[net.Error](err); ok {
		return network
	}
	return errors.New("its connection is broken")
}

// secrets are texts that may have a password, or parts of one.
type secrets []string

// secretsOf returns the password and where it may be in the DSN. A DSN that can't be read, where a
// driver takes parts of the password for something else, has it in more places.
func secretsOf(dsn, password string, isRead bool) secrets {
	_, rest, isURL := strings.Cut(dsn, "://")
	if !isURL {
		rest = dsn
	}
	list := secrets{password}
	end := strings.LastIndexByte(rest, '@')
	colon := strings.IndexByte(rest, ':')
	named := regexp.MustCompile(`(?is)\bpassword\s*=(.*)`).FindStringSubmatch(dsn)
	switch {
	case colon >= 0 && colon < end:
		list = append(list, rest[colon+1:end])
	case !isRead && named == nil: // after "user:", or anywhere
		list = append(list, rest[colon+1:])
	}
	if !isRead && named != nil {
		list = append(list, named[1])
	}
	if _, query, ok := strings.Cut(rest[end+1:], "?"); ok && !isRead {
		list = append(list, query)
	}
	for _, text := range list {
		if decoded, err := url.PathUnescape(text); err == nil {
			list = append(list, decoded)
		}
	}
	return list
}

// mask returns the text of err with "…" for everything that it has in common with a secret, from 4
// bytes on: drivers take a part of a password for the host, when it has an "@" that should have
// been written "%40".
func (s secrets) mask(err error) string {
	const least = 4
	known := strings.Join(s, "\n")
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
