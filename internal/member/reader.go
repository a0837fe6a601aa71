package member

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"ocsso/internal/password"
	"ocsso/internal/token"

	"go.yaml.in/yaml/v3"
)

// A reader takes a member file apart. It walks the YAML by hand, because the decoder stops short of a list of all
// problems and quotes values in its errors.
type reader struct {
	name      string
	accounts  map[string]Account // by usercode
	firstHash string             // of the first member
	lines     map[string]int     // where each usercode is
	problems  Problems
}

const formHint = "write members: and below it a list, each item with usercode: and password_hash:"

// syntaxError is how the YAML parser words one.
var syntaxError = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)

// document parses data into its root, or reports why not and returns nil.
func (r *reader) document(data []byte) *yaml.Node {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var document yaml.Node
	switch err := decoder.Decode(&document); {
	case errors.Is(err, io.EOF):
		r.problems = append(r.problems, Problem{Source: r.name, Text: "is empty", Hint: formHint})
		return nil
	case err != nil:
		r.reportSyntax(err)
		return nil
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		r.problems = append(r.problems, Problem{Source: r.name, Text: "has more than one document", Hint: "remove the line with --- and what follows"})
	}
	return resolve(document.Content[0])
}

// reportSyntax adds the parser's error.
func (r *reader) reportSyntax(err error) {
	p := Problem{Source: r.name, Text: err.Error(), Hint: "look near there for a tab, or for a missing colon, quote, bracket or space"}
	if match := syntaxError.FindStringSubmatch(err.Error()); match != nil {
		p.Text = match[2]
		if match[1] != "" {
			p.Source += ":" + match[1]
		}
	}
	if strings.Contains(p.Text, "anchor") { // the parser quotes its name, which may be a value that begins with "*"
		p.Text, p.Hint = "uses an alias that stands for nothing", `put a text that begins with "*" in quotes`
	}
	r.problems = append(r.problems, p)
}

// members reads the whole file.
func (r *reader) members(root *yaml.Node) {
	values, ok := r.mapping(root, "", "members")
	if !ok {
		return
	}
	switch list := values["members"]; {
	case list == nil:
		r.report(root, "members", "is missing", formHint)
	case list.Kind != yaml.SequenceNode:
		r.report(list, "members", "is not a list", formHint)
	case len(list.Content) == 0:
		r.report(list, "members", "is empty, so nobody could log in", formHint)
	default:
		for i, row := range list.Content {
			r.row(resolve(row), fmt.Sprintf("members[%d]", i))
		}
	}
}

// fields are the keys of a row, where each belongs and what its value may be.
var fields = [...]struct {
	name  string
	of    func(*Account) *string
	fault func(text string) (fault, hint string)
}{
	{"usercode", func(a *Account) *string { return &a.UserCode }, wireFault(token.FieldUserCode)},
	{"password_hash", func(a *Account) *string { return &a.PasswordHash }, hashFault},
	{"username", func(a *Account) *string { return &a.UserName }, wireFault(token.FieldUserName)},
	{"email", func(a *Account) *string { return &a.Email }, wireFault(token.FieldEmail)},
	{"phone", func(a *Account) *string { return &a.Phone }, wireFault(token.FieldPhone)},
	{"memberno", func(a *Account) *string { return &a.MemberNo }, wireFault(token.FieldMemberNo)},
}

// fieldNames are the keys of a row.
func fieldNames() []string {
	names := make([]string, len(fields))
	for i, field := range fields {
		names[i] = field.name
	}
	return names
}

// wireFault returns the check of a field that is sent to the help center.
func wireFault(f token.Field) func(string) (string, string) {
	return func(text string) (fault, hint string) {
		var err *token.FieldError
		if errors.As(token.CheckField(f, text), &err) {
			return err.Reason, "the help center can't take it as it is"
		}
		return "", ""
	}
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

// row reads one member.
func (r *reader) row(node *yaml.Node, path string) {
	values, ok := r.mapping(node, path, fieldNames()...)
	if !ok {
		return
	}
	var account Account
	for _, field := range fields {
		at, text := node, ""
		if value := values[field.name]; value != nil {
			if value.Kind != yaml.ScalarNode || value.ShortTag() != "!!str" {
				r.report(value, path+"."+field.name, "is not text", "put it in quotes")
				continue
			}
			at, text = value, value.Value
		}
		if fault, hint := field.fault(text); fault != "" {
			r.report(at, path+"."+field.name, fault, hint)
			continue
		}
		*field.of(&account) = text
	}
	if account.UserCode == "" {
		return
	}
	line, again := r.lines[account.UserCode]
	if again {
		r.report(values["usercode"], path+".usercode", fmt.Sprintf("is the one in line %d again", line), "give every member another usercode")
		return
	}
	if len(r.accounts) == 0 {
		r.firstHash = account.PasswordHash
	}
	r.lines[account.UserCode] = values["usercode"].Line
	r.accounts[account.UserCode] = account
}

// mapping returns the values of a mapping by key, without those that are null. It reports keys other than known ones
// and repeated ones, without showing them: a row that is out of shape may have a name for a key.
func (r *reader) mapping(node *yaml.Node, path string, known ...string) (values map[string]*yaml.Node, ok bool) {
	if node.Kind != yaml.MappingNode {
		r.report(node, path, "is not made of name: value", formHint)
		return nil, false
	}
	values = map[string]*yaml.Node{}
	lines := map[string]int{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := resolve(node.Content[i]), resolve(node.Content[i+1])
		line, again := lines[key.Value]
		switch {
		case !slices.Contains(known, key.Value):
			r.report(key, path, "has an unknown key", "known here: "+strings.Join(known, ", "))
		case again:
			r.report(key, strings.TrimPrefix(path+"."+key.Value, "."),
				fmt.Sprintf("is there twice, first in line %d", line), "leave one of the two out")
		case value.ShortTag() != "!!null":
			values[key.Value] = value
		}
		lines[key.Value] = key.Line
	}
	return values, true
}

// resolve follows an alias. That can't go round: aliases lead to nodes, never to aliases.
func resolve(node *yaml.Node) *yaml.Node {
	if node.Kind == yaml.AliasNode {
		return node.Alias
	}
	return node
}

// report adds a problem with what stands at node.
func (r *reader) report(node *yaml.Node, path, text, hint string) {
	r.problems = append(r.problems, Problem{Source: fmt.Sprintf("%s:%d", r.name, node.Line), Path: path, Text: text, Hint: hint})
}
