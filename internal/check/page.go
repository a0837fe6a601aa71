package check

import (
	"bytes"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// A form is an HTML form with the values that the page gives its fields.
type form struct {
	action  *url.URL
	method  string // GET or POST
	enctype string
	inputs  []input
}

// An input is a field of a form. Its kind is the type attribute in lower case.
type input struct{ name, value, kind string }

// forms returns the page's forms in order. A form whose action is not a URL is left out.
func (a answer) forms() []form {
	var all []form
	for node := range a.elements("form") {
		action, err := a.url.Parse(attribute(node, "action"))
		if err != nil {
			continue
		}
		f := form{action: action, method: http.MethodGet, enctype: attribute(node, "enctype")}
		if strings.EqualFold(attribute(node, "method"), http.MethodPost) {
			f.method = http.MethodPost
		}
		for child := range node.Descendants() {
			name := attribute(child, "name")
			if child.Type == html.ElementNode && child.Data == "input" && name != "" {
				f.inputs = append(f.inputs, input{name, attribute(child, "value"), strings.ToLower(attribute(child, "type"))})
			}
		}
		all = append(all, f)
	}
	return all
}

// elements yields the page's elements with this tag name.
func (a answer) elements(name string) func(yield func(*html.Node) bool) {
	return func(yield func(*html.Node) bool) {
		root, err := html.Parse(bytes.NewReader(a.body))
		if err != nil {
			return
		}
		for node := range root.Descendants() {
			if node.Type == html.ElementNode && node.Data == name && !yield(node) {
				return
			}
		}
	}
}

// attribute returns the value of an attribute, or "" if node does not have it.
func attribute(node *html.Node, name string) string {
	for _, a := range node.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// text returns the visible text of the page.
func (a answer) text() string {
	var words []string
	for body := range a.elements("body") {
		for node := range body.Descendants() {
			if node.Type == html.TextNode && node.Parent.Data != "script" && node.Parent.Data != "style" {
				words = append(words, strings.Fields(node.Data)...)
			}
		}
	}
	return strings.Join(words, " ")
}

// values returns the form's fields as they are sent.
func (f form) values() url.Values {
	values := url.Values{}
	for _, i := range f.inputs {
		values.Add(i.name, i.value)
	}
	return values
}

// has reports whether the form has a field with this name.
func (f form) has(name string) bool {
	return slices.ContainsFunc(f.inputs, func(i input) bool { return i.name == name })
}

// hasPassword reports whether the form has a password field.
func (f form) hasPassword() bool {
	return slices.ContainsFunc(f.inputs, func(i input) bool { return i.kind == "password" })
}

// hasValue reports whether a field of the form or a parameter of its action has this value.
func (f form) hasValue(value string) bool {
	if slices.ContainsFunc(f.inputs, func(i input) bool { return i.value == value }) {
		return true
	}
	for _, values := range f.action.Query() {
		if slices.Contains(values, value) {
			return true
		}
	}
	return false
}

// filled returns the login form with a user name and a password typed in. An empty userField means
// the first text field, an empty passwordField the fields of type password.
func (f form) filled(userField, passwordField, user, password string) form {
	f.inputs = slices.Clone(f.inputs)
	for i := range f.inputs {
		field := &f.inputs[i]
		isText := slices.Contains([]string{"", "text", "email", "tel"}, field.kind)
		switch {
		case field.name == passwordField || passwordField == "" && field.kind == "password":
			field.value = password
		case field.name == userField || userField == "" && isText:
			field.value = user
			userField = field.name
		}
	}
	return f
}

// withValueReplaced returns the form with old changed to value in its fields and in its action's
// query.
func (f form) withValueReplaced(old, value string) form {
	f.inputs = slices.Clone(f.inputs)
	for i := range f.inputs {
		if f.inputs[i].value == old {
			f.inputs[i].value = value
		}
	}
	action := *f.action
	query := action.Query()
	for name := range query {
		if query.Get(name) == old {
			query.Set(name, value)
		}
	}
	action.RawQuery = query.Encode()
	f.action = &action
	return f
}
