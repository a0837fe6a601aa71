package member_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"ocsso/internal/member"
	"ocsso/internal/member/membertest"
	"ocsso/internal/yamlfile"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

const hash = "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$c3Vtc3Vtc3Vtc3Vtc3Vtc3Vtc3Vtc3Vtc3Vtc3Vtc3U"

func TestFileIsADirectory(t *testing.T) {
	membertest.TestDirectory(t, func(t *testing.T, accounts []member.Account) member.Directory {
		var rows []map[string]string
		for _, a := range accounts {
			rows = append(rows, map[string]string{
				"usercode": a.UserCode, "password_hash": a.PasswordHash, "username": a.UserName,
				"email": a.Email, "phone": a.Phone, "memberno": a.MemberNo,
			})
		}
		data, err := yaml.Marshal(map[string]any{"members": rows})
		if err != nil {
			t.Fatal(err)
		}
		_, file := loadedFile(t, string(data))
		return file
	})
}

func TestLoadFileWithoutAFile(t *testing.T) {
	if _, err := member.LoadFile(filepath.Join(t.TempDir(), "none.yaml")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got error %v, want one that says that there is no such file", err)
	}
}

func TestLoadFileRefusesAFileTooLong(t *testing.T) {
	path := filepath.Join(t.TempDir(), "members.yaml")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, 64<<20+1); err != nil { // sparse: it takes no space
		t.Fatal(err)
	}
	if _, err := member.LoadFile(path); err == nil || !strings.Contains(err.Error(), "more than 64 MiB") {
		t.Errorf("got error %v, want one that says that it is too long", err)
	}
}

func TestReloadReadsTheFileAgain(t *testing.T) {
	path, file := loadedFile(t, row(""))
	writeFile(t, path, strings.ReplaceAll(row("username: Lee"), "kim", "lee"))
	if err := file.Reload(); err != nil {
		t.Fatal(err)
	}
	if got, err := file.Account(t.Context(), "lee"); got.UserName != "Lee" || err != nil {
		t.Errorf("the member who is there now: got name %q and error %v, want Lee", got.UserName, err)
	}
	if _, err := file.Account(t.Context(), "kim"); !errors.Is(err, member.ErrUnknown) {
		t.Errorf("the member who was there before: got error %v, want ErrUnknown", err)
	}
}

func TestReloadKeepsTheMembersWhenTheFileIsBad(t *testing.T) {
	for name, spoil := range map[string]func(path string){
		"a row that is not right": func(path string) { writeFile(t, path, row("nickname: kim")) },
		"half a file":             func(path string) { writeFile(t, path, "members:\n- userc") },
		"an empty file":           func(path string) { writeFile(t, path, "") },
		"no file":                 func(path string) { os.Remove(path) },
	} {
		path, file := loadedFile(t, row("username: Kim"))
		spoil(path)
		_, want := member.LoadFile(path)
		err := file.Reload()
		if err == nil || err.Error() != want.Error() {
			t.Errorf("%s: got error %v, want LoadFile's: %v", name, err, want)
		}
		if got, err := file.Account(t.Context(), "kim"); got.UserName != "Kim" || err != nil {
			t.Errorf("%s: afterwards got name %q and error %v, want Kim", name, got.UserName, err)
		}
	}
}

func TestReloadDuringLookups(t *testing.T) {
	_, file := loadedFile(t, row("username: Kim"))
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 50 {
				if err := file.Reload(); err != nil {
					t.Errorf("Reload gives error %v", err)
				}
			}
		})
		group.Go(func() {
			for range 500 {
				if got, err := file.Account(t.Context(), "kim"); got.UserName != "Kim" || err != nil {
					t.Errorf("got name %q and error %v, want Kim", got.UserName, err)
				}
			}
		})
	}
	group.Wait()
}

// loadedFile loads a file with this content, and returns its path too.
func loadedFile(t *testing.T, content string) (path string, file *member.File) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "members.yaml")
	writeFile(t, path, content)
	file, err := member.LoadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return path, file
}

// loadError returns the error of loading m.yaml with this content.
func loadError(t *testing.T, content string) error {
	t.Helper()
	t.Chdir(t.TempDir())
	writeFile(t, "m.yaml", content)
	_, err := member.LoadFile("m.yaml")
	return err
}

func writeFile(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestLoadFileReportsFileLineAndField(t *testing.T) {
	for _, test := range []struct{ name, data, want string }{
		{"an empty file", "", "m.yaml: is empty"},
		{"only a comment", "# nobody yet\n", "m.yaml: is empty"},
		{"no members", "{}", "m.yaml:1: members: is missing"},
		{"null members", "members:\n", "m.yaml:1: members: is missing"},
		{"members of another type", "members: {}", "m.yaml:1: members: is not a plain list"},
		{"an empty list", "members: []", "m.yaml:1: members: is empty, so nobody could log in"},
		{"another key at the top", "users: []\n" + row(""), "m.yaml:1: has an unknown key"},
		{"a row that is text", "members: [kim]", "m.yaml:1: members[0]: is no section of name: value"},
		{"an unknown key", row("nickname: kim"), "m.yaml:4: members[0]: has an unknown key"},
		{"a list for a value", row("email: [a@example.com]"), "m.yaml:4: members[0].email: is not one value"},
		{"too long a name", row("username: " + strings.Repeat("가", 51)), "m.yaml:4: members[0].username: has 51 characters, of at most 50"},
		{"too long a phone", row("phone: '" + strings.Repeat("1", 21) + "'"), "m.yaml:4: members[0].phone: has 21 characters, of at most 20"},
		{"an & in a member number", row("memberno: a&b"), `m.yaml:4: members[0].memberno: has a "&", which separates the signed fields`},
		{"a control character", row(`email: "a\tb"`), "m.yaml:4: members[0].email: has U+0009 as character 2 of 3"},
		{"a key that is like another", row("password: x"), "m.yaml:4: members[0].password: is unknown"},
		{"a zero-width space in a usercode", strings.Replace(row(""), "kim", "ki\u200bm", 1), "m.yaml:2: members[0].usercode: has U+200B as character 3 of 4"},
		{"a no-break space behind a usercode", strings.Replace(row(""), "kim", "kim\u00a0", 1), "m.yaml:2: members[0].usercode: has U+00A0 as character 4 of 4"},
		{"a usercode in typographic quotes", strings.Replace(row(""), "kim", "“kim”", 1), "m.yaml:2: members[0].usercode: has quotes or spaces around it"},
		{"a hash with a zero-width space", strings.Replace(row(""), hash, hash+"\u200b", 1), fmt.Sprintf("m.yaml:3: members[0].password_hash: has U+200B as character %[1]d of %[1]d", len(hash)+1)},
		{"no usercode", "members:\n- password_hash: " + hash, "m.yaml:2: members[0].usercode: is missing"},
		{"a blank usercode", "members:\n- password_hash: " + hash + "\n  usercode: ' '", "m.yaml:3: members[0].usercode: is missing"},
		{"no hash", "members:\n- usercode: kim", "m.yaml:2: members[0].password_hash: is missing"},
		{"a password for a hash", "members:\n- usercode: kim\n  password_hash: pa55word", "m.yaml:3: members[0].password_hash: is in no form of hash that ocsso reads: deploy/README.md lists them"},
		{"a hash that stalls", "members:\n- usercode: kim\n  password_hash: " + strings.Replace(hash, "m=8", "m=524288", 1), "m.yaml:3: members[0].password_hash: is too dear to check: about 0.4 s of a core and 512 MiB, of at most 1 s and 256 MiB"},
		{"the same usercode", row("") + row("")[len("members:\n"):], "m.yaml:5: members[1].usercode: is the one in line 2 again"},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := loadError(t, test.data)
			var problems yamlfile.Problems
			if !errors.As(err, &problems) {
				t.Fatalf("got error %v, want Problems", err)
			}
			if diff := cmp.Diff(test.want, err.Error()); diff != "" {
				t.Errorf("error differs (-want +got):\n%s", diff)
			}
			if problems[0].Hint == "" {
				t.Errorf("%q has no hint", problems[0])
			}
		})
	}
}

// row is a member file with one valid row and line in it.
func row(line string) string {
	return "members:\n- usercode: kim\n  password_hash: " + hash + "\n  " + line + "\n"
}

func TestLoadFileReportsAllProblemsAndNoValues(t *testing.T) {
	data := `
members:
  - usercode: alice&secret
    username: ` + strings.Repeat("secret", 10) + `
    password_hash: secret
    secret: secret
  - usercode: bob
    password_hash: ` + hash + `
  - usercode: bob
    password_hash: ` + hash + `
    phone: [secret]
`
	want := `m.yaml:6: members[0]: has an unknown key
m.yaml:3: members[0].usercode: has a "&", which separates the signed fields
m.yaml:5: members[0].password_hash: is in no form of hash that ocsso reads: deploy/README.md lists them
m.yaml:4: members[0].username: has 60 characters, of at most 50
m.yaml:11: members[2].phone: is not one value
m.yaml:9: members[2].usercode: is the one in line 7 again`
	err := loadError(t, data)
	if err == nil {
		t.Fatal("got no error")
	}
	if diff := cmp.Diff(want, err.Error()); diff != "" {
		t.Errorf("error differs (-want +got):\n%s", diff)
	}
}
