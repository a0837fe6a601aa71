package member

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// JSONPaths say where in a JSON document each field of a member is: a dotted path of names, such as
// "response.id"; "" is for a field that the document doesn't have.
type JSONPaths struct {
	UserCode string // required
	UserName string
	Email    string
	Phone    string
	MemberNo string
}

// Member returns the member in a JSON document. A field is text or an integer. One that is absent,
// null, or of another type leaves an optional field empty, and the usercode too: a document without
// a usercode is about nobody, and no error. The error contains no value.
func (p JSONPaths) Member(document []byte) (Member, error) {
	decoder := json.NewDecoder(bytes.NewReader(document))
	decoder.UseNumber() // integers beyond 2^53 stay exact
	var root any
	if err := decoder.Decode(&root); err != nil {
		return Member{}, errors.New("not JSON")
	}
	if decoder.More() {
		return Member{}, errors.New("text behind the JSON")
	}
	usercode, err := textAt(root, p.UserCode)
	if err != nil {
		return Member{}, err
	}
	if strings.ContainsRune(usercode, '\uFFFD') {
		return Member{}, fmt.Errorf("%s has broken characters", p.UserCode) // two such could become one
	}
	m := Member{UserCode: usercode}
	for _, optional := range []struct {
		path  string
		value *string
	}{{p.UserName, &m.UserName}, {p.Email, &m.Email}, {p.Phone, &m.Phone}, {p.MemberNo, &m.MemberNo}} {
		*optional.value, _ = textAt(root, optional.path)
	}
	return m, nil
}

// textAt returns the text or the integer at a path, or "" when there is none. Anything else there
// is an error.
func textAt(value any, path string) (string, error) {
	if path == "" {
		return "", nil
	}
	for name := range strings.SplitSeq(path, ".") {
		object, _ := value.(map[string]any) // nil for anything but an object
		value = object[name]
	}
	switch value := value.(type) {
	case nil:
		return "", nil
	case string:
		return value, nil
	case json.Number:
		if !strings.ContainsAny(value.String(), ".eE") {
			return value.String(), nil
		}
	}
	return "", fmt.Errorf("%s is neither text nor an integer", path)
}
