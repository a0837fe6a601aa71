package member

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"ocsso/internal/token"
)

// Names say where each field of a member is found: the names of claims or headers, or dotted paths
// in a JSON document, such as "response.id". "" is for a field that is nowhere. UserCode is
// required.
type Names Member

// Member returns the member whose fields text finds by their names. An optional field stays empty
// if text has an error for it, and left says why. The error is text's for the usercode.
func (n Names) Member(text func(name string) (string, error)) (m Member, left []*token.FieldError, err error) {
	names, fields := Member(n), m.Fields()
	for i, from := range names.Fields() {
		if *from.Value == "" {
			continue
		}
		value, err := text(*from.Value)
		switch {
		case err == nil:
			*fields[i].Value = value
		case from.Name == token.FieldUserCode:
			return Member{}, nil, err
		default:
			left = append(left, &token.FieldError{Field: from.Name, Reason: err.Error()})
		}
	}
	return m, left, nil
}

// InJSON returns the member in a JSON document. A field is text or an integer. One that is absent,
// null, or of another type leaves an optional field empty, and the usercode too: a document without
// a usercode is about nobody, and no error. The error contains no value.
func (n Names) InJSON(document []byte) (Member, error) {
	decoder := json.NewDecoder(bytes.NewReader(document))
	decoder.UseNumber() // integers beyond 2^53 stay exact
	var root any
	if err := decoder.Decode(&root); err != nil {
		return Member{}, errors.New("not JSON")
	}
	if decoder.More() {
		return Member{}, errors.New("text behind the JSON")
	}
	m, _, err := n.Member(func(path string) (string, error) { return textAt(root, path) })
	if err != nil {
		return Member{}, err
	}
	if strings.ContainsRune(m.UserCode, '\uFFFD') {
		return Member{}, fmt.Errorf("%s has broken characters", n.UserCode) // two such could become one
	}
	return m, nil
}

// textAt returns the text or the integer at a path, or "" when there is none. Anything else there
// is an error.
func textAt(value any, path string) (string, error) {
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
