package member

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"ocsso/internal/token"
)

// SQLOptions say where the member database is, and bound the load on it. All but MaxIdle and
// ConnLifetime are required.
type SQLOptions struct {
	Driver string // "sqlite", "postgres" or "mysql", which is MariaDB too
	DSN    string // in the driver's form. It may contain a password; errors show no part of it
	Query  string // see OpenSQL

	MaxOpen      int           // connections at a time, 1 or more
	MaxIdle      int           // connections that are kept while unused; 0 keeps none
	ConnLifetime time.Duration // of a connection, used or not; 0 is for ever
	Timeout      time.Duration // of a lookup, waiting for a connection included
}

// drivers are the names that the drivers have in database/sql. Main links them in: this package
// imports none.
var drivers = map[string]string{"sqlite": "sqlite", "postgres": "pgx", "mysql": "mysql"}

// SQL is a directory in a customer's database. It keeps no members: a change in the database counts
// from the next lookup on. Make one with OpenSQL; Close it.
type SQL struct {
	db      *sql.DB
	query   string
	maxIdle int
	timeout time.Duration
	dearest // of the hashes that came out of the database since the start
}

// OpenSQL opens the directory whose members a query finds. The query has one parameter, the
// usercode as text ("$1" in PostgreSQL, "?" elsewhere), and returns the member's row or none:
//
//	SELECT login AS usercode, pw AS password_hash, name AS username, email, phone, id AS memberno
//	FROM customers WHERE login = $1 AND closed_at IS NULL
//
// Columns go by name, in any order and in upper or lower case. usercode and password_hash are
// required; username, email, phone and memberno are optional, and others are ignored. NULL is
// blank. A member whose hash is blank can't log in with a password.
//
// The query decides who is found: it may ignore case, or find members by their email. The row's own
// usercode is the member, without the spaces with which a CHAR column pads it. Where several rows
// are found, the one counts whose usercode equals the parameter byte for byte. Cast a number to
// text in the WHERE.
//
// OpenSQL runs the query once, for a usercode that nobody can have. Its errors therefore include a
// database out of reach, a query that doesn't work, and a missing or repeated column. Connecting
// and the query take at most the timeout each. In errors of connecting, "…" stands for parts of the
// DSN. A SQLite file must exist.
func OpenSQL(ctx context.Context, options SQLOptions) (*SQL, error) {
	driver, ok := drivers[options.Driver]
	if !ok {
		return nil, fmt.Errorf("member database: driver is %q, not sqlite, postgres or mysql", options.Driver)
	}
	dsn := options.DSN
	if driver == "sqlite" {
		dsn = existingFile(dsn)
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		return nil, fmt.Errorf("member database: read the dsn (… is in it): %s", options.masked(err))
	}
	db.SetMaxOpenConns(options.MaxOpen)
	db.SetMaxIdleConns(options.MaxIdle)
	db.SetConnMaxLifetime(options.ConnLifetime)
	d := &SQL{db: db, query: options.Query, maxIdle: options.MaxIdle, timeout: options.Timeout}
	if err := d.connect(ctx); err != nil {
		db.Close()
		if isNoFile(err) {
			return nil, errors.New("member database: the dsn names no file, or one that this process may not open; it is not created")
		}
		return nil, fmt.Errorf("member database: connect (… is in the dsn): %s", options.masked(err))
	}
	if err := d.try(ctx); err != nil {
		db.Close()
		return nil, fmt.Errorf("member database: try the query: %w", err)
	}
	return d, nil
}

// Close closes the connections, after the lookups that have begun.
func (d *SQL) Close() error { return d.db.Close() }

// Account implements Directory. Its errors contain no value of a row. They don't quote the database
// either, which may quote a row.
func (d *SQL) Account(ctx context.Context, usercode string) (Account, error) {
	if !isAskable(usercode) {
		return Account{}, ErrUnknown
	}
	accounts, err := d.find(ctx, usercode)
	if isForeignText(err) {
		return Account{}, ErrUnknown
	}
	if reason := dataFault(err); reason != "" {
		return Account{}, fmt.Errorf("%w: %w", ErrUnknown, &RowError{"", reason})
	}
	if err != nil {
		return Account{}, fmt.Errorf("member database: %w", err)
	}
	account, err := choose(accounts, usercode)
	if err != nil {
		return Account{}, err
	}
	d.see(account.PasswordHash)
	return account, nil
}

// isAskable reports whether a usercode is a text to ask a database for. Databases refuse NUL and
// broken UTF-8, and for some collations a text of nothing but spaces or invisible characters equals
// an empty column.
func isAskable(usercode string) bool {
	const longest = 1024 // more than an email address
	return utf8.ValidString(usercode) && !token.Blank(usercode) && len(usercode) <= longest &&
		!strings.ContainsFunc(usercode, unicode.IsControl) && token.CheckSpelling(usercode) == nil
}

// choose returns the account of a usercode among those that were found for it.
func choose(accounts []Account, usercode string) (Account, error) {
	if len(accounts) > 1 {
		accounts = slices.DeleteFunc(accounts, func(a Account) bool { return a.UserCode != usercode })
		if len(accounts) != 1 {
			const reason = "is not one member's: the query yields more than one row for it"
			return Account{}, fmt.Errorf("%w: %w", ErrUnknown, &RowError{"usercode", reason})
		}
	}
	if len(accounts) == 0 {
		return Account{}, ErrUnknown
	}
	return accounts[0], nil
}

// withTimeout bounds a lookup.
func (d *SQL) withTimeout(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, d.timeout, fmt.Errorf("no answer within %v", d.timeout))
}

// connect makes the first connection. The error may contain parts of the DSN.
func (d *SQL) connect(ctx context.Context) error {
	ctx, cancel := d.withTimeout(ctx)
	defer cancel()
	if err := d.db.PingContext(ctx); err != nil {
		return driversOwn(failure(ctx, err))
	}
	return nil
}

// try runs the query for a usercode that can't exist: "&" is refused in one (CONTRACT D9).
func (d *SQL) try(ctx context.Context) error {
	accounts, err := d.find(ctx, "nobody & nobody")
	if err != nil {
		return driversOwn(err)
	}
	if len(accounts) > 0 {
		return errors.New("it yields a row for a usercode that nobody has: compare a column with its parameter")
	}
	return nil
}

// find returns the query's first rows as they are. It asks again when its connection was of no use
// any more: the server has ended it, or a column has another type now.
func (d *SQL) find(ctx context.Context, usercode string) ([]Account, error) {
	ctx, cancel := d.withTimeout(ctx)
	defer cancel()
	accounts, err := d.ask(ctx, usercode)
	if isStale(err) {
		d.dropIdle()
		return d.ask(ctx, usercode)
	}
	return accounts, err
}

// dropIdle closes the connections that nobody uses. They are likely to be as old as the one that
// was of no use.
func (d *SQL) dropIdle() {
	d.db.SetMaxIdleConns(0)
	d.db.SetMaxIdleConns(d.maxIdle)
}

// ask runs the query once.
func (d *SQL) ask(ctx context.Context, usercode string) (accounts []Account, err error) {
	const enough = 10 // to find the one whose usercode is exact
	rows, err := d.db.QueryContext(ctx, d.query, usercode)
	if err != nil {
		return nil, failure(ctx, err)
	}
	defer rows.Close()
	columns, err := rows.ColumnTypes()
	if err != nil {
		return nil, failure(ctx, err)
	}
	values, targets, err := scanTargets(columns)
	if err != nil {
		return nil, err
	}
	for len(accounts) < enough && rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			return nil, failure(ctx, err)
		}
		var account Account
		for _, field := range fields {
			if value := values[field.name]; value != nil {
				*field.of(&account) = value.text()
			}
		}
		accounts = append(accounts, account)
	}
	if err := rows.Err(); err != nil {
		return nil, failure(ctx, err)
	}
	return accounts, nil
}

// A column is where rows are scanned into.
type column struct {
	value  sql.NullString
	isChar bool
}

// text returns the value of a row. Spaces at the end of a CHAR column are not part of its value.
func (c *column) text() string {
	if c.isChar {
		return strings.TrimRight(c.value.String, " ")
	}
	return c.value.String
}

// scanTargets returns what to scan the columns into, in their order, and those of them that are
// fields by name. The error says which columns are missing or repeated.
func scanTargets(columns []*sql.ColumnType) (values map[string]*column, targets []any, err error) {
	values = map[string]*column{}
	for _, field := range fields {
		values[field.name] = nil
	}
	var errs []error
	for _, c := range columns {
		name := strings.ToLower(c.Name())
		value, isField := values[name]
		if !isField {
			targets = append(targets, new(any))
			continue
		}
		if value != nil {
			errs = append(errs, fmt.Errorf("column %s is there twice", name))
		}
		kind := c.DatabaseTypeName()
		values[name] = &column{isChar: kind == "CHAR" || kind == "BPCHAR"} // MySQL's, PostgreSQL's
		targets = append(targets, &values[name].value)
	}
	for _, name := range []string{"usercode", "password_hash"} {
		if values[name] == nil {
			errs = append(errs, fmt.Errorf("column %s is missing: name one with AS %s", name, name))
		}
	}
	return values, targets, errors.Join(errs...)
}

// existingFile returns the DSN of a SQLite file that is not created when it is missing. mode=rw
// says so. A path that is no URI becomes one; what follows a "?" are the driver's own options.
func existingFile(dsn string) string {
	if strings.HasPrefix(dsn, ":memory:") {
		return dsn
	}
	path, options, _ := strings.Cut(dsn, "?")
	if uri, ok := strings.CutPrefix(path, "file:"); ok {
		path, _, _ = strings.Cut(uri, "#")
	} else {
		path = strings.NewReplacer("%", "%25", "#", "%23").Replace(path)
	}
	return "file:" + path + "?mode=rw&" + options
}
