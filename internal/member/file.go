package member

import (
	"context"
	"fmt"
	"io"
	"os"
)

// maxFile is the most bytes of a member file: some hundred thousand members.
const maxFile = 64 << 20

// A File is a directory that was read from a member file. It doesn't follow later changes of the file.
type File struct {
	accounts map[string]Account
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

// ParseFile returns the directory that data describes; name is what problems call it. The format is YAML:
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
// rows that Member.Validate refuses, hashes that VerifyPassword can't check, a usercode that is there twice, keys that
// there are not and no members at all.
func ParseFile(name string, data []byte) (*File, error) {
	r := reader{name: name, accounts: map[string]Account{}, lines: map[string]int{}}
	if root := r.document(data); root != nil {
		r.members(root)
	}
	if len(r.problems) > 0 {
		return nil, r.problems
	}
	return &File{r.accounts}, nil
}

// Account implements Directory.
func (f *File) Account(_ context.Context, usercode string) (Account, error) {
	account, ok := f.accounts[usercode]
	if !ok {
		return Account{}, ErrUnknown
	}
	return account, nil
}
