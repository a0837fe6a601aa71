package member

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"ocsso/internal/token"
)

// Names say where each field of a member is found: the names of claims or headers, or dotted paths
// in a JSON document, such as "response.id". "" is for a field that is nowhere. UserCode is
// required.
type Names struct {
	UserCode, UserName, Email, Phone, MemberNo string

	// EmailVerified says whether the email is the member's, in a JSON document. The email is left
	// out unless each of them does: the help center merges customers by it.
	EmailVerified []string
	Guests        Guests
}

// Fields lists the names of n in the order of Member.Fields.
func (n Names) Fields() [5]string {
	return [5]string{n.UserCode, n.UserName, n.Email, n.Phone, n.MemberNo}
}

// Guests are the values of a usercode, or of an email, that stand for nobody: what languages write
// for nothing, frameworks call a visitor, and proxies send of a variable that they don't know.
// "..." stands for anything. Case doesn't matter.
type Guests []string

// match returns the item that value is like, or "".
func (g Guests) match(value string) string {
	value = strings.ToLower(strings.TrimSpace(value))
	for _, item := range g {
		start, end, open := strings.Cut(strings.ToLower(item), "...")
		rest, ok := strings.CutPrefix(value, start)
		if ok && (rest == "" && !open || open && strings.HasSuffix(rest, end)) {
			return item
		}
	}
	return ""
}

// ErrGuest says that a value is one of Guests: as a usercode, that nobody is logged in. It follows
// the name of the field.
var ErrGuest = errors.New("stands for nobody")

// Member returns the member whose fields text finds by their names. An optional field stays empty
// if text has an error for it, or it is one of Guests, and left says why. For the usercode, this is
// the error.
func (n Names) Member(text func(name string) (string, error)) (m Member, left []*token.FieldError, err error) {
	names := n.Fields()
	for i, field := range m.Fields() {
		if names[i] == "" {
			continue
		}
		value, err := text(names[i])
		// The help center merges customers by email. As a name it does no harm.
		if item := n.Guests.match(value); err == nil && item != "" && field.Name != token.FieldUserName {
			err = fmt.Errorf("%w: it is %q of login.guest_values", ErrGuest, item)
		}
		switch {
		case err == nil:
			*field.Value = value
		case field.Name == token.FieldUserCode:
			return Member{}, nil, err
		default:
			left = append(left, &token.FieldError{Field: field.Name, Reason: err.Error()})
		}
	}
	return m, left, nil
}

// errUnverified follows the name of the field.
var errUnverified = errors.New("is not verified")

// InJSON is Member for a JSON document. A field is text or an integer. One that is absent, null,
// false, or of another type leaves an optional field empty, and the usercode too: a document
// without a usercode is about nobody, and no error. The error contains no value.
func (n Names) InJSON(document []byte) (Member, []*token.FieldError, error) {
	decoder := json.NewDecoder(bytes.NewReader(document))
	decoder.UseNumber() // integers beyond 2^53 stay exact
	var root any
	if err := decoder.Decode(&root); err != nil {
		return Member{}, nil, errors.New("not JSON")
	}
	if decoder.More() {
		return Member{}, nil, errors.New("text behind the JSON")
	}
	unverified := slices.ContainsFunc(n.EmailVerified, func(path string) bool { return !Verified(valueAt(root, path)) })
	m, left, err := n.Member(func(path string) (string, error) {
		text, err := textAt(root, path)
		if unverified && path == n.Email && text != "" {
			return "", errUnverified
		}
		return text, err
	})
	if err != nil {
		return Member{}, nil, err
	}
	if strings.ContainsRune(m.UserCode, '\uFFFD') {
		return Member{}, nil, fmt.Errorf("%s has broken characters", n.UserCode) // two such could become one
	}
	return m, left, nil
}

// valueAt returns what is at a path, or nil.
func valueAt(value any, path string) any {
	for name := range strings.SplitSeq(path, ".") {
		object, _ := value.(map[string]any) // nil for anything but an object
		value = object[name]
	}
	return value
}

// textAt returns the text or the integer at a path, or "" when there is none. Anything else there
// is an error.
func textAt(root any, path string) (string, error) {
	switch value := valueAt(root, path).(type) {
	case nil:
		return "", nil
	case bool:
		if !value { // what some languages have for nothing
			return "", nil
		}
	case string:
		return value, nil
	case json.Number:
		if !strings.ContainsAny(value.String(), ".eE") {
			return value.String(), nil
		}
	}
	return "", fmt.Errorf("%s is neither text nor an integer", path)
}

// Verified reports whether a value says that an email is verified: true, what languages and
// databases write for it, or when it was. Everything else doesn't, such as nil, 0, "N" or
// "pending".
func Verified(value any) bool {
	text := strings.ToLower(strings.TrimSpace(fmt.Sprint(value)))
	isNumberOrDate := text > "0" && text[0] >= '1' && strings.Trim(text, "0123456789-:.+tz ") == "" // not 0000-00-00
	return isNumberOrDate || slices.Contains([]string{"true", "t", "yes", "y", "on", "verified", "confirmed", "\x01"}, text)
}
