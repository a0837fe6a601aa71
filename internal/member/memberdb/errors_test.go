package memberdb_test

import (
	"bytes"
	"errors"
	"log/slog"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"ocsso/internal/member"
	"ocsso/internal/member/memberdb"
	"ocsso/internal/member/memberdb/postgrestest"

	"github.com/go-sql-driver/mysql"
)

// TestOpenSaysWhatIsWrongAndWhatToDo: an error names host, user and database, hides the password
// alone, and has a hint that follows the cause. The log says it of a database that may come later.
func TestOpenSaysWhatIsWrongAndWhatToDo(t *testing.T) {
	const (
		query  = "SELECT 'a' AS usercode, '' AS password_hash WHERE $1 = ''"
		hello  = "postgres://app:Qz7wX9vKpL@127.0.0.1:1/shop"
		where  = " FROM ocsso_test_people WHERE login = $1"
		byName = "usercode and password_hash by name"

		ofQuery, ofDSN, later = "of the query", "of the DSN", "that it may come later"
	)
	s, pool, mysqlDSN := newShop(t, postgres(), postgres().exact), server.Pool(t), os.Getenv("OCSSO_TEST_MYSQL_DSN")
	s.add(t, kim())
	other := func(dsn, old, changed string) string { return strings.Replace(dsn, old, changed, 1) }
	for _, test := range []struct{ name, driver, dsn, query, kind, says, hint string }{
		{"no SQL", "postgres", s.dsn, "hello", ofQuery, "syntax error", byName},
		{"no such table", "postgres", s.dsn, "SELECT * FROM people WHERE id = $1", ofQuery, `relation "people" does not exist`, byName},
		{"no usercode", "postgres", s.dsn, "SELECT pw AS password_hash" + where, ofQuery, "column usercode is missing: name one with AS usercode", byName},
		{"no hash", "postgres", s.dsn, "SELECT login AS usercode" + where, ofQuery, "column password_hash is missing: name one with AS password_hash", byName},
		{"a column twice", "postgres", s.dsn, "SELECT login AS usercode, pw AS password_hash, mail AS email, mobile AS Email" + where, ofQuery, "column email is there twice", byName},
		{
			"all of these at once", "postgres", s.dsn, "SELECT mail AS email, mobile AS email" + where, ofQuery,
			"column email is there twice\ncolumn usercode is missing: name one with AS usercode\ncolumn password_hash is missing: name one with AS password_hash", byName,
		},
		{"no such column of MariaDB", "mysql", mysqlDSN, "SELECT fullname AS usercode FROM information_schema.tables WHERE table_name = ?", ofQuery, "fullname", byName},
		{"two parameters", "postgres", s.dsn, "SELECT login AS usercode, pw AS password_hash" + where + " AND mail = $2", ofQuery, "requires 2", byName},
		{"no parameter", "postgres", s.dsn, "SELECT login AS usercode, pw AS password_hash FROM ocsso_test_people", ofQuery, "requires 0", byName},
		{
			"a parameter that doesn't count", "postgres", s.dsn, "SELECT login AS usercode, pw AS password_hash" + where + " OR 1 = 1", ofQuery,
			"it yields a row for a usercode that nobody has: compare a column with its parameter", byName,
		},
		{"MySQL's parameter", "postgres", s.dsn, other(query, "$1", "?"), ofQuery, "syntax error", "write $1"},

		{"another driver", "oracle", "", query, ofDSN, `driver is "oracle", not postgres or mysql`, "write members.sql.dsn as"},
		{"no DSN", "postgres", "hello", query, ofDSN, "cannot parse", "write members.sql.dsn as postgres://"},
		{"no DSN for MySQL", "mysql", "hello", query, ofDSN, "invalid DSN", "write members.sql.dsn as user:password@tcp"},
		{"no port", "mysql", "u:p@tcp(127.0.0.1:99999)/shop", query, ofDSN, "invalid port", "host and port"},
		{"a wrong password", "postgres", other(s.dsn, postgrestest.Password, "Qz7wX9vKpL"), query, ofDSN, `password authentication failed for user "ocsso"`, "user and password"},
		{"a wrong user", "postgres", other(s.dsn, "ocsso:", "nobody:"), query, ofDSN, "authentication failed", "user and password"},
		{"another database", "postgres", other(s.dsn, "/postgres", "/nowhere"), query, ofDSN, `"nowhere" does not exist`, "name of the database"},
		{"TLS", "postgres", other(s.dsn, "disable", "require"), query, ofDSN, "refused TLS", "sslmode"},
		{"a wrong password for PgBouncer", "postgres", other(pool, postgrestest.Password, "Qz7wX9vKpL"), query, ofDSN, "authentication failed", "user and password"},
		{"another database of PgBouncer", "postgres", other(pool, "/postgres", "/nowhere"), query, ofDSN, "no such database", "name of the database"},
		{"a wrong user of MariaDB", "mysql", other(mysqlDSN, "root@", "nobody:wrong@"), query, ofDSN, "Access denied", "user and password"},
		{"another database of MariaDB", "mysql", mysqlDSN + "_nowhere", query, ofDSN, "Error 1049", "name of the database"},
		{"MySQL's form", "postgres", "app:Qz7wX9vKpL@tcp(db:3306)/shop", query, ofDSN, "cannot parse", "driver to mysql"},
		{"MySQL's form without a host", "postgres", "app:Qz7wX9vKpL@/shop", query, ofDSN, "cannot parse", "driver to mysql"},
		{"PostgreSQL's form", "mysql", "postgres://app:Qz7wX9vKpL@db.example.com/shop", query, ofDSN, "db.example.com", "driver to postgres"},
		{"PostgreSQL's other form", "mysql", "host=db user=app password=Qz7wX9vKpL", query, ofDSN, "invalid DSN", "driver to postgres"},
		{"a URL for MySQL", "mysql", "mysql://app:Qz7wX9vKpL@db:3306/shop", query, ofDSN, "db:3306", "without a scheme"},
		{"a password with a slash", "postgres", "postgres://app:Qz7w/X9vKpL@db/shop", query, ofDSN, "invalid port", "/ is %2F"},

		{"nobody listens", "postgres", hello, query, later, "127.0.0.1:1", "host and port"},
		{"nobody listens for MySQL", "mysql", "app:Qz7wX9vKpL@tcp(127.0.0.1:1)/shop", query, later, "dial tcp 127.0.0.1:1: connect: connection refused", "host and port"},
		{"no such host", "postgres", other(hello, "127.0.0.1:1", "db.invalid"), query, later, "db.invalid", "host and port"},
	} {
		if mysqlDSN == "" && strings.Contains(test.name, "MariaDB") {
			continue // there is none: see onEachEngine
		}
		var log bytes.Buffer
		dir, err := memberdb.Open(t.Context(), slog.New(slog.NewTextHandler(&log, nil)), memberdb.Options{
			Driver: test.driver, DSN: test.dsn, Query: test.query, MaxOpen: 1, Timeout: time.Minute,
		})
		said, kind := log.String(), later
		var fault *memberdb.Error
		switch {
		case err == nil:
			dir.Close()
		case dir != nil || !errors.As(err, &fault) || !strings.HasPrefix(err.Error(), "member database: ") ||
			fault.OfQuery != strings.HasPrefix(err.Error(), "member database: try the query: "):
			t.Errorf("%s: got %v beside the error %v, want one of the member database alone", test.name, dir, err)
		default:
			said, kind = err.Error()+fault.Hint, map[bool]string{true: ofQuery, false: ofDSN}[fault.OfQuery]
		}
		said = strings.ReplaceAll(said, `\"`, `"`)
		if kind != test.kind || !strings.Contains(said, test.says) || !strings.Contains(said, test.hint) {
			t.Errorf("%s: got an error %s: %s, want one %s with %q and a hint with %q", test.name, kind, said, test.kind, test.says, test.hint)
		}
		for _, part := range []string{"Qz7w", "X9vKpL", postgrestest.Password} {
			if strings.Contains(said, part) {
				t.Errorf("%s: %s has %q", test.name, said, part)
			}
		}
	}
}

// TestADatabaseMayComeLater: after a reboot, say, it starts at the same time as this server.
func TestADatabaseMayComeLater(t *testing.T) {
	late := postgrestest.Create(t)
	var log bytes.Buffer
	open := func(query string) *memberdb.Database {
		options := memberdb.Options{Driver: "postgres", DSN: late.DSN(), Query: query, MaxOpen: 4, Timeout: time.Minute}
		dir, err := memberdb.Open(t.Context(), slog.New(slog.NewTextHandler(&log, nil)), options)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { dir.Close() })
		return dir
	}
	dir := open("SELECT 'kim' AS usercode, '!' AS password_hash WHERE $1 = 'kim'")
	wrong := open("SELECT 'kim' AS usercode, '!' AS password_hash WHERE $1 <> ''")
	if got := log.String(); strings.Count(got, "level=WARN") != 2 || !strings.Contains(got, "isn't there yet") || !strings.Contains(got, "connection refused") {
		t.Errorf("got log %q, want two warnings that the database isn't there yet", got)
	}
	if strings.Contains(log.String(), postgrestest.Password) {
		t.Errorf("the log %q has the password", log.String())
	}
	if _, err := dir.Account(t.Context(), "kim"); err == nil || errors.Is(err, member.ErrUnknown) || !strings.Contains(err.Error(), "connection refused") {
		t.Errorf("before it is there: got error %v, want one that is not ErrUnknown", err)
	}
	if err := late.Run(); err != nil {
		t.Fatal(err)
	}
	if got, err := dir.Account(t.Context(), "kim"); got.UserCode != "kim" || err != nil {
		t.Errorf("when it is there: got %+v and error %v, want kim", got, err)
	}
	if got := log.String(); strings.Count(got, "is there") != 1 {
		t.Errorf("got log %q, want one line that says that the database is there", got)
	}
	for range 2 { // it would let anybody in as kim
		if got, err := wrong.Account(t.Context(), "jiu"); got.UserCode != "" || err == nil || !strings.Contains(err.Error(), "yields a row for a usercode that nobody has") {
			t.Errorf("a query that can't be right: got %+v and error %v, want an error that says why", got, err)
		}
	}
	late.Stop()
	if _, err := dir.Account(t.Context(), "kim"); err == nil || errors.Is(err, member.ErrUnknown) {
		t.Errorf("when it is gone: got error %v, want one that is not ErrUnknown", err)
	}
	if err := late.Run(); err != nil {
		t.Fatal(err)
	}
	if got, err := dir.Account(t.Context(), "kim"); got.UserCode != "kim" || err != nil {
		t.Errorf("when it is there again: got %+v and error %v, want kim", got, err)
	}
}

// TestMembersBehindAPooler: PgBouncer in transaction mode gives each statement another connection,
// which doesn't know a query that was prepared on the one before.
func TestMembersBehindAPooler(t *testing.T) {
	s := newShop(t, postgres(), postgres().exact)
	s.add(t, kim())
	options := s.options()
	options.DSN, options.MaxOpen = server.Pool(t), 10
	dir := open(t, options)
	for range 5 {
		useAllConnections(t, dir, options)
	}
}

func TestADSNMayChooseHowPgxAsks(t *testing.T) {
	s := newShop(t, postgres(), postgres().exact)
	s.add(t, kim())
	options := s.options()
	options.DSN += "&default_query_exec_mode=cache_statement"
	options.MaxOpen = 1
	options.Query = "SELECT login AS usercode, (SELECT count(*) FROM pg_prepared_statements) AS phone, pw AS password_hash FROM ocsso_test_people WHERE login = $1"
	if got, err := open(t, options).Account(t.Context(), "kim"); got.Phone != "1" || err != nil {
		t.Errorf("got %s prepared queries and error %v, want 1", got.Phone, err)
	}
	options.DSN = s.dsn
	if got, err := open(t, options).Account(t.Context(), "kim"); got.Phone != "0" || err != nil {
		t.Errorf("by default: got %s prepared queries and error %v, want 0", got.Phone, err)
	}
}

func TestOpenNeverShowsThePassword(t *testing.T) {
	for _, test := range []struct{ driver, dsn string }{
		{"postgres", "postgres://app:Qz7wX9vKpL@127.0.0.1:1/shop?sslmode=disable"},
		{"postgres", "postgres://app:Qz7w@X9vKpL@127.0.0.1:1/shop"},
		{"postgres", "postgres://app:Qz7w/X9vKpL@127.0.0.1:1/shop"},
		{"postgres", "postgres://app:Qz7w%X9vKpL@127.0.0.1:1/shop"},
		{"postgres", "postgres://app:Qz7w?X9vKpL@127.0.0.1:1/shop"},
		{"postgres", "postgres://app:Qz7w#X9vKpL@127.0.0.1:1/shop"},
		{"postgres", "postgres://app:Qz7w:X9vKpL@127.0.0.1:1/shop"},
		{"postgres", "postgres://app@127.0.0.1:1/shop?password=Qz7wX9vKpL&sslmode=never"},
		{"postgres", "host=127.0.0.1 port=1 user=app password=Qz7wX9vKpL"},
		{"postgres", "host=127.0.0.1 port=1 user=app password=Qz7w X9vKpL"},
		{"postgres", "host=127.0.0.1 port=1 user=app password='Qz7w X9vKpL"},
		{"postgres", "app:Qz7wX9vKpL@tcp(127.0.0.1:1)/shop"},
		{"mysql", "app:Qz7wX9vKpL@tcp(127.0.0.1:1)/shop"},
		{"mysql", "app:Qz7w@X9vKpL@tcp(127.0.0.1:1)/shop"},
		{"mysql", "app:Qz7w/X9vKpL@tcp(127.0.0.1:1)"},
		{"mysql", "app:Qz7w(X9vKpL@tcp(127.0.0.1:1)/shop"},
		{"mysql", "app:Qz7wX9vKpL/shop"},
		{"mysql", "Qz7wX9vKpL"},
		{"mysql", "app:p@tcp(127.0.0.1:1)/shop?tls=Qz7wX9vKpL"},
		{"mysql", "postgres://app:Qz7wX9vKpL@127.0.0.1:1/shop"},
	} {
		var log bytes.Buffer
		dir, err := memberdb.Open(t.Context(), slog.New(slog.NewTextHandler(&log, nil)), memberdb.Options{
			Driver: test.driver, DSN: test.dsn, Query: "SELECT 1", MaxOpen: 1, Timeout: time.Minute,
		})
		if err == nil { // nobody listens on the port
			_, err = dir.Account(t.Context(), "kim")
			dir.Close()
		}
		if err == nil {
			t.Errorf("%s, %s: got no error", test.driver, test.dsn)
			continue
		}
		for _, part := range []string{"Qz7w", "X9vKpL"} {
			if said := err.Error() + log.String(); strings.Contains(said, part) {
				t.Errorf("%s, %s: %q has %q", test.driver, test.dsn, said, part)
			}
		}
	}
}

func TestOpenDoesNotWaitForASilentDatabase(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close() // it listens and never accepts: a connection comes about, and nothing more
	for driver, dsn := range map[string]string{
		"postgres": "postgres://app@" + silent.Addr().String() + "/shop?sslmode=disable",
		"mysql":    "app@tcp(" + silent.Addr().String() + ")/shop",
	} {
		dir, err := memberdb.Open(t.Context(), slog.New(slog.DiscardHandler), memberdb.Options{
			Driver: driver, DSN: dsn, Query: "SELECT 1", MaxOpen: 1, Timeout: 50 * time.Millisecond,
		})
		if err != nil {
			t.Errorf("%s: %v", driver, err)
			continue
		}
		_, err = dir.Account(t.Context(), "kim")
		if want := "member database: connect: no answer within 50ms"; err == nil || err.Error() != want {
			t.Errorf("%s: got error %v, want %q", driver, err, want)
		}
		dir.Close()
	}
}

func TestDatabaseBoundsALookup(t *testing.T) {
	s := newShop(t, postgres(), postgres().exact)
	s.add(t, kim())
	options := s.options()
	options.Timeout = time.Second
	options.Query = `SELECT login AS usercode, pw AS password_hash, pg_sleep(3600)::text AS phone FROM ocsso_test_people WHERE login = $1`
	dir := open(t, options)
	_, err := dir.Account(t.Context(), "kim")
	if want := "member database: no answer within 1s"; err == nil || err.Error() != want {
		t.Errorf("got error %v, want %q", err, want)
	}
	if _, err := dir.Account(t.Context(), "lee"); !errors.Is(err, member.ErrUnknown) {
		t.Errorf("somebody else afterwards: got error %v, want ErrUnknown", err)
	}
}

func TestDatabaseWorksAgainWhenTheDatabaseDoes(t *testing.T) {
	onEachEngine(t, func(t *testing.T, e engine) {
		s := newShop(t, e, e.exact)
		s.add(t, kim())
		dir := open(t, s.options())
		s.exec(t, "ALTER TABLE ocsso_test_people RENAME TO ocsso_test_gone")
		t.Cleanup(func() { s.db.Exec("DROP TABLE ocsso_test_gone") })
		_, err := dir.Account(t.Context(), "kim")
		want := map[string]string{
			"postgres": "member database: it answers with SQLSTATE 42P01",
			"mysql":    "member database: it answers with MySQL's Error 1146 (42S02)",
		}[e.name]
		if err == nil || err.Error() != want || errors.Is(err, member.ErrUnknown) {
			t.Errorf("got error %v, want %q", err, want)
		}
		s.exec(t, "ALTER TABLE ocsso_test_gone RENAME TO ocsso_test_people")
		if got, err := dir.Account(t.Context(), "kim"); got != kim() || err != nil {
			t.Errorf("afterwards got %+v and error %v, want %+v", got, err, kim())
		}
	})
}

// MySQL doesn't refuse to cast.
func TestDatabaseHidesQuotedValues(t *testing.T) {
	s := newShop(t, postgres(), postgres().exact)
	options := s.options()
	options.Query = strings.Replace(options.Query, "mobile", "CAST(mobile AS INTEGER)", 1)
	dir := open(t, options)
	secret := kim()
	secret.Phone = "secret"
	s.add(t, secret)
	_, err := dir.Account(t.Context(), "kim")
	var row *member.RowError // one row's fault is no outage
	if want := "the query fails on it: it answers with SQLSTATE 22P02"; !errors.Is(err, member.ErrUnknown) || !errors.As(err, &row) || row.Error() != want {
		t.Errorf("got error %v, want an ErrUnknown that says %q", err, want)
	}
	if strings.Contains(err.Error(), "secret") {
		t.Errorf("the error %q has the value", err)
	}
}

func TestDatabaseReplacesBrokenConnections(t *testing.T) {
	onEachEngine(t, func(t *testing.T, e engine) {
		s := newShop(t, e, e.exact)
		s.add(t, kim())
		dir := open(t, s.options())
		useAllConnections(t, dir, s.options())
		endOtherConnections(t, s)
		if got, err := dir.Account(t.Context(), "kim"); got != kim() || err != nil {
			t.Errorf("the first lookup: got %+v and error %v, want %+v", got, err, kim())
		}
	})
}

// TestDatabaseFollowsAChangeOfTheTable: PostgreSQL refuses a prepared query whose columns have other
// types now ("cached plan must not change result type").
func TestDatabaseFollowsAChangeOfTheTable(t *testing.T) {
	onEachEngine(t, func(t *testing.T, e engine) {
		s := newShop(t, e, e.exact)
		s.add(t, kim())
		dir := open(t, s.options())
		useAllConnections(t, dir, s.options())
		s.exec(t, map[string]string{
			"postgres": "ALTER TABLE ocsso_test_people ALTER COLUMN mail TYPE TEXT, ALTER COLUMN customer_no TYPE BIGINT",
			"mysql":    "ALTER TABLE ocsso_test_people MODIFY mail TEXT, MODIFY customer_no BIGINT",
		}[e.name])
		if got, err := dir.Account(t.Context(), "kim"); got != kim() || err != nil {
			t.Errorf("the first lookup: got %+v and error %v, want %+v", got, err, kim())
		}
	})
}

// useAllConnections makes every connection of the directory run the query.
func useAllConnections(t *testing.T, dir *memberdb.Database, options memberdb.Options) {
	t.Helper()
	var group sync.WaitGroup
	for range 10 * options.MaxOpen {
		group.Go(func() {
			if _, err := dir.Account(t.Context(), "kim"); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
}

// endOtherConnections ends all connections to the database but its own.
func endOtherConnections(t *testing.T, s shop) {
	t.Helper()
	if s.name == "postgres" {
		s.exec(t, "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
		return
	}
	rows, err := s.db.Query("SELECT id FROM information_schema.processlist WHERE user = SUBSTRING_INDEX(USER(), '@', 1) AND db = DATABASE() AND id <> CONNECTION_ID()")
	if err != nil {
		t.Fatal(err)
	}
	var ids []int
	for rows.Next() {
		var id int
		if err := rows.Scan(&id); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		var gone *mysql.MySQLError
		if _, err := s.db.Exec("KILL ?", id); err != nil && (!errors.As(err, &gone) || gone.Number != 1094) {
			t.Fatal(err) // 1094: the pool has closed it in the meantime
		}
	}
}
