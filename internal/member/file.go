package member

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"sync/atomic"
	"time"

	"ocsso/internal/password"
	"ocsso/internal/paste"
	"ocsso/internal/token"
	"ocsso/internal/yamlfile"

	"go.yaml.in/yaml/v3"
)

// maxFile is the longest member file in bytes: some hundred thousand members.
const maxFile = 64 << 20

// A File is a directory in a member file. It keeps the members in memory; Reload reads them again.
type File struct {
	path    string
	content atomic.Pointer[content]
	read    atomic.Pointer[Version] // what the last Reload found, even if it failed
}

// A Version tells a state of a member file from an earlier one. It is zero for a file that can't be
// read.
type Version struct {
	modTime time.Time
	size    int64
}

// Version returns the version of the file as it is now.
func (f *File) Version() Version {
	info, err := os.Stat(f.path)
	if err != nil {
		return Version{}
	}
	return Version{info.ModTime(), info.Size()}
}

// Read returns the version that the last Reload has read, or has failed to use.
func (f *File) Read() Version { return *f.read.Load() }

// Count returns how many members there are.
func (f *File) Count() int { return len(f.content.Load().accounts) }

// Differs reads the file and reports whether it has other members than those in use. The error is
// one of LoadFile's.
func (f *File) Differs() (bool, error) {
	fresh, err := f.load()
	if err != nil {
		return false, err
	}
	return !maps.Equal(fresh.accounts, f.content.Load().accounts), nil
}

// A content is what a member file holds. It is not changed after load.
type content struct {
	accounts map[string]Account // by usercode
	Dearest
}

// LoadFile reads a member file of at most 64 MiB. The format is YAML:
//
//	members:
//	  - usercode: kim
//	    password_hash: $argon2id$v=19$m=19456,t=2,p=1$...
//	    username: 김철수
//	    email: kim@example.com
//	    phone: "01012345678"
//	    memberno: "1001"
//
// usercode and password_hash are required. A number is the text that is written. What is wrong
// inside the file is yamlfile.Problems, which list all there is to fix: fields that
// token.CheckField refuses, hashes that password.Verify can't check, repeated usercodes, unknown
// keys, and a file without members. They contain no value.
func LoadFile(path string) (*File, error) {
	file := &File{path: path}
	if err := file.Reload(); err != nil {
		return nil, err
	}
	return file, nil
}

// Reload reads the file again. Lookups that start after it use the new members. On an error, which
// is one of LoadFile's, the members stay as they were.
func (f *File) Reload() error {
	version := f.Version() // before reading: a change in between is found later
	f.read.Store(&version)
	fresh, err := f.load()
	if err != nil {
		return err
	}
	f.content.Store(fresh)
	return nil
}

func (f *File) load() (*content, error) {
	if f.Version().size > maxFile {
		return nil, fmt.Errorf("member file %s: more than %d MiB", f.path, maxFile>>20)
	}
	data, err := os.ReadFile(f.path)
	if err != nil {
		return nil, fmt.Errorf("member file: %w", err)
	}
	file, c := yamlfile.Parse(f.path, string(data), formHint), &content{accounts: map[string]Account{}}
	if file.Root != nil {
		c.addMembers(file)
	} else if file.Problems == nil {
		file.Report(&yaml.Node{}, "", "is empty", formHint)
	}
	if file.Problems != nil {
		return nil, file.Problems
	}
	return c, nil
}

// Account implements Directory.
func (f *File) Account(_ context.Context, usercode string) (Account, error) {
	account, ok := f.content.Load().accounts[usercode]
	if !ok {
		return Account{}, ErrUnknown
	}
	return account, nil
}

// DecoyHash returns a decoy that costs as much as the dearest hash in the file.
func (f *File) DecoyHash() string { return f.content.Load().DecoyHash() }

const formHint = "write members: and below it a list, each item with usercode: and password_hash:"

// addMembers reads the whole file.
func (c *content) addMembers(file *yamlfile.File) {
	values := file.Mapping(file.Root, "", []string{"members"}, nil)
	list := values["members"]
	if list == nil {
		if values != nil {
			file.Report(file.Root, "members", "is missing", formHint)
		}
		return
	}
	var rows []yaml.Node
	if file.Decode(list, "members", &rows) && len(rows) == 0 {
		file.Report(list, "members", "is empty, so nobody could log in", formHint)
	}
	lines := map[string]int{} // of usercodes
	for i, row := range rows {
		path := fmt.Sprintf("members[%d]", i)
		account, node := readMember(file, &row, path)
		line, again := lines[account.UserCode]
		switch {
		case node == nil:
		case again:
			file.Report(node, path+".usercode", fmt.Sprintf("is the one in line %d again", line), "give every member another usercode")
		default:
			c.See(account.PasswordHash)
			lines[account.UserCode] = node.Line
			c.accounts[account.UserCode] = account
		}
	}
}

// readMember reads one member, and returns the node of the usercode; or nil when there is no
// usercode.
func readMember(file *yamlfile.File, row *yaml.Node, path string) (account Account, usercode *yaml.Node) {
	var names []string
	columns := account.Columns()
	for _, column := range columns {
		names = append(names, string(column.Name))
	}
	values := file.Mapping(row, path, names, nil)
	if values == nil {
		return Account{}, nil
	}
	for i, column := range columns {
		node, path, text, ok := row, path+"."+names[i], "", true
		if value := values[names[i]]; value != nil {
			node = value
			ok = file.Decode(value, path, &text)
		}
		fault, hint := columnFault(column.Name, text)
		if ok && fault != "" {
			file.Report(node, path, fault, hint)
		} else if ok {
			*column.Value = text
		}
	}
	if account.UserCode == "" {
		return Account{}, nil
	}
	return account, values["usercode"]
}

// columnFault says what is wrong with a value and how to mend it, or "".
func columnFault(name token.Field, text string) (fault, hint string) {
	fault, hint = paste.Text(text)
	if fault != "" && name != token.FieldUserName && !token.Blank(text) {
		return fault, hint
	}
	if name == passwordHash {
		return hashFault(text)
	}
	if err, ok := errors.AsType[*token.FieldError](token.CheckField(name, text)); ok {
		return err.Reason, "the help center can't take it as it is"
	}
	return "", ""
}

// hashFault is the check of a password hash.
func hashFault(text string) (fault, hint string) {
	const how = "make one with: ocsso hash-password; between { and } put it in quotes"
	if text == "" {
		return "is missing", how
	}
	if err := password.CheckHash(text); err != nil {
		return "is " + err.Error(), how
	}
	return "", ""
}
