package check

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// A policy is one Content-Security-Policy: the sources of each directive.
type policy map[string][]string

// policies returns the page's policies, of its headers and its meta elements. Each of them counts.
func (a answer) policies() []policy {
	var all []policy
	for text := range strings.SplitSeq(a.combined("Content-Security-Policy"), ",") {
		all = append(all, parsePolicy(text))
	}
	for node := range a.document().Descendants() {
		if node.Type == html.ElementNode && node.Data == "meta" && strings.EqualFold(attribute(node, "http-equiv"), "Content-Security-Policy") {
			all = append(all, parsePolicy(attribute(node, "content")))
		}
	}
	return all
}

func parsePolicy(text string) policy {
	p := policy{}
	for directive := range strings.SplitSeq(text, ";") {
		words := strings.Fields(directive)
		if len(words) == 0 {
			continue
		}
		if name := strings.ToLower(words[0]); p[name] == nil {
			p[name] = append([]string{}, words[1:]...)
		}
	}
	return p
}

// sources returns the first of the directives that the policy has.
func (p policy) sources(names ...string) (name string, sources []string, ok bool) {
	for _, name := range names {
		if sources, ok := p[name]; ok {
			return name, sources, true
		}
	}
	return "", nil, false
}

// allows reports whether the policies let a page at self load or post to target. The directives
// stand in the order in which one replaces another. If not, it returns the directive that does not.
func allows(policies []policy, self, target *url.URL, redirected bool, directives ...string) (directive string, ok bool) {
	for _, p := range policies {
		name, sources, given := p.sources(directives...)
		if given && !slices.ContainsFunc(sources, func(s string) bool { return sourceMatches(s, self, target, redirected) }) {
			return strings.TrimSpace(name + " " + strings.Join(sources, " ")), false
		}
	}
	return "", true
}

// allowsForm reports whether the page's policies let it send a form to action, and be redirected
// from there to the hops, as Chromium checks it.
func (a answer) allowsForm(action *url.URL, hops []*url.URL) (blocked *url.URL, directive string) {
	policies := a.policies()
	for _, p := range policies {
		if flags, ok := p["sandbox"]; ok && !slices.Contains(flags, "allow-forms") {
			return action, "sandbox without allow-forms"
		}
	}
	for at, target := range append([]*url.URL{action}, hops...) {
		if directive, ok := allows(policies, a.url, target, at > 0, "form-action"); !ok {
			return target, directive
		}
	}
	return nil, ""
}

// sourceMatches reports whether a source expression matches target. After a redirect paths do not
// count.
func sourceMatches(source string, self, target *url.URL, redirected bool) bool {
	switch lower := strings.ToLower(source); {
	case lower == "'self'":
		return originOf(self) == originOf(target) || self.Host == target.Host && target.Scheme == "https"
	case strings.HasPrefix(source, "'"):
		return false
	case source == "*":
		return target.Scheme == "http" || target.Scheme == "https"
	case strings.HasSuffix(lower, ":") && !strings.Contains(lower, "/"):
		return target.Scheme+":" == lower || lower == "http:" && target.Scheme == "https"
	}
	scheme, rest, ok := strings.Cut(source, "://")
	if !ok {
		scheme, rest = self.Scheme, source
	}
	scheme = strings.ToLower(scheme)
	if scheme != target.Scheme && !(scheme == "http" && target.Scheme == "https") {
		return false
	}
	host, path, hasPath := strings.Cut(rest, "/")
	host, port, hasPort := strings.Cut(strings.ToLower(host), ":")
	if wildcard, ok := strings.CutPrefix(host, "*."); ok {
		if !strings.HasSuffix(target.Hostname(), "."+wildcard) {
			return false
		}
	} else if host != strings.ToLower(target.Hostname()) {
		return false
	}
	if hasPort && port != "*" && port != portOf(target) || !hasPort && target.Port() != "" && portOf(target) != portOf(&url.URL{Scheme: target.Scheme}) {
		return false
	}
	if !hasPath || redirected {
		return true
	}
	path = "/" + path
	return target.EscapedPath() == path || strings.HasSuffix(path, "/") && strings.HasPrefix(target.EscapedPath(), path)
}

func portOf(u *url.URL) string {
	if port := u.Port(); port != "" {
		return port
	}
	return map[string]string{"http": "80", "https": "443"}[u.Scheme]
}

// blockedBy reports whether one of the policies keeps a script of the page at self from running,
// and the directive that does.
func blockedBy(policies []policy, self *url.URL, s script) (directive string, blocked bool) {
	for _, p := range policies {
		if flags, ok := p["sandbox"]; ok && !slices.Contains(flags, "allow-scripts") {
			return "sandbox without allow-scripts", true
		}
		names := []string{"script-src-elem", "script-src", "default-src"}
		if s.handler {
			names[0] = "script-src-attr"
		}
		name, sources, ok := p.sources(names...)
		if ok && !scriptAllowed(sources, self, s) {
			return strings.TrimSpace(name + " " + strings.Join(sources, " ")), true
		}
	}
	return "", false
}

func scriptAllowed(sources []string, self *url.URL, s script) bool {
	contains := func(word string) bool {
		return slices.ContainsFunc(sources, func(s string) bool { return strings.EqualFold(s, word) })
	}
	nonce := attribute(s.node, "nonce")
	if !s.handler && nonce != "" && slices.Contains(sources, "'nonce-"+nonce+"'") {
		return true
	}
	if s.source != nil {
		return !contains("'strict-dynamic'") &&
			slices.ContainsFunc(sources, func(source string) bool { return sourceMatches(source, self, s.source, false) })
	}
	if (!s.handler || contains("'unsafe-hashes'")) && hashAllowed(sources, s.text) {
		return true
	}
	strict := contains("'strict-dynamic'") || slices.ContainsFunc(sources, func(s string) bool {
		return strings.HasPrefix(s, "'nonce-") || strings.HasPrefix(s, "'sha")
	})
	return contains("'unsafe-inline'") && !strict
}

func hashAllowed(sources []string, text string) bool {
	sum256, sum384, sum512 := sha256.Sum256([]byte(text)), sha512.Sum384([]byte(text)), sha512.Sum512([]byte(text))
	for name, sum := range map[string][]byte{"sha256": sum256[:], "sha384": sum384[:], "sha512": sum512[:]} {
		for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
			if slices.Contains(sources, "'"+name+"-"+encoding.EncodeToString(sum)+"'") {
				return true
			}
		}
	}
	return false
}
