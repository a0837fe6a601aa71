package member

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite" // as main links it
)

const (
	bcryptHashText = "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"
	scryptHashText = "$scrypt$ln=1,r=8,p=1$c2FsdHNhbHQ$c3Vtc3Vtc3Vtc3Vtc3Vtc3Vtc3Vtc3Vtc3Vtc3Vtc3U"
)

// costOfLogin is what the password check of a login costs that is to be refused.
func costOfLogin(t *testing.T, dir Directory, usercode string) string {
	t.Helper()
	var costs []string
	_, err := authenticate(t.Context(), dir, usercode, "wrong", func(hash, password string) (bool, error) {
		costs = append(costs, costOf(t, hash))
		return VerifyPassword(hash, password)
	})
	if err != ErrRefused {
		t.Errorf("%s: got error %v, want ErrRefused itself", usercode, err)
	}
	return strings.Join(costs, " and ")
}

func TestAnUnknownMemberCostsTheSameWorkAsAWrongPassword(t *testing.T) {
	dir := onlyAlice(t)
	if got, want := costOfLogin(t, dir, "bob"), costOfLogin(t, dir, "alice"); got != want || got != costOf(t, nobodysHash) {
		t.Errorf("an unknown member costs %s, a wrong password %s, want the standard cost once for both", got, want)
	}
}

func TestAnUnknownMemberOfAFileCostsWhatItsFirstMemberDoes(t *testing.T) {
	file, err := ParseFile("m.yaml", []byte("members:\n"+
		"- {usercode: alice, password_hash: '"+bcryptHashText+"'}\n"+
		"- {usercode: carol, password_hash: '"+scryptHashText+"'}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := costOfLogin(t, file, "bob"), costOf(t, bcryptHashText); got != want {
		t.Errorf("an unknown member costs %s, want %s", got, want)
	}
}

func TestAnUnknownMemberOfADatabaseCostsWhatTheLastKnownOneDid(t *testing.T) {
	dir := sqliteDirectory(t, map[string]string{"alice": bcryptHashText, "carol": scryptHashText, "dave": ""})
	if got, want := costOfLogin(t, dir, "bob"), costOf(t, nobodysHash); got != want {
		t.Errorf("before there was a known one: an unknown member costs %s, want %s", got, want)
	}
	for usercode, hash := range map[string]string{"alice": bcryptHashText, "carol": scryptHashText} {
		if got, want := costOfLogin(t, dir, usercode), costOf(t, hash); got != want {
			t.Errorf("%s costs %s, want %s", usercode, got, want)
		}
		for _, other := range []string{"bob", "bob & bob", "dave"} {
			if got, want := costOfLogin(t, dir, other), costOf(t, hash); got != want {
				t.Errorf("%s costs %s after %s, want %s", other, got, usercode, want)
			}
		}
	}
}

// sqliteDirectory is a database with the hashes of these members, where "" stands for NULL.
func sqliteDirectory(t *testing.T, hashes map[string]string) *SQL {
	t.Helper()
	dsn := "file:" + filepath.Join(t.TempDir(), "members.db")
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("CREATE TABLE members (usercode TEXT, password_hash TEXT)"); err != nil {
		t.Fatal(err)
	}
	for usercode, hash := range hashes {
		if _, err := db.Exec("INSERT INTO members VALUES (?, NULLIF(?, ''))", usercode, hash); err != nil {
			t.Fatal(err)
		}
	}
	dir, err := OpenSQL(t.Context(), SQLOptions{
		Driver: "sqlite", DSN: dsn, Query: "SELECT * FROM members WHERE usercode = ?", MaxOpen: 1, Timeout: time.Minute,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { dir.Close() })
	return dir
}
