package member

import (
	"context"
	"fmt"
	"io"
	"os"
	"sync/atomic"

	"ocsso/internal/password"
)

// maxFile is the most bytes of a member file: some hundred thousand members.
const maxFile = 64 << 20

// A File is a directory that was read from a member file. It follows later changes of the file when told to Reload.
type File struct {
	path    string
	content atomic.Pointer[content]
}

// A content is what a member file holds. It doesn't change.
type content struct {
	accounts  map[string]Account // by usercode
	decoyHash string             // costs as much as the first member's hash
}

// LoadFile reads a member file of at most 64 MiB; see ParseFile.
func LoadFile(path string) (*File, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("member file: %w", err)
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("member file: %w", err)
	}
	if len(data) > maxFile {
		return nil, fmt.Errorf("member file %s: more than %d MiB", path, maxFile>>20)
	}
	return ParseFile(path, data)
}

// ParseFile returns the directory that data describes; name is what problems call it, and the path that Reload reads.
// The format is YAML:
//
//	members:
//	  - usercode: kim
//	    password_hash: $argon2id$v=19$m=19456,t=2,p=1$...
//	    username: 김철수
//	    email: kim@example.com
//	    phone: "01012345678"
//	    memberno: "1001"
//
// usercode and password_hash are required; every value is text. Errors are Problems and list all there is to fix:
// rows that Member.Validate refuses, hashes that password.Verify can't check, a usercode that is there twice, keys that
// there are not and no members at all.
func ParseFile(name string, data []byte) (*File, error) {
	r := reader{name: name, accounts: map[string]Account{}, lines: map[string]int{}}
	if root := r.document(data); root != nil {
		r.members(root)
	}
	if len(r.problems) > 0 {
		return nil, r.problems
	}
	file := &File{path: name}
	file.content.Store(&content{r.accounts, password.Decoy(r.firstHash)})
	return file, nil
}

// Reload reads the file again, and everyone who asks from then on is answered out of what it holds now. Where LoadFile
// would return an error, Reload returns that error and the directory stays as it was.
func (f *File) Reload() error {
	fresh, err := LoadFile(f.path)
	if err != nil {
		return err
	}
	f.content.Store(fresh.content.Load())
	return nil
}

// Account implements Directory.
func (f *File) Account(_ context.Context, usercode string) (Account, error) {
	now := f.content.Load()
	account, ok := now.accounts[usercode]
	if !ok {
		return Account{}, unknownError{now.decoyHash}
	}
	return account, nil
}
