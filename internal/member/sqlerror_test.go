package member_test

import (
	"database/sql"
	"errors"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"ocsso/internal/member"

	"github.com/go-sql-driver/mysql"
)

func TestOpenSQLRefusesOptions(t *testing.T) {
	s := newShop(t, engines[0], engines[0].exact)
	s.add(t, kim())
	people := func(columns, where string) func(*member.SQLOptions) {
		return func(o *member.SQLOptions) { o.Query = "SELECT " + columns + " FROM ocsso_test_people " + where }
	}
	for _, test := range []struct {
		name  string
		spoil func(*member.SQLOptions)
		want  string
	}{
		{"another driver", func(o *member.SQLOptions) { o.Driver = "oracle" }, `driver is "oracle", not sqlite, postgres or mysql`},
		{"no SQL", func(o *member.SQLOptions) { o.Query = "hello" }, `syntax error`},
		{"no such table", func(o *member.SQLOptions) { o.Query = "SELECT * FROM people WHERE id = ?" }, "no such table: people"},
		{"no usercode", people("pw AS password_hash", "WHERE login = ?"), "column usercode is missing: name one with AS usercode"},
		{"no hash", people("login AS usercode", "WHERE login = ?"), "column password_hash is missing: name one with AS password_hash"},
		{"a column twice", people("login AS usercode, pw AS password_hash, mail AS email, mobile AS Email", "WHERE login = ?"), "column email is there twice"},
		{"all of these at once", people("mail AS email, mobile AS email", "WHERE login = ?"), "column email is there twice\ncolumn usercode is missing: name one with AS usercode\ncolumn password_hash is missing: name one with AS password_hash"},
		{"two parameters", people("login AS usercode, pw AS password_hash", "WHERE login = ? AND mail = ?"), "missing argument with index 2"},
		{"a parameter that doesn't count", people("login AS usercode, pw AS password_hash", "WHERE login = ? OR 1 = 1"), "it yields a row for a usercode that nobody has: compare a column with its parameter"},
		{"a folder that isn't there", func(o *member.SQLOptions) { o.DSN = "file:" + filepath.Join(t.TempDir(), "none", "shop.db") }, "dsn names no file"},
	} {
		options := s.options()
		test.spoil(&options)
		dir, err := member.OpenSQL(t.Context(), options)
		if err == nil || !strings.HasPrefix(err.Error(), "member database: ") || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got error %v, want one of the member database that says %q", test.name, err, test.want)
		}
		if dir != nil {
			t.Errorf("%s: got a directory beside the error", test.name)
		}
	}
}

func TestOpenSQLQuotesTheDatabase(t *testing.T) {
	onEachEngine(t, func(t *testing.T, e engine) {
		options := newShop(t, e, e.exact).options()
		options.Query = strings.Replace(options.Query, "full_name", "fullname", 1)
		_, err := member.OpenSQL(t.Context(), options)
		if err == nil || !strings.Contains(err.Error(), "fullname") {
			t.Errorf("got error %v, want one that names the column fullname", err)
		}
	})
}

func TestOpenSQLNeverShowsThePassword(t *testing.T) {
	for _, test := range []struct{ driver, dsn string }{
		{"postgres", "postgres://app:Qz7wX9vKpL@127.0.0.1:1/shop?sslmode=disable"},
		{"postgres", "postgres://app:Qz7w@X9vKpL@127.0.0.1:1/shop"},
		{"postgres", "postgres://app:Qz7w/X9vKpL@127.0.0.1:1/shop"},
		{"postgres", "postgres://app:Qz7w%X9vKpL@127.0.0.1:1/shop"},
		{"postgres", "postgres://app:Qz7w?X9vKpL@127.0.0.1:1/shop"},
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
		{"sqlite", "file:" + t.TempDir() + "/none/shop.db?_key=Qz7wX9vKpL"},
	} {
		_, err := member.OpenSQL(t.Context(), member.SQLOptions{
			Driver: test.driver, DSN: test.dsn, Query: "SELECT 1", MaxOpen: 1, Timeout: time.Minute,
		})
		if err == nil {
			t.Errorf("%s, %s: got no error", test.driver, test.dsn)
			continue
		}
		for _, part := range []string{"Qz7w", "X9vKpL"} {
			if strings.Contains(err.Error(), part) {
				t.Errorf("%s, %s: error %q has %q", test.driver, test.dsn, err, part)
			}
		}
	}
}

func TestOpenSQLDoesNotWaitForASilentDatabase(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close() // it listens and never accepts: a connection comes about, and nothing more
	for driver, dsn := range map[string]string{
		"postgres": "postgres://app@" + silent.Addr().String() + "/shop?sslmode=disable",
		"mysql":    "app@tcp(" + silent.Addr().String() + ")/shop",
	} {
		_, err := member.OpenSQL(t.Context(), member.SQLOptions{
			Driver: driver, DSN: dsn, Query: "SELECT 1", MaxOpen: 1, Timeout: 50 * time.Millisecond,
		})
		if want := "member database: connect (… is in the dsn): no answer within 50ms"; err == nil || err.Error() != want {
			t.Errorf("%s: got error %v, want %q", driver, err, want)
		}
	}
}

func TestSQLBoundsALookup(t *testing.T) {
	s := newShop(t, engines[0], engines[0].exact)
	s.add(t, kim())
	options := s.options()
	options.Timeout = 50 * time.Millisecond
	// For kim, and for nobody else, the database counts for ever.
	options.Query = `SELECT login AS usercode, pw AS password_hash, (
			WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT COUNT(*) FROM n
		) AS phone FROM ocsso_test_people WHERE login = ?`
	dir := open(t, options)
	_, err := dir.Account(t.Context(), "kim")
	if want := "member database: no answer within 50ms"; err == nil || err.Error() != want {
		t.Errorf("got error %v, want %q", err, want)
	}
	if _, err := dir.Account(t.Context(), "lee"); !errors.Is(err, member.ErrUnknown) {
		t.Errorf("somebody else afterwards: got error %v, want ErrUnknown", err)
	}
}

func TestSQLWorksAgainWhenTheDatabaseDoes(t *testing.T) {
	onEachEngine(t, func(t *testing.T, e engine) {
		s := newShop(t, e, e.exact)
		s.add(t, kim())
		dir := open(t, s.options())
		s.exec(t, "ALTER TABLE ocsso_test_people RENAME TO ocsso_test_gone")
		t.Cleanup(func() { s.db.Exec("DROP TABLE ocsso_test_gone") })
		_, err := dir.Account(t.Context(), "kim")
		want := map[string]string{
			"sqlite":   "member database: it answers with SQLite's code 1",
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

func TestSQLHidesQuotedValues(t *testing.T) {
	onEachEngine(t, func(t *testing.T, e engine) {
		if e.name != "postgres" {
			t.Skip("doesn't refuse to cast")
		}
		s := newShop(t, e, e.exact)
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
	})
}

func TestSQLReplacesBrokenConnections(t *testing.T) {
	onEachEngine(t, func(t *testing.T, e engine) {
		if e.name == "sqlite" {
			t.Skip("has no server that could end them")
		}
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

// TestSQLFollowsAChangeOfTheTable: PostgreSQL refuses a prepared query whose columns have other
// types now ("cached plan must not change result type").
func TestSQLFollowsAChangeOfTheTable(t *testing.T) {
	onEachEngine(t, func(t *testing.T, e engine) {
		s := newShop(t, e, e.exact)
		s.add(t, kim())
		dir := open(t, s.options())
		useAllConnections(t, dir, s.options())
		s.exec(t, map[string]string{
			"sqlite":   "ALTER TABLE ocsso_test_people ADD COLUMN closed TEXT",
			"postgres": "ALTER TABLE ocsso_test_people ALTER COLUMN mail TYPE TEXT, ALTER COLUMN customer_no TYPE BIGINT",
			"mysql":    "ALTER TABLE ocsso_test_people MODIFY mail TEXT, MODIFY customer_no BIGINT",
		}[e.name])
		if got, err := dir.Account(t.Context(), "kim"); got != kim() || err != nil {
			t.Errorf("the first lookup: got %+v and error %v, want %+v", got, err, kim())
		}
	})
}

// useAllConnections makes every connection of the directory run the query.
func useAllConnections(t *testing.T, dir *member.SQL, options member.SQLOptions) {
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

// TestOpenSQLCreatesNoFile: a misspelt path was a new, empty database.
func TestOpenSQLCreatesNoFile(t *testing.T) {
	t.Chdir(t.TempDir())
	folder := t.TempDir()
	for _, dsn := range []string{
		"shop.db", folder + "/shop.db", folder + "/shop.db?_pragma=busy_timeout(1000)", folder + "/50% off #1.db",
		"file:shop.db", "file:" + folder + "/shop.db", "file:" + folder + "/shop.db?_pragma=busy_timeout(1000)",
		"file:" + folder + "/shop.db?mode=rwc", "file:shop.db#1",
	} {
		options := member.SQLOptions{Driver: "sqlite", DSN: dsn, Query: "SELECT 1", MaxOpen: 1, Timeout: time.Minute}
		_, err := member.OpenSQL(t.Context(), options)
		if want := "dsn names no file"; err == nil || !strings.Contains(err.Error(), want) && !strings.Contains(dsn, "rwc") {
			t.Errorf("%s: got error %v, want one that says %q", dsn, err, want)
		}
		for _, place := range []string{".", folder} {
			if files, err := os.ReadDir(place); len(files) > 0 || err != nil {
				t.Errorf("%s: afterwards there is %v, error %v, want no file", dsn, files, err)
			}
		}
	}
}

func TestOpenSQLOpensEveryWayToWriteAFile(t *testing.T) {
	t.Chdir(t.TempDir())
	for file, dsns := range map[string][]string{
		"shop.db":       {"shop.db", "./shop.db?_pragma=busy_timeout(1000)", "file:shop.db", "file:shop.db?mode=ro", "file:./shop.db?_pragma=query_only(1)"},
		"50% off #1.db": {"50% off #1.db", "file:50%25%20off%20%231.db"},
	} {
		db, err := sql.Open("sqlite", "file:"+url.PathEscape(file))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.Exec("CREATE TABLE people (login TEXT, pw TEXT)"); err != nil {
			t.Fatal(err)
		}
		db.Close()
		for _, dsn := range dsns {
			dir, err := member.OpenSQL(t.Context(), member.SQLOptions{
				Driver: "sqlite", DSN: dsn, Query: "SELECT login AS usercode, pw AS password_hash FROM people WHERE login = ?",
				MaxOpen: 1, Timeout: time.Minute,
			})
			if err != nil {
				t.Errorf("%s: %v", dsn, err)
				continue
			}
			dir.Close()
		}
	}
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
