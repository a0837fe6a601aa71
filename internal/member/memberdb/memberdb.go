// Package memberdb finds members in a customer's own database: PostgreSQL, MySQL or MariaDB.
package memberdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"ocsso/internal/member"
	"ocsso/internal/token"
)

// Options say where the database is, and bound the load on it. All are required.
type Options struct {
	Driver  string        // "postgres", or "mysql", which is MariaDB too
	DSN     string        // in the driver's form. It may contain a password; errors show no part of it
	Query   string        // see Open
	MaxOpen int           // connections at a time, 1 or more
	Timeout time.Duration // of a lookup, waiting for a connection included
}

// A Database is a member.Directory. It keeps no members: a change in the database counts from the
// next lookup on. Make one with Open; Close it.
type Database struct {
	options        Options
	secrets        secrets // of the DSN
	db             *sql.DB
	log            *slog.Logger
	checked        atomic.Bool // that the query works
	member.Dearest             // of the hashes that came out of the database since the start
}

// Open opens the directory whose members a query finds. The query has one parameter, the usercode
// as text ("$1" in PostgreSQL, "?" in MySQL), and returns the member's row or none:
//
//	SELECT login AS usercode, pw AS password_hash, name AS username, email, phone, id AS memberno
//	FROM customers WHERE login = $1 AND closed_at IS NULL
//
// Columns go by name, in any order and in upper or lower case. usercode and password_hash are
// required; username, email, phone and memberno are optional, and others are ignored. NULL is
// blank. With a column email_verified, the email counts only where member.Verified says so of it. A
// member whose hash is blank can't log in with a password.
//
// The query decides who is found: it may ignore case, or find members by their email. The row's own
// usercode is the member, without the spaces with which a CHAR column pads it. Where several rows
// are found, the one counts whose usercode equals the parameter byte for byte. Cast a number to
// text in the WHERE.
//
// Open runs the query once, for a usercode that nobody can have. When the database isn't there yet,
// Open logs that, and each lookup is an error until the database answers and the query works. Its
// error is an *Error. In errors of connecting, "…" stands for what may be a password.
func Open(ctx context.Context, log *slog.Logger, options Options) (*Database, error) {
	db, password, err := openPool(options)
	hidden := secretsOf(options.DSN, password, err == nil)
	if err != nil {
		return nil, &Error{text: "member database: read the dsn: " + hidden.mask(err), Hint: options.hint(err)}
	}
	db.SetMaxOpenConns(options.MaxOpen)
	db.SetMaxIdleConns(options.MaxOpen)
	db.SetConnMaxIdleTime(time.Minute)
	db.SetConnMaxLifetime(30 * time.Minute) // so that a new server behind the same name gets its share
	d := &Database{options: options, secrets: hidden, db: db, log: log}
	switch err := d.check(ctx); {
	case err == nil:
		return d, nil
	case err.away:
		log.Warn("the member database isn't there yet: logins answer 503 until it is", "error", err, "hint", err.Hint)
		return d, nil
	default:
		db.Close()
		return nil, err
	}
}

// openPool reads the DSN, and returns its password beside the pool. It connects to nothing.
func openPool(options Options) (pool *sql.DB, password string, err error) {
	switch options.Driver {
	case "postgres":
		config, err := pgx.ParseConfig(options.DSN)
		if err != nil {
			return nil, "", err
		}
		if !strings.Contains(options.DSN, "default_query_exec_mode") {
			// pgx would prepare the query on one connection and run it on another behind a pooler
			// such as PgBouncer in transaction mode.
			config.DefaultQueryExecMode = pgx.QueryExecModeExec
		}
		return stdlib.OpenDB(*config), config.Password, nil
	case "mysql":
		config, err := mysql.ParseDSN(options.DSN)
		if err != nil {
			return nil, "", err
		}
		config.Logger = &mysql.NopLogger{} // its errors come back
		connector, err := mysql.NewConnector(config)
		if err != nil {
			return nil, "", err
		}
		return sql.OpenDB(connector), config.Passwd, nil
	}
	return nil, "", fmt.Errorf("driver is %q, not postgres or mysql", options.Driver)
}

// Close closes the connections, after the lookups that have begun.
func (d *Database) Close() error { return d.db.Close() }

// Account implements member.Directory. Its errors contain no value of a row. They don't quote the
// database either, which may quote a row.
func (d *Database) Account(ctx context.Context, usercode string) (member.Account, error) {
	if !d.checked.Load() {
		if err := d.check(ctx); err != nil {
			return member.Account{}, err
		}
		d.log.Info("the member database is there")
	}
	if !isAskable(usercode) {
		return member.Account{}, member.ErrUnknown
	}
	accounts, err := d.find(ctx, usercode)
	postgres, isPostgres := errors.AsType[*pgconn.PgError](err)
	mariadb, isMariaDB := errors.AsType[*mysql.MySQLError](err)
	switch {
	case isMariaDB && mariadb.Number == 1267:
		// "Illegal mix of collations": the usercode has characters that the column can't hold.
		return member.Account{}, member.ErrUnknown
	case isPostgres && strings.HasPrefix(postgres.Code, "22"):
		// A value of this row, or the usercode: one member's row is no outage.
		return member.Account{}, fmt.Errorf("%w: %w", member.ErrUnknown, &member.RowError{Reason: "the query fails on it: " + quiet(err).Error()})
	case err != nil:
		return member.Account{}, fmt.Errorf("member database: %w", quiet(err))
	}
	account, err := choose(accounts, usercode)
	if err != nil {
		return member.Account{}, err
	}
	d.See(account.PasswordHash)
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
func choose(accounts []member.Account, usercode string) (member.Account, error) {
	if len(accounts) > 1 {
		accounts = slices.DeleteFunc(accounts, func(a member.Account) bool { return a.UserCode != usercode })
		if len(accounts) != 1 {
			const reason = "is not one member's: the query yields more than one row for it"
			return member.Account{}, fmt.Errorf("%w: %w", member.ErrUnknown, &member.RowError{Column: "usercode", Reason: reason})
		}
	}
	if len(accounts) == 0 {
		return member.Account{}, member.ErrUnknown
	}
	return accounts[0], nil
}

// check connects and tries the query for a usercode that can't exist: "&" is refused in one
// (D9). A query that finds somebody there would log anybody in as that member.
func (d *Database) check(ctx context.Context) *Error {
	ctx, cancel := d.bounded(ctx)
	defer cancel()
	if err := reason(ctx, d.db.PingContext(ctx)); err != nil {
		return &Error{text: "member database: connect: " + d.secrets.mask(err), Hint: d.options.hint(err), away: isAway(err)}
	}
	const doing = "member database: try the query: "
	accounts, err := d.find(ctx, "nobody & nobody")
	switch {
	case isAway(err):
		return &Error{text: doing + d.secrets.mask(err), Hint: d.options.hint(err), away: true}
	case err == nil && len(accounts) > 0:
		err = errors.New("it yields a row for a usercode that nobody has: compare a column with its parameter")
	}
	if err != nil {
		return &Error{text: doing + err.Error(), Hint: d.options.queryHint(), OfQuery: true}
	}
	d.checked.Store(true)
	return nil
}

// bounded bounds a lookup.
func (d *Database) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, d.options.Timeout, timeoutError(d.options.Timeout))
}

// find returns the query's first rows as they are. It asks again when its connection was of no use
// any more: the server has ended it, say. The error is the driver's.
func (d *Database) find(ctx context.Context, usercode string) ([]member.Account, error) {
	ctx, cancel := d.bounded(ctx)
	defer cancel()
	accounts, err := d.ask(ctx, usercode)
	if ctx.Err() == nil && isAway(err) {
		// The unused connections are likely to be as old as this one: close them.
		d.db.SetMaxIdleConns(0)
		d.db.SetMaxIdleConns(d.options.MaxOpen)
		accounts, err = d.ask(ctx, usercode)
	}
	return accounts, reason(ctx, err)
}

// ask runs the query once.
func (d *Database) ask(ctx context.Context, usercode string) (accounts []member.Account, err error) {
	const enough = 10 // to find the one whose usercode is exact
	rows, err := d.db.QueryContext(ctx, d.options.Query, usercode)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	columns, err := rows.ColumnTypes()
	if err != nil {
		return nil, err
	}
	if err := checkColumns(columns); err != nil {
		return nil, &Error{text: err.Error(), OfQuery: true}
	}
	values, targets := make([]sql.NullString, len(columns)), make([]any, len(columns))
	for i := range values {
		targets[i] = &values[i]
	}
	for len(accounts) < enough && rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			return nil, err
		}
		var account member.Account
		unverified := false
		for i, column := range columns {
			text := values[i].String
			if kind := column.DatabaseTypeName(); kind == "CHAR" || kind == "BPCHAR" { // MySQL's, PostgreSQL's
				text = strings.TrimRight(text, " ") // the padding is not part of the value
			}
			if field := fieldOf(&account, column); field != nil {
				*field = text
			}
			isClaim := strings.EqualFold(column.Name(), "email_verified")
			unverified = unverified || isClaim && !member.Verified(text)
		}
		if unverified { // the help center merges customers by email
			account.Email = ""
		}
		accounts = append(accounts, account)
	}
	return accounts, rows.Err()
}

// fieldOf returns the field of an account that a column has, or nil.
func fieldOf(a *member.Account, column *sql.ColumnType) *string {
	for _, field := range a.Columns() {
		if string(field.Name) == strings.ToLower(column.Name()) {
			return field.Value
		}
	}
	return nil
}

// checkColumns says which columns are missing or repeated.
func checkColumns(columns []*sql.ColumnType) error {
	var errs []error
	seen := map[string]bool{}
	for _, column := range columns {
		name := strings.ToLower(column.Name())
		if seen[name] && fieldOf(&member.Account{}, column) != nil {
			errs = append(errs, fmt.Errorf("column %s is there twice", name))
		}
		seen[name] = true
	}
	for _, name := range []string{"usercode", "password_hash"} {
		if !seen[name] {
			errs = append(errs, fmt.Errorf("column %s is missing: name one with AS %s", name, name))
		}
	}
	return errors.Join(errs...)
}
