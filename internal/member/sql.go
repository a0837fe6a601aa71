package member

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"ocsso/internal/password"
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
	db        *sql.DB
	query     string
	timeout   time.Duration
	decoyHash atomic.Pointer[string] // costs as much as the last hash that came out of the database
}

// OpenSQL opens the directory whose members a query finds. The query has one parameter, the
// usercode as text ("$1" in PostgreSQL, "?" elsewhere), and returns the member's row or none:
//
//	SELECT login AS usercode, pw AS password_hash, name AS username, email, phone, id AS memberno
//	FROM customers WHERE login = $1 AND closed_at IS NULL
//
// Columns go by name, in any order and in upper or lower case. usercode and password_hash are
// required; username, email, phone and memberno are optional, and others are ignored. NULL is
// blank. A member whose hash is blank can't log in with a password. A row counts only when its
// usercode equals the one asked for byte for byte, whatever the database's collation says: trim a
// CHAR column, and cast a number to text, in the row and in WHERE.
//
// OpenSQL runs the query once, for a usercode that nobody can have. Its errors therefore include a
// database out of reach, a query that doesn't work, and a missing or repeated column. Connecting
// and the query take at most the timeout each. In errors of connecting, "…" stands for parts of the
// DSN.
func OpenSQL(ctx context.Context, options SQLOptions) (*SQL, error) {
	driver, ok := drivers[options.Driver]
	if !ok {
		return nil, fmt.Errorf("member database: driver is %q, not sqlite, postgres or mysql", options.Driver)
	}
	db, err := sql.Open(driver, options.DSN)
	if err != nil {
		return nil, fmt.Errorf("member database: read the dsn (… is in it): %s", options.masked(err))
	}
	db.SetMaxOpenConns(options.MaxOpen)
	db.SetMaxIdleConns(options.MaxIdle)
	db.SetConnMaxLifetime(options.ConnLifetime)
	d := &SQL{db: db, query: options.Query, timeout: options.Timeout}
	d.setDecoy("")
	if err := d.connect(ctx); err != nil {
		db.Close()
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
	if token.CheckField(token.FieldUserCode, usercode) != nil {
		return Account{}, unknownError{*d.decoyHash.Load()} // databases refuse NUL and broken UTF-8
	}
	account, err := d.find(ctx, usercode)
	if errors.Is(err, ErrUnknown) || err == nil && account.UserCode != usercode {
		return Account{}, unknownError{*d.decoyHash.Load()}
	}
	if err != nil {
		return Account{}, fmt.Errorf("member database: %w", err)
	}
	if account.PasswordHash == "" {
		account.PasswordHash = *d.decoyHash.Load()
	}
	if err := columnFaults(account); err != nil {
		return Account{}, fmt.Errorf("member database: %w", err)
	}
	d.setDecoy(account.PasswordHash)
	return account, nil
}

func (d *SQL) setDecoy(hash string) {
	decoy := password.Decoy(hash)
	d.decoyHash.Store(&decoy)
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

// try runs the query for a usercode that can't exist: "&" is refused in one (PROTOCOL D9).
func (d *SQL) try(ctx context.Context) error {
	_, err := d.find(ctx, "nobody & nobody")
	switch {
	case errors.Is(err, ErrUnknown):
		return nil
	case err == nil:
		return errors.New("it yields a row for a usercode that nobody has: compare a column with its parameter")
	}
	return driversOwn(err)
}

// find returns the query's row as it is, or ErrUnknown when there is none.
func (d *SQL) find(ctx context.Context, usercode string) (Account, error) {
	ctx, cancel := d.withTimeout(ctx)
	defer cancel()
	rows, err := d.db.QueryContext(ctx, d.query, usercode)
	if err != nil {
		return Account{}, failure(ctx, err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return Account{}, failure(ctx, err)
	}
	values, targets, err := scanTargets(columns)
	if err != nil {
		return Account{}, err
	}
	found := false
	for rows.Next() {
		if found {
			return Account{}, errors.New("the query yields more than one row for a usercode")
		}
		found = true
		if err := rows.Scan(targets...); err != nil {
			return Account{}, failure(ctx, err)
		}
	}
	if err := rows.Err(); err != nil {
		return Account{}, failure(ctx, err)
	}
	if !found {
		return Account{}, ErrUnknown
	}
	var account Account
	for _, field := range fields {
		if value := values[field.name]; value != nil {
			*field.of(&account) = value.String
		}
	}
	return account, nil
}

// scanTargets returns what to scan the columns into, in their order, and those of them that are
// fields by name. The error says which columns are missing or repeated.
func scanTargets(columns []string) (values map[string]*sql.NullString, targets []any, err error) {
	values = map[string]*sql.NullString{}
	for _, field := range fields {
		values[field.name] = nil
	}
	var errs []error
	for _, name := range columns {
		name = strings.ToLower(name)
		value, isField := values[name]
		if !isField {
			targets = append(targets, new(any))
			continue
		}
		if value != nil {
			errs = append(errs, fmt.Errorf("column %s is there twice", name))
		}
		values[name] = new(sql.NullString)
		targets = append(targets, values[name])
	}
	for _, name := range []string{"usercode", "password_hash"} {
		if values[name] == nil {
			errs = append(errs, fmt.Errorf("column %s is missing: name one with AS %s", name, name))
		}
	}
	return values, targets, errors.Join(errs...)
}

// columnFaults returns an error when an account can't be used. It names the columns and contains no
// values.
func columnFaults(account Account) error {
	var errs []error
	for _, field := range fields {
		if fault, _ := field.fault(*field.of(&account)); fault != "" {
			errs = append(errs, fmt.Errorf("column %s %s", field.name, fault))
		}
	}
	return errors.Join(errs...)
}
