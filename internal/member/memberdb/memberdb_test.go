package memberdb_test

import (
	"context"
	"database/sql"
	"errors"
	"log"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"ocsso/internal/member"
	"ocsso/internal/member/memberdb"
	"ocsso/internal/member/memberdb/postgrestest"
	"ocsso/internal/member/membertest"
	"ocsso/internal/password"
)

// server is the PostgreSQL of all tests.
var server *postgrestest.Server

func TestMain(m *testing.M) {
	var err error
	if server, err = postgrestest.New(); err == nil {
		err = server.Run()
	}
	if err != nil {
		log.Fatal(err)
	}
	code := m.Run()
	server.Remove()
	os.Exit(code)
}

// An engine is a kind of database, and the types that a customer's table has there.
type engine struct {
	name      string // as Options.Driver
	driver    string // as database/sql knows it
	dsn       string
	parameter string
	exact     string // type of a column that tells "lee" from "LEE"
	caseless  string // type of one that doesn't
}

// postgres is the engine of tests that need only one.
func postgres() engine {
	return engine{name: "postgres", driver: "pgx", dsn: server.DSN(), parameter: "$1", exact: "TEXT", caseless: "CITEXT"}
}

// onEachEngine runs a test on PostgreSQL, and on MariaDB where make test-databases has started one.
func onEachEngine(t *testing.T, test func(t *testing.T, e engine)) {
	engines := []engine{postgres()}
	if dsn := os.Getenv("OCSSO_TEST_MYSQL_DSN"); dsn != "" {
		engines = append(engines, engine{
			name: "mysql", driver: "mysql", dsn: dsn, parameter: "?",
			exact:    "VARCHAR(60) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
			caseless: "VARCHAR(60) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci",
		})
	}
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) { test(t, e) })
	}
}

// A shop is a customer's database with a table of people.
type shop struct {
	engine
	db *sql.DB
}

// query is what an operator would write. Its parameter follows.
const query = `SELECT joined AS since, pw AS password_hash, login AS UserCode, full_name AS username, mail AS Email,
	mobile AS phone, customer_no AS MEMBERNO FROM ocsso_test_people WHERE login = `

// newShop creates the table with logins of this type, and drops it after the test.
func newShop(t *testing.T, e engine, loginType string) shop {
	t.Helper()
	s := shop{engine: e}
	var err error
	if s.db, err = sql.Open(e.driver, s.dsn); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.db.Close() })
	if loginType == "CITEXT" {
		s.exec(t, "CREATE EXTENSION IF NOT EXISTS citext")
	}
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
func (s shop) options() memberdb.Options {
	return memberdb.Options{Driver: s.name, DSN: s.dsn, Query: query + s.parameter, MaxOpen: 4, Timeout: time.Minute}
}

// open opens the directory, and closes it after the test.
func open(t *testing.T, options memberdb.Options) *memberdb.Database {
	t.Helper()
	dir, err := memberdb.Open(t.Context(), slog.New(slog.DiscardHandler), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { dir.Close() })
	return dir
}

// hash is of no known password.
const hash = "$argon2id$v=19$m=8,t=1,p=1$c2l4dGVlbiBieXRlcyEhIQ$J1wv/7iHV40HEpDa8V+htj6Ivav9E8oGMCWGM7upnPw"

// verify checks a password at once, without a gate.
func verify(_ context.Context, hash, typed string) (bool, error) { return password.Verify(hash, typed) }

// kim is a member with every field.
func kim() member.Account {
	return member.Account{PasswordHash: hash, Member: member.Member{UserCode: "kim", UserName: "김철수", Email: "kim@example.com", Phone: "01012345678", MemberNo: "1001"}}
}

func TestADatabaseIsADirectory(t *testing.T) {
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

// TestDatabaseTakesTheRowsOwnUserCode: the query decides who is found, and the row who that is.
func TestDatabaseTakesTheRowsOwnUserCode(t *testing.T) {
	alice := member.Account{
		Member: member.Member{UserCode: "alice", Email: "r&d.department.of.alice.and.all.the.others@customers.example.com"}, PasswordHash: membertest.Hash,
	}
	onEachEngine(t, func(t *testing.T, e engine) {
		for _, test := range []struct{ name, loginType, where, typed string }{
			{"a caseless column", e.caseless, "login = ?", "ALICE"},
			{"lower", e.exact, "lower(login) = lower(?)", "Alice"},
			{"the email", e.exact, "mail = ?", alice.Email},
			{"the login or the email", e.exact, "? IN (login, mail)", alice.Email},
			{"a padded column", "CHAR(12)", "login = ?", "alice"},
			{"a padded column and lower", "CHAR(12)", "lower(login) = lower(?)", "ALICE"},
		} {
			t.Run(test.name, func(t *testing.T) {
				s := newShop(t, e, test.loginType)
				s.add(t, alice, member.Account{Member: member.Member{UserCode: "lee"}, PasswordHash: hash})
				options := s.options()
				options.Query = strings.Replace(query, "login = ", strings.Replace(test.where, "?", s.parameter, 1), 1)
				if e.name == "mysql" { // shows the padding, which MySQL otherwise removes
					options.DSN += "?sql_mode=PAD_CHAR_TO_FULL_LENGTH"
					options.DSN = strings.Replace(options.DSN, "PAD_CHAR_TO_FULL_LENGTH", "%27PAD_CHAR_TO_FULL_LENGTH%27", 1)
				}
				dir := open(t, options)
				got, err := member.Authenticate(t.Context(), dir, verify, test.typed, membertest.Password)
				if got != alice.Member || err != nil {
					t.Errorf("the right password: got %+v and error %v, want %+v", got, err, alice.Member)
				}
				_, err = member.Authenticate(t.Context(), dir, verify, test.typed, "wrong")
				var refused *member.RefusedError
				if !errors.As(err, &refused) || refused.UserCode != "alice" || refused.Row != nil {
					t.Errorf("a wrong password: got error %#v, want a RefusedError of alice", err)
				}
				// A session asks again, by what was typed
				if again, err := member.LookUp(t.Context(), dir, test.typed); again != alice || err != nil {
					t.Errorf("later: got %+v and error %v, want %+v", again, err, alice)
				}
			})
		}
	})
}

// Two members never become one: only padding is no part of a usercode.
func TestDatabaseTakesNoSpaceFromAUserCodeThatHasIt(t *testing.T) {
	onEachEngine(t, func(t *testing.T, e engine) {
		s := newShop(t, e, e.exact)
		other := kim()
		other.UserCode, other.Email, other.PasswordHash = "kim ", "other@example.com", membertest.Hash
		s.add(t, kim(), other)
		options := s.options()
		options.Query = strings.Replace(query, "login = ", "mail = ", 1) + s.parameter
		_, err := member.Authenticate(t.Context(), open(t, options), verify, "other@example.com", membertest.Password)
		var row *member.RowError
		if want := "column usercode ends with a space (U+0020)"; !errors.Is(err, member.ErrRefused) || !errors.As(err, &row) || row.Error() != want {
			t.Errorf("got error %v for %v, want a refusal for %q", err, row, want)
		}
	})
}

// A stranger who types an emoji is no outage of a database from before utf8mb4.
func TestDatabaseFindsNobodyByATextThatTheColumnCannotHold(t *testing.T) {
	onEachEngine(t, func(t *testing.T, e engine) {
		loginTypes := map[string][]string{
			"postgres": {"VARCHAR(5)", "CHAR(5)", `TEXT COLLATE "C"`},
			"mysql":    {"VARCHAR(5) CHARACTER SET utf8mb3", "VARCHAR(5) CHARACTER SET latin1", "CHAR(5) CHARACTER SET euckr"},
		}[e.name]
		for _, loginType := range loginTypes {
			t.Run(loginType, func(t *testing.T) {
				dir := open(t, newShop(t, e, loginType).options())
				for _, text := range []string{"😀", "김철수", strings.Repeat("long", 100)} {
					if _, err := dir.Account(t.Context(), text); !errors.Is(err, member.ErrUnknown) {
						t.Errorf("%s: got error %v, want ErrUnknown", text, err)
					}
				}
			})
		}
	})
}

// A text that some collations take for empty is nobody's, even where members have no email.
func TestDatabaseFindsNobodyByNothing(t *testing.T) {
	onEachEngine(t, func(t *testing.T, e engine) {
		s := newShop(t, e, e.exact)
		s.add(t, kim())
		s.exec(t, "UPDATE ocsso_test_people SET mail = ''")
		options := s.options()
		options.Query = strings.Replace(query, "login = ", "mail = ", 1) + s.parameter
		dir := open(t, options)
		for _, nothing := range []string{"", " ", "\u3000", "\u00a0", "\u200b", "\x00", "\u3164"} {
			if got, err := dir.Account(t.Context(), nothing); !errors.Is(err, member.ErrUnknown) {
				t.Errorf("%+q: got %q and error %v, want ErrUnknown", nothing, got.UserCode, err)
			}
		}
	})
}

func TestDatabaseTakesNullAndAMissingColumnForBlank(t *testing.T) {
	onEachEngine(t, func(t *testing.T, e engine) {
		s := newShop(t, e, e.exact)
		lee := member.Account{PasswordHash: hash, Member: member.Member{UserCode: "lee"}}
		s.add(t, lee)
		short := s.options()
		short.Query = "SELECT login AS usercode, pw AS password_hash FROM ocsso_test_people WHERE login = " + s.parameter
		for name, options := range map[string]memberdb.Options{"NULL": s.options(), "left out": short} {
			if got, err := open(t, options).Account(t.Context(), "lee"); got != lee || err != nil {
				t.Errorf("%s: got %+v and error %v, want %+v", name, got, err, lee)
			}
		}
	})
}

// TestDatabaseLeavesAnUnverifiedEmailOut: the help center merges customers by email.
func TestDatabaseLeavesAnUnverifiedEmailOut(t *testing.T) {
	onEachEngine(t, func(t *testing.T, e engine) {
		s := newShop(t, e, e.exact)
		s.add(t, kim())
		without := kim()
		without.Email = ""
		for column, want := range map[string]member.Account{
			"TRUE": kim(), "1": kim(), "'Y'": kim(), "'2026-01-02 03:04:05'": kim(), "CURRENT_TIMESTAMP": kim(),
			"FALSE": without, "0": without, "'false'": without, "'N'": without, "NULL": without, "''": without,
		} {
			options := s.options()
			options.Query = strings.Replace(options.Query, " FROM ", ", "+column+" AS Email_Verified FROM ", 1)
			if got, err := open(t, options).Account(t.Context(), "kim"); got != want || err != nil {
				t.Errorf("%s: got %+v and error %v, want %+v", column, got, err, want)
			}
		}
	})
}

func TestDatabaseSeesChangesAtOnce(t *testing.T) {
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

// TestDatabaseReturnsWhatTheRowHas: one row's fault is no outage. What can't be sent or checked is left
// to Authenticate and Member.Sendable.
func TestDatabaseReturnsWhatTheRowHas(t *testing.T) {
	onEachEngine(t, func(t *testing.T, e engine) {
		s := newShop(t, e, e.exact)
		dir := open(t, s.options())
		for name, spoil := range map[string]func(*member.Account){
			"a name of 60 characters":            func(a *member.Account) { a.UserName = strings.Repeat("가", 60) },
			"a phone of 27 characters":           func(a *member.Account) { a.Phone = "+82 (0)10-1234-5678 ext. 12" },
			"an & in the email":                  func(a *member.Account) { a.Email = "r&d@example.com" },
			"a line break in the phone":          func(a *member.Account) { a.Phone = "010\n1234" },
			"no hash":                            func(a *member.Account) { a.PasswordHash = "" },
			"an md5 hash":                        func(a *member.Account) { a.PasswordHash = "5f4dcc3b5aa765d61d8327deb882cf99" },
			"a hash that says: no password":      func(a *member.Account) { a.PasswordHash = "!" },
			"all at once, and no other usercode": func(a *member.Account) { a.UserName, a.Email, a.Phone, a.PasswordHash = "\t", "&", "\n", "*" },
		} {
			want := kim()
			spoil(&want)
			s.exec(t, "DELETE FROM ocsso_test_people")
			s.add(t, want)
			if got, err := dir.Account(t.Context(), "kim"); got != want || err != nil {
				t.Errorf("%s: got %+v and error %v, want %+v", name, got, err, want)
			}
		}
	})
}

func TestDatabaseRefusesSeveralRows(t *testing.T) {
	onEachEngine(t, func(t *testing.T, e engine) {
		s := newShop(t, e, e.exact)
		big := kim()
		big.UserCode = "KIM"
		twin := member.Account{Member: member.Member{UserCode: "twin"}, PasswordHash: hash}
		s.add(t, kim(), big, twin, twin)
		options := s.options()
		options.Query = strings.Replace(query, "login = ", "lower(login) = lower("+s.parameter+")", 1)
		dir := open(t, options)
		for _, want := range []member.Account{kim(), big} { // the exact one counts
			if got, err := dir.Account(t.Context(), want.UserCode); got != want || err != nil {
				t.Errorf("%s: got %+v and error %v, want %+v", want.UserCode, got, err, want)
			}
		}
		for _, typed := range []string{"Kim", "twin"} {
			_, err := dir.Account(t.Context(), typed)
			var row *member.RowError
			if !errors.Is(err, member.ErrUnknown) || !errors.As(err, &row) || row.Column != "usercode" || !strings.Contains(row.Reason, "more than one row") {
				t.Errorf("%s: got error %v, want an ErrUnknown that says that there is more than one row", typed, err)
			}
		}
	})
}

func TestDatabaseStopsWhenItsContextEnds(t *testing.T) {
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

// A refusal costs what the dearest hash does that the database has shown.
func TestDatabaseKnowsTheDearestHashThatItHasShown(t *testing.T) {
	const cheap, dear = "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "$2b$12$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"
	tooDear := strings.Replace(dear, "$12$", "$15$", 1)
	s := newShop(t, postgres(), postgres().exact)
	for usercode, hash := range map[string]string{"alice": cheap, "dave": dear, "erin": "", "frank": "!", "grace": tooDear} {
		s.add(t, member.Account{Member: member.Member{UserCode: usercode}, PasswordHash: hash})
	}
	dir := open(t, s.options())
	for _, step := range []struct{ usercode, want string }{
		{"nobody", password.Decoy}, {"erin", password.Decoy}, {"frank", password.Decoy}, {"grace", password.Decoy},
		{"alice", cheap}, {"dave", dear}, {"alice", dear}, {"grace", dear}, {"nobody", dear},
	} {
		if _, err := dir.Account(t.Context(), step.usercode); err != nil && !errors.Is(err, member.ErrUnknown) {
			t.Fatal(err)
		}
		if got := member.DecoyHash(dir); got != step.want {
			t.Errorf("after %s: got %s, want %s", step.usercode, got, step.want)
		}
	}
}
