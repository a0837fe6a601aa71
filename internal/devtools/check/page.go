package check

import (
	"bytes"
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
)

// A form is an HTML form with the values that the page gives its fields.
type form struct {
	page     *url.URL // has the form
	action   *url.URL
	method   string // GET or POST
	enctype  string
	target   string
	onsubmit string
	charset  string // in which the form is sent, in lower case
	inputs   []input
	// submitter is the index of the button that the Enter key presses, or -1. blocked says that
	// it is disabled.
	submitter int
	blocked   bool
}

// An input is a control of a form. Its kind is the type of an input in lower case, or the name of
// another element.
type input struct {
	name, value, kind string
	id, autocomplete  string
	sent              bool // false when it is disabled or not chosen
}

// document parses the page as a browser does: tolerant, and in the page's encoding.
func (a answer) document() *html.Node {
	reader, err := charset.NewReader(bytes.NewReader(a.body), a.header.Get("Content-Type"))
	if err != nil || a.inChromium {
		reader = bytes.NewReader(a.body)
	}
	root, err := html.Parse(reader)
	if err != nil {
		return &html.Node{Type: html.DocumentNode}
	}
	return root
}

// isHTML reports whether browsers show the page as HTML.
func (a answer) isHTML() bool {
	return a.header.Get("Content-Type") == "" || a.is("text/html") || a.is("application/xhtml+xml")
}

// encodingName is the name of the page's encoding, in lower case. A page that names none is taken
// for UTF-8, as its bytes say when they are not ASCII.
func (a answer) encodingName() string {
	if a.inChromium {
		return strings.ToLower(a.charset)
	}
	_, name, certain := charset.DetermineEncoding(a.body, a.header.Get("Content-Type"))
	if !certain && utf8.Valid(a.body) {
		return "utf-8"
	}
	return name
}

// elements yields the page's elements with one of these tag names.
func (a answer) elements(names ...string) func(yield func(*html.Node) bool) {
	return func(yield func(*html.Node) bool) {
		for node := range a.document().Descendants() {
			if node.Type == html.ElementNode && slices.Contains(names, node.Data) && !yield(node) {
				return
			}
		}
	}
}

// attribute returns the value of an attribute, or "" if node does not have it.
func attribute(node *html.Node, name string) string {
	value, _ := lookup(node, name)
	return value
}

func lookup(node *html.Node, name string) (string, bool) {
	for _, a := range node.Attr {
		if a.Key == name && a.Namespace == "" {
			return a.Val, true
		}
	}
	return "", false
}

func has(node *html.Node, name string) bool {
	_, ok := lookup(node, name)
	return ok
}

// text returns the visible text of the page.
func (a answer) text() string {
	var words []string
	for body := range a.elements("body") {
		for node := range body.Descendants() {
			if node.Type == html.TextNode && !slices.Contains([]string{"script", "style", "noscript", "template"}, node.Parent.Data) {
				words = append(words, strings.Fields(node.Data)...)
			}
		}
	}
	return strings.Join(words, " ")
}

// base is what the page's relative URLs are relative to.
func (a answer) base(root *html.Node) *url.URL {
	for node := range root.Descendants() {
		if node.Type == html.ElementNode && node.Data == "base" && has(node, "href") {
			if base, err := a.url.Parse(attribute(node, "href")); err == nil {
				return base
			}
		}
	}
	return a.url
}

// forms returns the page's forms in order. A form whose action is not a URL is left out.
func (a answer) forms() []form {
	root := a.document()
	base, encoding := a.base(root), a.encodingName()
	controls := map[*html.Node][]*html.Node{}
	var nodes []*html.Node
	byID := map[string]*html.Node{}
	for node := range root.Descendants() {
		if node.Type == html.ElementNode && node.Data == "form" {
			nodes = append(nodes, node)
			byID[cmp.Or(attribute(node, "id"), "#")] = node
		}
	}
	var last *html.Node
	for node := range root.Descendants() {
		switch {
		case node.Type != html.ElementNode:
		case node.Data == "form":
			last = node
		case slices.Contains([]string{"input", "select", "textarea", "button"}, node.Data):
			if owner := ownerOf(node, byID, last); owner != nil {
				controls[owner] = append(controls[owner], node)
			}
		}
	}
	var all []form
	for _, node := range nodes {
		action := a.url
		if text := strings.TrimSpace(attribute(node, "action")); text != "" {
			parsed, err := base.Parse(text)
			if err != nil {
				continue
			}
			action = parsed
		}
		f := form{
			page: a.url, action: action, method: methodOf(attribute(node, "method")), enctype: attribute(node, "enctype"),
			target: attribute(node, "target"), onsubmit: attribute(node, "onsubmit"),
			charset: formCharset(attribute(node, "accept-charset"), encoding), submitter: -1,
		}
		for _, control := range controls[node] {
			f.add(control)
		}
		all = append(all, f)
	}
	if a.sent != nil && a.sent.method == http.MethodPost {
		all = append(all, a.sent.form(a))
	}
	return all
}

// ownerOf returns the form of a control. A form that a table pushes out of the way has no children,
// and owns the controls after it.
func ownerOf(node *html.Node, byID map[string]*html.Node, last *html.Node) *html.Node {
	if id, ok := lookup(node, "form"); ok {
		return byID[id]
	}
	for parent := node.Parent; parent != nil; parent = parent.Parent {
		if parent.Type == html.ElementNode && parent.Data == "form" {
			return parent
		}
	}
	if last != nil && last.FirstChild == nil {
		return last
	}
	return nil
}

func methodOf(text string) string {
	if strings.EqualFold(strings.TrimSpace(text), http.MethodPost) {
		return http.MethodPost
	}
	return http.MethodGet
}

// formCharset is the first encoding of accept-charset that a browser knows, else the page's.
func formCharset(accepted, page string) string {
	for _, label := range strings.FieldsFunc(accepted, func(r rune) bool { return r == ' ' || r == ',' }) {
		if _, name := charset.Lookup(label); name != "" {
			page = name
			break
		}
	}
	if strings.HasPrefix(page, "utf-16") || page == "replacement" {
		return "utf-8"
	}
	return page
}

// add adds a control to the form, as HTML constructs the entry list.
func (f *form) add(node *html.Node) {
	kind := node.Data
	if kind == "input" {
		kind = cmp.Or(strings.ToLower(attribute(node, "type")), "text")
	} else if kind == "button" {
		kind = cmp.Or(strings.ToLower(attribute(node, "type")), "submit")
	}
	i := input{
		name: attribute(node, "name"), id: attribute(node, "id"), autocomplete: attribute(node, "autocomplete"), kind: kind,
		value: attribute(node, "value"), sent: !isDisabled(node),
	}
	switch kind {
	case "checkbox", "radio":
		i.sent = i.sent && has(node, "checked")
		if !has(node, "value") {
			i.value = "on"
		}
	case "submit", "image":
		if f.submitter < 0 {
			f.submitter, f.blocked = len(f.inputs), isDisabled(node)
			f.overrideBy(node)
		}
		i.sent = false // values adds the submitter
	case "button", "reset":
		i.sent = false
	case "textarea":
		i.value = strings.TrimPrefix(textOf(node), "\n")
	case "select":
		f.addSelect(node, i)
		return
	}
	f.inputs = append(f.inputs, i)
}

// overrideBy applies the attributes by which a button replaces the form's.
func (f *form) overrideBy(button *html.Node) {
	if text := attribute(button, "formaction"); text != "" {
		if action, err := f.page.Parse(text); err == nil {
			f.action = action
		}
	}
	if text, ok := lookup(button, "formmethod"); ok {
		f.method = methodOf(text)
	}
	f.enctype = cmp.Or(attribute(button, "formenctype"), f.enctype)
}

// addSelect adds the chosen options of a select, or the first one when none is chosen.
func (f *form) addSelect(node *html.Node, i input) {
	var first, chosen []input
	for option := range node.Descendants() {
		if option.Type != html.ElementNode || option.Data != "option" {
			continue
		}
		each := i
		each.value = strings.Join(strings.Fields(textOf(option)), " ")
		if value, ok := lookup(option, "value"); ok {
			each.value = value
		}
		disabled := has(option, "disabled") || option.Parent.Data == "optgroup" && has(option.Parent, "disabled")
		each.sent = i.sent && !disabled
		if has(option, "selected") {
			chosen = append(chosen, each)
		} else if first == nil && !disabled {
			first = []input{each}
		}
	}
	switch {
	case has(node, "multiple"):
		f.inputs = append(f.inputs, chosen...)
	case chosen != nil:
		f.inputs = append(f.inputs, chosen[len(chosen)-1])
	default:
		f.inputs = append(f.inputs, first...)
	}
}

// isDisabled reports whether a control is disabled, by itself or by a fieldset around it.
func isDisabled(node *html.Node) bool {
	if has(node, "disabled") {
		return true
	}
	child := node
	for parent := node.Parent; parent != nil; child, parent = parent, parent.Parent {
		switch {
		case parent.Type != html.ElementNode:
		case parent.Data == "datalist":
			return true
		case parent.Data == "fieldset" && has(parent, "disabled") && child != firstLegend(parent):
			return true
		}
	}
	return false
}

func firstLegend(fieldset *html.Node) *html.Node {
	for child := range fieldset.ChildNodes() {
		if child.Type == html.ElementNode && child.Data == "legend" {
			return child
		}
	}
	return nil
}

func textOf(node *html.Node) string {
	var text strings.Builder
	for child := range node.Descendants() {
		if child.Type == html.TextNode {
			text.WriteString(child.Data)
		}
	}
	return text.String()
}

// textKinds are the input types that hold a line of text. Browsers take an unknown type for text.
var textKinds = []string{"text", "email", "tel", "url", "search", "number", "password"}

// otherKinds are the kinds of controls that nobody types a line into.
var otherKinds = []string{
	"hidden", "checkbox", "radio", "submit", "image", "button", "reset", "file", "color", "range", "date", "time",
	"datetime-local", "month", "week", "textarea", "select",
}

// isText reports whether a user name can be typed into the control.
func (i input) isText() bool { return i.kind != "password" && !slices.Contains(otherKinds, i.kind) }

// sanitized is the value as browsers keep and send it.
func (i input) sanitized() string {
	value := i.value
	if slices.Contains(textKinds, i.kind) {
		value = strings.NewReplacer("\r", "", "\n", "").Replace(value)
		if i.kind == "email" || i.kind == "url" {
			value = strings.TrimSpace(value)
		}
		return value
	}
	value = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(value)
	return strings.ReplaceAll(value, "\n", "\r\n")
}

// entries returns the fields that are sent, in order and in UTF-8. A script that submits the form
// presses no button.
func (f form) entries(byButton bool) []input {
	var entries []input
	for at, i := range f.inputs {
		isSubmitter := byButton && at == f.submitter && !f.blocked
		if i.name == "" || !i.sent && !isSubmitter {
			continue
		}
		i.value = i.sanitized()
		if i.name == "_charset_" && i.kind == "hidden" {
			i.value = strings.ToUpper(f.charset)
		}
		if i.kind == "image" {
			entries = append(entries, input{name: i.name + ".x", value: "0"}, input{name: i.name + ".y", value: "0"})
			continue
		}
		entries = append(entries, i)
	}
	return entries
}

// encode returns text in the encoding of the form. What the encoding lacks becomes a character
// reference, as in browsers.
func (f form) encode(text string) string {
	e, name := charset.Lookup(f.charset)
	if name == "utf-8" || e == nil {
		return text
	}
	encoded, err := encoding.HTMLEscapeUnsupported(e.NewEncoder()).String(text)
	if err != nil {
		return text
	}
	return encoded
}

// query returns the form's fields, urlencoded in the encoding of the form.
func (f form) query(byButton bool) string {
	var pairs []string
	for _, e := range f.entries(byButton) {
		pairs = append(pairs, url.QueryEscape(f.encode(e.name))+"="+url.QueryEscape(f.encode(e.value)))
	}
	return strings.Join(pairs, "&")
}

// values returns the form's fields as a server decodes them when a script has submitted the form.
func (f form) values() url.Values {
	values := url.Values{}
	for _, e := range f.entries(false) {
		values.Add(f.encode(e.name), f.encode(e.value))
	}
	return values
}

// request returns the request that a member's press of the Enter key makes.
func (f form) request() request {
	r := request{method: f.method, target: f.action.String()}
	if f.method == http.MethodGet {
		target := *f.action
		target.RawQuery = f.query(true)
		r.target = target.String()
		return r
	}
	r.body, r.contentType = f.query(true), "application/x-www-form-urlencoded"
	return r
}

// has reports whether the form has a field with this name.
func (f form) has(name string) bool {
	return slices.ContainsFunc(f.inputs, func(i input) bool { return i.name == name })
}

// passwords counts the form's password fields.
func (f form) passwords() int {
	count := 0
	for _, i := range f.inputs {
		if i.kind == "password" {
			count++
		}
	}
	return count
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

// filled returns the login form with a user name and a password typed in. An empty passwordField
// means the fields of type password, an empty userField the text field nearest before the password.
func (f form) filled(userField, passwordField, user, password string) form {
	f.inputs = slices.Clone(f.inputs)
	isPassword := func(i input) bool { return i.name == passwordField || passwordField == "" && i.kind == "password" }
	if at := slices.IndexFunc(f.inputs, isPassword); userField == "" && at >= 0 {
		nearest := func(i input) bool { return i.isText() && i.name != "" && i.sent && !isPassword(i) }
		for before := range at {
			if nearest(f.inputs[before]) {
				userField = f.inputs[before].name
			}
		}
		if userField == "" {
			if after := slices.IndexFunc(f.inputs[at:], nearest); after >= 0 {
				userField = f.inputs[at+after].name
			}
		}
	}
	for at := range f.inputs {
		switch i := &f.inputs[at]; {
		case isPassword(*i):
			i.value = password
		case i.name == userField && userField != "":
			i.value = user
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
