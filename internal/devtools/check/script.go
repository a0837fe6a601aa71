package check

import (
	"context"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/html"
)

// A script is a classic or module script of a page, or an event handler's attribute.
type script struct {
	node    *html.Node
	text    string   // of an inline script or a handler
	source  *url.URL // of a script file
	handler bool     // text is the value of an on... attribute
	first   bool     // it runs before the parser gets to the page's first form
}

// scripts returns the scripts and handlers of the page in order.
func (a answer) scripts() []script {
	root := a.document()
	base := a.base(root)
	var all []script
	formSeen := false
	for node := range root.Descendants() {
		if node.Type != html.ElementNode {
			continue
		}
		formSeen = formSeen || node.Data == "form"
		for _, at := range node.Attr {
			if strings.HasPrefix(at.Key, "on") && at.Val != "" {
				all = append(all, script{node: node, text: at.Val, handler: true})
			}
		}
		if node.Data != "script" || !isJavaScript(attribute(node, "type")) {
			continue
		}
		src, isFile := lookup(node, "src")
		later := attribute(node, "type") == "module" || isFile && (has(node, "defer") || has(node, "async"))
		s := script{node: node, first: !formSeen && !later}
		if isFile {
			source, err := base.Parse(strings.TrimSpace(src))
			if err != nil {
				continue
			}
			s.source = source
		} else {
			s.text = textOf(node)
		}
		all = append(all, s)
	}
	return all
}

func isJavaScript(kind string) bool {
	kind = strings.ToLower(strings.TrimSpace(kind))
	return kind == "" || kind == "module" || strings.Contains(kind, "javascript") || strings.Contains(kind, "ecmascript")
}

// load returns the text of a script file, and whether a browser runs it.
func (b *browser) load(ctx context.Context, s script) (text string, runs bool) {
	a, err := b.get(ctx, s.source.String(), header{"Accept", "*/*"})
	if err != nil || a.status != http.StatusOK {
		return "", false
	}
	kind, _, _ := mime.ParseMediaType(a.header.Get("Content-Type"))
	isScript := strings.Contains(kind, "javascript") || strings.Contains(kind, "ecmascript")
	module := attribute(s.node, "type") == "module"
	if !isScript && (module || strings.EqualFold(a.header.Get("X-Content-Type-Options"), "nosniff") || strings.HasPrefix(kind, "image/")) {
		return "", false
	}
	return string(a.body), true
}

// programs returns the text of the page's scripts. Of the files it reads those of the integration.
func (b *browser) programs(ctx context.Context, a answer) string {
	var all []string
	for _, s := range a.scripts() {
		text := s.text
		if s.source != nil && b.stays(a.url, s.source) {
			text, _ = b.load(ctx, s)
		}
		all = append(all, text)
	}
	return strings.Join(all, "\n")
}

var (
	// asks matches scripts that send requests themselves.
	asks = regexp.MustCompile(`\bfetch\s*\(|XMLHttpRequest|\baxios\b|\$\.(?:ajax|post|getJSON)\b|\bky\s*[.(]`)
	// builds matches scripts that make the handoff's form themselves.
	builds = regexp.MustCompile(`remote\.json|createElement\(\s*["'\x60]form`)
	// fetches matches scripts that send the handoff themselves, so that no cookie of the help
	// center gets into the browser. formBuilders match those that make a form.
	fetches      = regexp.MustCompile(`(?:\bfetch|\baxios(?:\.post)?|\$\.(?:ajax|post)|\.open)\s*\([^;]{0,80}remote\.json`)
	formBuilders = regexp.MustCompile(`createElement\(\s*["'\x60]form|<form|\.action\s*=`)
	// leaves matches scripts that open another page.
	leaves = regexp.MustCompile(`\blocation\.(?:replace|assign)\(|\blocation(?:\.href)?\s*=[^=]`)
	// listens matches scripts that handle the submission of a form.
	listens = regexp.MustCompile(`["']submit["']|onsubmit|\.submit\(\s*(?:async\s*)?(?:function|\()|preventDefault`)
)

// goesOnByScript reports whether only running script can show what comes after this page: the
// answer is for a script, the page is an empty shell, or it makes the handoff's form itself.
func (b *browser) goesOnByScript(ctx context.Context, a answer) bool {
	if a.is("application/json") {
		return true
	}
	if len(a.scripts()) == 0 {
		return false
	}
	text := b.programs(ctx, a)
	return a.text() == "" && len(a.forms()) == 0 || builds.MatchString(text) ||
		asks.MatchString(text) && (submits.MatchString(text) || leaves.MatchString(text))
}

// isSentByScript reports whether a script on the page a sends the login form f.
func (b *browser) isSentByScript(ctx context.Context, a answer, f form) bool {
	if a.inChromium {
		return true
	}
	text := b.programs(ctx, a)
	handled := f.method == http.MethodGet || f.submitter < 0 || f.onsubmit != "" || listens.MatchString(text)
	return handled && asks.MatchString(text)
}

// goesOn returns the URL to which the page goes by a meta refresh, or by a location that is a
// literal in an inline script. A page that asks for a password, or hands off, waits.
func (a answer) goesOn() (*url.URL, bool) {
	if a.inChromium {
		if a.sent != nil {
			return a.sent.url, true
		}
		return nil, false
	}
	if a.status >= 300 && a.status <= 399 || !a.is("text/html") {
		return nil, false
	}
	forms := a.forms()
	if slices.ContainsFunc(forms, func(f form) bool { return f.passwords() > 0 || isRemoteLogin(f) }) {
		return nil, false
	}
	root := a.document()
	if next, ok := a.refresh(root); ok {
		return next, true
	}
	base := a.base(root)
	for _, s := range a.scripts() {
		if s.handler && s.node.Data != "body" {
			continue
		}
		if text, ok := literalLocation(s.text, len(forms) == 0); ok {
			next, err := base.Parse(text)
			return next, err == nil
		}
	}
	return nil, false
}

// longestRefresh is how many seconds a refresh may take that leads on. Others renew a page.
const longestRefresh = 10

// refresh returns where the page's refresh leads.
func (a answer) refresh(root *html.Node) (*url.URL, bool) {
	contents := a.header.Values("Refresh")
	for node := range root.Descendants() {
		if node.Type == html.ElementNode && node.Data == "meta" && strings.EqualFold(attribute(node, "http-equiv"), "refresh") {
			contents = append(contents, attribute(node, "content"))
		}
	}
	for _, content := range contents {
		match := refreshContent.FindStringSubmatch(content)
		if match == nil || match[2] == "" {
			continue
		}
		if seconds, err := strconv.Atoi(match[1]); err != nil || seconds > longestRefresh {
			continue
		}
		text := strings.TrimSpace(match[2])
		if strings.HasPrefix(text, `"`) || strings.HasPrefix(text, "'") {
			text, _, _ = strings.Cut(text[1:], text[:1])
		}
		next, err := a.base(root).Parse(text)
		return next, err == nil
	}
	return nil, false
}

var refreshContent = regexp.MustCompile(`(?is)^\s*(\d+)[\d.]*\s*[;,]?\s*(?:url\s*=\s*)?(.*)$`)

// locations match the ways in which a script sets the page's location to a string.
var locations = []*regexp.Regexp{
	regexp.MustCompile(`\blocation(?:\.href)?\s*=\s*("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')\s*(?:[;,)}\n]|$)`),
	regexp.MustCompile(`\blocation\.(?:replace|assign)\(\s*("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')\s*\)`),
}

// literalLocation returns the string that the script sets the page's location to. Within braces it
// counts only if anywhere is set: a function may not run.
func literalLocation(text string, anywhere bool) (string, bool) {
	for _, pattern := range locations {
		if at := pattern.FindStringSubmatchIndex(text); at != nil {
			if anywhere || depth(text[:at[0]]) == 0 {
				return unquote(text[at[2]:at[3]]), true
			}
		}
	}
	return "", false
}

var escape = regexp.MustCompile(`\\(u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|.)`)

// unquote returns the value of a JavaScript string literal.
func unquote(literal string) string {
	return escape.ReplaceAllStringFunc(literal[1:len(literal)-1], func(match string) string {
		switch match[1] {
		case 'u', 'x':
			if code, err := strconv.ParseUint(match[2:], 16, 32); err == nil {
				return string(rune(code))
			}
		case 'n':
			return "\n"
		case 't':
			return "\t"
		}
		return match[1:]
	})
}

var (
	submits = regexp.MustCompile(`\.submit\s*\(|requestSubmit\s*\(|\.submit\.call\(|\[\s*["']submit["']\s*\]`)
	clicks  = regexp.MustCompile(`\.click\s*\(`)
	waits   = regexp.MustCompile(`onload|DOMContentLoaded|\bready\b|\$\(\s*(?:function|\(|document)|readyState|setTimeout|requestAnimationFrame`)
	// throughPrototype matches ways of submitting that a control named submit does not hide.
	throughPrototype = regexp.MustCompile(`prototype\.submit|requestSubmit\s*\(|createElement\(\s*["'\x60]form|\.click\s*\(`)
)

// submission finds out whether something on the page submits the form f when the page opens. If
// not, problem says why.
func (b *browser) submission(ctx context.Context, a answer, f form) (problem string) {
	problem = "no script that submits it"
	policies := a.policies()
	for _, s := range a.scripts() {
		if s.handler && s.node.Data != "body" && s.node.Data != "img" && s.node.Data != "svg" {
			continue
		}
		text, runs := s.text, true
		if s.source != nil && b.stays(a.url, s.source) {
			if text, runs = b.load(ctx, s); !runs {
				problem = "the script file " + withoutQuery(s.source) + " does not load as a script"
				continue
			}
		} else if s.source != nil {
			text = "form.submit()" // a file of another site, which is not looked into
		}
		if !submits.MatchString(text) && !clicks.MatchString(text) {
			continue
		}
		switch directive, blocked := blockedBy(policies, a.url, s); {
		case blocked:
			problem = "the script that submits it is blocked by " + directive
		case s.first && !waits.MatchString(text) && atTopLevel(text):
			problem = "the script that submits it runs before the form is there"
		case hidesSubmit(f) && !throughPrototype.MatchString(text):
			problem = "a control named submit, so that form.submit is no function"
		default:
			return ""
		}
	}
	return problem
}

// atTopLevel reports whether the script submits outside of any function.
func atTopLevel(text string) bool {
	at := submits.FindStringIndex(text)
	if at == nil {
		at = clicks.FindStringIndex(text)
	}
	return depth(text[:at[0]]) == 0
}

// depth is how many braces are open at the end of a piece of a script.
func depth(before string) int { return strings.Count(before, "{") - strings.Count(before, "}") }

// hidesSubmit reports whether a control of the form takes the place of its method submit.
func hidesSubmit(f form) bool {
	return slices.ContainsFunc(f.inputs, func(i input) bool { return i.name == "submit" || i.id == "submit" })
}
