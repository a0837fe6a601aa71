package check

import (
	"bytes"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// A form is one of a page, with the values that the page gives its fields.
type form struct {
	action  *url.URL
	method  string // GET or POST
	enctype string
	inputs  []input
}

// An input is a field of a form: its kind is the type attribute, in lower case.
type input struct{ name, value, kind string }

// forms are those of the page, in its order. One whose action is no URL is left out: no browser could send it.
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

// elements yields the page's elements of a name.
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

// attribute is one of node's; "" where it has none of the name.
func attribute(node *html.Node, name string) string {
	for _, a := range node.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// text is what a person reads on the page.
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

// values are the form's fields as they are sent.
func (f form) values() url.Values {
	values := url.Values{}
	for _, i := range f.inputs {
		values.Add(i.name, i.value)
	}
	return values
}

// has reports whether the form has a field of the name.
func (f form) has(name string) bool {
	return slices.ContainsFunc(f.inputs, func(i input) bool { return i.name == name })
}

// asksPassword reports whether the form is a login.
func (f form) asksPassword() bool {
	return slices.ContainsFunc(f.inputs, func(i input) bool { return i.kind == "password" })
}

// carries reports whether a value stands in a field of the form, or in its action's query.
func (f form) carries(value string) bool {
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

// filled is the login form with the member's name and password typed in. An empty field name is the usual field: the text
// one before the password, and the password's own.
func (f form) filled(userField, passwordField, user string, password string) form {
	inputs := slices.Clone(f.inputs)
	for i, each := range inputs {
		isText := each.kind == "" || each.kind == "text" || each.kind == "email" || each.kind == "tel"
		switch {
		case each.name == passwordField || passwordField == "" && each.kind == "password":
			inputs[i].value = password
		case each.name == userField || userField == "" && isText:
			inputs[i].value = user
			if userField == "" {
				userField = each.name // only the first
			}
		}
	}
	f.inputs = inputs
	return f
}

// replaced is the form with a value changed wherever it stands, in the fields and in the action's query.
func (f form) replaced(old, value string) form {
	inputs := slices.Clone(f.inputs)
	for i := range inputs {
		if inputs[i].value == old {
			inputs[i].value = value
		}
	}
	action := *f.action
	query := action.Query()
	for name := range query {
		if query.Get(name) == old {
			query.Set(name, value)
		}
	}
	if len(query) > 0 {
		action.RawQuery = query.Encode()
	}
	f.inputs, f.action = inputs, &action
	return f
}
