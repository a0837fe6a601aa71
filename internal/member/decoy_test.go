package member

import (
	"context"
	"database/sql"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ocsso/internal/password"

	_ "modernc.org/sqlite" // as main links it
)

const (
	bcryptHash = "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"
	scryptHash = "$scrypt$ln=1,r=8,p=1$c2FsdHNhbHQ$c3Vtc3Vtc3Vtc3Vtc3Vtc3Vtc3Vtc3Vtc3Vtc3Vtc3U"
)

// wantCost fails unless a login that is refused checks one hash that costs what want does.
func wantCost(t *testing.T, dir Directory, usercode, want string) {
	t.Helper()
	var checked []string
	verify := func(_ context.Context, hash, _ string) (bool, error) {
		checked = append(checked, cost(hash))
		return false, nil
	}
	if _, err := Authenticate(t.Context(), dir, verify, usercode, "wrong"); err != ErrRefused {
		t.Errorf("%s: got error %v, want ErrRefused itself", usercode, err)
	}
	if got := strings.Join(checked, " and "); got != cost(want) {
		t.Errorf("%s: the hash checked begins with %s, want %s", usercode, got, cost(want))
	}
}

// cost is a hash without the characters of its sum that a decoy replaces.
func cost(hash string) string { return hash[:len(hash)-22] }

func TestAnUnknownMemberCostsAsMuchAsAWrongPassword(t *testing.T) {
	content, err := parse("m.yaml", []byte("members:\n"+
		"- {usercode: alice, password_hash: '"+bcryptHash+"'}\n"+
		"- {usercode: carol, password_hash: '"+scryptHash+"'}\n"))
	if err != nil {
		t.Fatal(err)
	}
	file := &File{}
	file.content.Store(content)
	wantCost(t, file, "alice", bcryptHash)
	wantCost(t, file, "bob", bcryptHash) // the file's first
	wantCost(t, onlyAlice, "bob", password.Decoy(""))
}

func TestAnUnknownMemberOfADatabaseCostsAsMuchAsTheLastKnownOne(t *testing.T) {
	dir := sqliteDirectory(t, map[string]string{"alice": bcryptHash, "carol": scryptHash, "dave": ""})
	wantCost(t, dir, "bob", password.Decoy("")) // while none is known
	for usercode, hash := range map[string]string{"alice": bcryptHash, "carol": scryptHash} {
		for _, each := range []string{usercode, "bob", "bob & bob", "dave"} {
			wantCost(t, dir, each, hash)
		}
	}
}

// sqliteDirectory is a database with these members' hashes. "" stands for NULL.
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
