package member

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"ocsso/internal/password"
	"ocsso/internal/token"
)

// SQLOptions say where the members are and how hard their database may be asked. All but MaxIdle and ConnLifetime are
// required.
type SQLOptions struct {
	Driver string // "sqlite", "postgres" or "mysql", which is MariaDB too
	DSN    string // as that driver has it; it may hold a password, and errors show no part of it
	Query  string // see OpenSQL

	MaxOpen      int           // connections at a time, 1 or more
	MaxIdle      int           // connections that are kept while nobody asks; 0 keeps none
	ConnLifetime time.Duration // of a connection, however busy; 0 is for ever
	Timeout      time.Duration // of a lookup, from waiting for a connection to the last row
}

// drivers are the names under which database/sql knows the drivers. Main links them in: this package imports none.
var drivers = map[string]string{"sqlite": "sqlite", "postgres": "pgx", "mysql": "mysql"}

// check returns what is wrong with the options by themselves.
func (o SQLOptions) check() error {
	name, ok := drivers[o.Driver]
	switch {
	case !ok:
		return fmt.Errorf("driver is %q, not sqlite, postgres or mysql", o.Driver)
	case !slices.Contains(sql.Drivers(), name):
		return fmt.Errorf("driver %s is not linked into this program", o.Driver)
	case o.Query == "":
		return errors.New("query is missing")
	case o.MaxOpen < 1:
		return errors.New("not even one connection may be open")
	case o.Timeout <= 0:
		return errors.New("timeout is not above 0")
	}
	return nil
}

// SQL is a directory in a database of the customer's. It keeps no members: what changes in the database counts from the
// next lookup on. Make one with OpenSQL; Close it.
type SQL struct {
	db        *sql.DB
	query     string
	timeout   time.Duration
	decoyHash atomic.Pointer[string] // costs as much as the last hash that came out of the database
}

// OpenSQL opens the directory that a query finds members with. The query has one parameter, the usercode as text ("$1"
// in PostgreSQL, "?" elsewhere), and yields the member's row or none:
//
//	SELECT login AS usercode, pw AS password_hash, name AS username, email, phone, id AS memberno
//	FROM customers WHERE login = $1 AND closed_at IS NULL
//
// Columns go by name, in any order and upper or lower case. usercode and password_hash have to be there; username,
// email, phone and memberno may be left out, others are ignored. NULL is blank, and a member whose hash is blank can't
// log in with a password. A row counts only when its usercode is the one asked for, byte for byte, whatever the
// database's collation takes for equal: trim a CHAR column, and cast a number to text, in the row and in WHERE.
//
// OpenSQL asks once, for a usercode that nobody can have, so a database out of reach, a query that doesn't work and a
// column that is missing or there twice are its errors. Connecting and asking take the timeout each at most. In errors
// of connecting, "…" stands for whatever is in the DSN.
func OpenSQL(ctx context.Context, options SQLOptions) (*SQL, error) {
	if err := options.check(); err != nil {
		return nil, fmt.Errorf("member database: %w", err)
	}
	db, err := sql.Open(drivers[options.Driver], options.DSN)
	if err != nil {
		return nil, fmt.Errorf("member database: read the dsn (… is in it): %s", options.masked(err))
	}
	db.SetMaxOpenConns(options.MaxOpen)
	db.SetMaxIdleConns(options.MaxIdle)
	db.SetConnMaxLifetime(options.ConnLifetime)
	d := &SQL{db: db, query: options.Query, timeout: options.Timeout}
	d.remember("")
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

// Close ends the connections, after the lookups that have begun.
func (d *SQL) Close() error { return d.db.Close() }

// Account implements Directory. No error holds a value of a row, nor words of the database that might.
func (d *SQL) Account(ctx context.Context, usercode string) (Account, error) {
	if token.CheckField(token.FieldUserCode, usercode) != nil {
		return Account{}, d.unknown() // no row would count, and databases stumble over NUL and broken UTF-8
	}
	account, err := d.find(ctx, usercode)
	if errors.Is(err, ErrUnknown) || err == nil && account.UserCode != usercode {
		return Account{}, d.unknown()
	}
	if err != nil {
		return Account{}, fmt.Errorf("member database: %w", err)
	}
	if account.PasswordHash == "" {
		account.PasswordHash = *d.decoyHash.Load() // as much work as for the others, and no password fits
	}
	if err := columnFaults(account); err != nil {
		return Account{}, fmt.Errorf("member database: %w", err)
	}
	d.remember(account.PasswordHash)
	return account, nil
}

// unknown is ErrUnknown with the work that the last member known took.
func (d *SQL) unknown() error { return unknownError{*d.decoyHash.Load()} }

// remember keeps a decoy of a hash, or the standard decoy for "".
func (d *SQL) remember(hash string) {
	decoy := password.Decoy(hash)
	d.decoyHash.Store(&decoy)
}

// within bounds a lookup.
func (d *SQL) within(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, d.timeout, fmt.Errorf("no answer within %v", d.timeout))
}

// connect makes the first connection. The error may hold parts of the DSN.
func (d *SQL) connect(ctx context.Context) error {
	ctx, cancel := d.within(ctx)
	defer cancel()
	if err := d.db.PingContext(ctx); err != nil {
		return ownWords(failure(ctx, err))
	}
	return nil
}

// try asks for someone who can't exist: "&" is refused in a usercode (PROTOCOL D9). A right answer is no row.
func (d *SQL) try(ctx context.Context) error {
	_, err := d.find(ctx, "nobody & nobody")
	switch {
	case errors.Is(err, ErrUnknown):
		return nil
	case err == nil:
		return errors.New("it yields a row for a usercode that nobody has: compare a column with its parameter")
	}
	return ownWords(err)
}

// find returns the row that the query yields as it stands there, or ErrUnknown when it yields none.
func (d *SQL) find(ctx context.Context, usercode string) (Account, error) {
	ctx, cancel := d.within(ctx)
	defer cancel()
	rows, err := d.db.QueryContext(ctx, d.query, usercode)
	if err != nil {
		return Account{}, failure(ctx, err)
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return Account{}, failure(ctx, err)
	}
	row, err := newRow(names)
	if err != nil {
		return Account{}, err
	}
	if !rows.Next() {
		if err := rows.Err(); err != nil {
			return Account{}, failure(ctx, err)
		}
		return Account{}, ErrUnknown
	}
	if err := rows.Scan(row.targets...); err != nil {
		return Account{}, failure(ctx, err)
	}
	if rows.Next() {
		return Account{}, errors.New("the query yields more than one row for a usercode")
	}
	if err := rows.Err(); err != nil {
		return Account{}, failure(ctx, err)
	}
	return row.account(), nil
}
