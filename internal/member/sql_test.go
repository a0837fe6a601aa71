package member_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ocsso/internal/member"
	"ocsso/internal/member/membertest"
	"ocsso/internal/password"

	_ "github.com/go-sql-driver/mysql" // the drivers, as main links them
	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"
)

// An engine is a kind of database, and the types that a customer's table has there.
type engine struct {
	name      string // as SQLOptions.Driver
	driver    string // as database/sql knows it
	variable  string // of the environment: names the server to test on; "" for none
	parameter string
	exact     string // type of a column that tells "lee" from "LEE"
	// Type of one that doesn't, and "kim" = "kim " maybe; "" when there is none without an
	// extension
	caseless string
}

var engines = []engine{
	{name: "sqlite", driver: "sqlite", parameter: "?", exact: "TEXT", caseless: "TEXT COLLATE NOCASE"},
	{name: "postgres", driver: "pgx", variable: "OCSSO_TEST_POSTGRES_DSN", parameter: "$1", exact: "TEXT"},
	{
		name: "mysql", driver: "mysql", variable: "OCSSO_TEST_MYSQL_DSN", parameter: "?",
		exact:    "VARCHAR(60) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
		caseless: "VARCHAR(60) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci",
	},
}

// onEachEngine runs a test on every engine whose server is running.
func onEachEngine(t *testing.T, test func(t *testing.T, e engine)) {
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			if e.variable != "" && os.Getenv(e.variable) == "" {
				t.Skipf("%s names no server; make test-databases starts one", e.variable)
			}
			test(t, e)
		})
	}
}

// A shop is a customer's database with a table of people.
type shop struct {
	engine
	dsn string
	db  *sql.DB
}

// query is what an operator would write. Its parameter follows.
const query = `SELECT joined AS since, pw AS password_hash, login AS UserCode, full_name AS username, mail AS Email,
	mobile AS phone, customer_no AS MEMBERNO FROM ocsso_test_people WHERE login = `

// newShop creates the table with logins of this type, and drops it after the test.
func newShop(t *testing.T, e engine, loginType string) shop {
	t.Helper()
	s := shop{engine: e, dsn: os.Getenv(e.variable)}
	if e.variable == "" {
		s.dsn = "file:" + filepath.Join(t.TempDir(), "shop.db")
	}
	var err error
	if s.db, err = sql.Open(e.driver, s.dsn); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.db.Close() })
	text := "VARCHAR(200)"
	if e.name == "mysql" {
		text += " CHARACTER SET utf8mb4"
	}
	s.exec(t, "CREATE TABLE ocsso_test_people (customer_no INTEGER, login "+loginType+", pw "+text+", full_name "+text+
		", mail "+text+", mobile "+text+", joined TIMESTAMP DEFAULT CURRENT_TIMESTAMP)")
	t.Cleanup(func() { s.db.Exec("DROP TABLE ocsso_test_people") })
	return s
}

// exec runs a statement with "?" for parameters.
func (s shop) exec(t *testing.T, statement string, args ...any) {
	t.Helper()
	if s.name == "postgres" {
		for _, numbered := range []string{"$1", "$2", "$3", "$4", "$5", "$6"} {
			statement = strings.Replace(statement, "?", numbered, 1)
		}
	}
	if _, err := s.db.Exec(statement, args...); err != nil {
		t.Fatal(err)
	}
}

// add puts people into the table. "" becomes NULL.
func (s shop) add(t *testing.T, accounts ...member.Account) {
	t.Helper()
	for _, a := range accounts {
		args := []any{a.UserCode, a.PasswordHash, a.UserName, a.Email, a.Phone, a.MemberNo}
		for i := range args {
			if args[i] == "" {
				args[i] = nil
			}
		}
		s.exec(t, "INSERT INTO ocsso_test_people (login, pw, full_name, mail, mobile, customer_no) VALUES (?, ?, ?, ?, ?, ?)", args...)
	}
}

// options returns valid options for the shop.
func (s shop) options() member.SQLOptions {
	return member.SQLOptions{
		Driver: s.name, DSN: s.dsn, Query: query + s.parameter,
		MaxOpen: 4, MaxIdle: 2, ConnLifetime: time.Hour, Timeout: time.Minute,
	}
}

// open opens the directory, and closes it after the test.
func open(t *testing.T, options member.SQLOptions) *member.SQL {
	t.Helper()
	dir, err := member.OpenSQL(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { dir.Close() })
	return dir
}

// kim is a member with every field.
func kim() member.Account {
	return member.Account{PasswordHash: hash, Member: member.Member{UserCode: "kim", UserName: "김철수", Email: "kim@example.com", Phone: "01012345678", MemberNo: "1001"}}
}

func TestSQLIsADirectory(t *testing.T) {
	onEachEngine(t, func(t *testing.T, e engine) {
		membertest.TestDirectory(t, func(t *testing.T, accounts []member.Account) member.Directory {
			s := newShop(t, e, e.exact)
			s.exec(t, "ALTER TABLE ocsso_test_people DROP COLUMN customer_no")
			// The suite's have leading zeros
			s.exec(t, "ALTER TABLE ocsso_test_people ADD COLUMN customer_no VARCHAR(50)")
			s.add(t, accounts...)
			return open(t, s.options())
		})
	})
}

func TestSQLIsStricterThanTheCollation(t *testing.T) {
	onEachEngine(t, func(t *testing.T, e engine) {
		if e.caseless == "" {
			t.Skip("has no caseless collation of its own")
		}
		gate := password.NewGate(1)
		s := newShop(t, e, e.caseless)
		s.add(t, member.Account{Member: member.Member{UserCode: "alice"}, PasswordHash: membertest.Hash})
		if rows := countOf(t, s, "ALICE"); rows != 1 {
			t.Fatalf("the database finds %d people of the name ALICE, want 1", rows)
		}
		dir := open(t, s.options())
		for _, usercode := range []string{"Alice", "ALICE", "alice ", "àlice"} {
			if _, err := member.Authenticate(t.Context(), dir, gate.Verify, usercode, membertest.Password); err != member.ErrRefused {
				t.Errorf("%q with alice's password gives error %v, want ErrRefused", usercode, err)
			}
		}
		if got, err := member.Authenticate(t.Context(), dir, gate.Verify, "alice", membertest.Password); got.UserCode != "alice" || err != nil {
			t.Errorf("alice gives %q and error %v, want alice", got.UserCode, err)
		}
	})
}

// countOf returns how many people the database finds for a login.
func countOf(t *testing.T, s shop, login string) (n int) {
	t.Helper()
	if err := s.db.QueryRow("SELECT COUNT(*) FROM ocsso_test_people WHERE login = "+s.parameter, login).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestSQLTakesNullAndAMissingColumnForBlank(t *testing.T) {
	onEachEngine(t, func(t *testing.T, e engine) {
		s := newShop(t, e, e.exact)
		lee := member.Account{PasswordHash: hash, Member: member.Member{UserCode: "lee"}}
		s.add(t, lee)
		short := s.options()
		short.Query = "SELECT login AS usercode, pw AS password_hash FROM ocsso_test_people WHERE login = " + s.parameter
		for name, options := range map[string]member.SQLOptions{"NULL": s.options(), "left out": short} {
			if got, err := open(t, options).Account(t.Context(), "lee"); got != lee || err != nil {
				t.Errorf("%s: got %+v and error %v, want %+v", name, got, err, lee)
			}
		}
	})
}

func TestSQLSeesChangesAtOnce(t *testing.T) {
	onEachEngine(t, func(t *testing.T, e engine) {
		s := newShop(t, e, e.exact)
		dir := open(t, s.options())
		s.add(t, kim())
		// The member number is an INTEGER in the table, and is read as text.
		if got, err := dir.Account(t.Context(), "kim"); got != kim() || err != nil {
			t.Errorf("a new member: got %+v and error %v, want %+v", got, err, kim())
		}
		s.exec(t, "DELETE FROM ocsso_test_people")
		if _, err := dir.Account(t.Context(), "kim"); !errors.Is(err, member.ErrUnknown) {
			t.Errorf("a member who is gone: got error %v, want ErrUnknown", err)
		}
	})
}

func TestSQLRefusesEveryPasswordOfAMemberWithoutAHash(t *testing.T) {
	onEachEngine(t, func(t *testing.T, e engine) {
		s := newShop(t, e, e.exact)
		social := kim()
		social.PasswordHash = ""
		s.add(t, social)
		dir := open(t, s.options())
		if got, err := dir.Account(t.Context(), "kim"); got.Member != social.Member || err != nil {
			t.Errorf("got %+v and error %v, want %+v", got.Member, err, social.Member)
		}
		for _, typed := range []string{"", "password", hash} {
			if _, err := member.Authenticate(t.Context(), dir, password.NewGate(1).Verify, "kim", typed); err != member.ErrRefused {
				t.Errorf("password %q: got error %v, want ErrRefused", typed, err)
			}
		}
	})
}

func TestSQLRefusesARowAndNamesTheColumnsNotTheValues(t *testing.T) {
	const secret = "secret"
	onEachEngine(t, func(t *testing.T, e engine) {
		s := newShop(t, e, e.exact)
		dir := open(t, s.options())
		for _, test := range []struct {
			name  string
			spoil func(*member.Account)
			want  string
		}{
			{"too long a name", func(a *member.Account) { a.UserName = strings.Repeat(secret, 10) }, "member database: column username has 60 characters, of at most 50"},
			{"an & in the address", func(a *member.Account) { a.Email = "a&" + secret }, `member database: column email has a "&", which separates the signed fields`},
			{"a line break in the phone number", func(a *member.Account) { a.Phone = secret + "\n" }, "member database: column phone has a control character"},
			{"a password for a hash", func(a *member.Account) { a.PasswordHash = secret }, "member database: column password_hash is not a hash of argon2id, bcrypt, scrypt or PBKDF2 within bounds"},
			{"a hash that stalls", func(a *member.Account) {
				a.PasswordHash = "$2b$31$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"
			}, "member database: column password_hash is not a hash of argon2id, bcrypt, scrypt or PBKDF2 within bounds"},
			{"two at once", func(a *member.Account) { a.Phone, a.Email = strings.Repeat("1", 21), secret+"\t" }, "member database: column email has a control character\ncolumn phone has 21 characters, of at most 20"},
		} {
			spoilt := kim()
			test.spoil(&spoilt)
			s.exec(t, "DELETE FROM ocsso_test_people")
			s.add(t, spoilt)
			got, err := dir.Account(t.Context(), "kim")
			if err == nil || err.Error() != test.want {
				t.Errorf("%s: got error %q, want %q", test.name, err, test.want)
			}
			if got != (member.Account{}) {
				t.Errorf("%s: got the account of %q, want none", test.name, got.UserCode)
			}
		}
	})
}

func TestSQLRefusesSeveralRows(t *testing.T) {
	onEachEngine(t, func(t *testing.T, e engine) {
		s := newShop(t, e, e.exact)
		s.add(t, kim(), kim())
		_, err := open(t, s.options()).Account(t.Context(), "kim")
		if err == nil || !strings.Contains(err.Error(), "more than one row") || errors.Is(err, member.ErrUnknown) {
			t.Errorf("got error %v, want one that says that there is more than one row", err)
		}
	})
}

func TestSQLStopsWhenItsContextEnds(t *testing.T) {
	onEachEngine(t, func(t *testing.T, e engine) {
		s := newShop(t, e, e.exact)
		s.add(t, kim())
		dir := open(t, s.options())
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := dir.Account(ctx, "kim"); !errors.Is(err, context.Canceled) {
			t.Errorf("got error %v, want Canceled", err)
		}
	})
}
