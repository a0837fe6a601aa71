package check

import (
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// A recording has the login request that the browser sent, to be sent again by plain HTTP with
// something changed. It is good for logins by a form and by JSON.
type recording struct {
	recorded *sent
	checked  bool
	err      error // why it can't be replayed
	names    jar   // the session's cookies
}

// replayed says what is changed. The zero value changes nothing.
type replayed struct {
	values map[string]string // new ones by those that the browser sent
	origin string            // of another site, without cookies; "" for the login page's
	page   *answer           // the login page as it was fetched; nil to fetch it
}

// checkReplay finds the login request, and replays it unchanged.
func (r *run) checkReplay() error {
	if err := r.cameTo(r.login != nil); err != nil {
		return err
	}
	if r.found["login/wrong-password"] != nil {
		return see("login/wrong-password")
	}
	at := slices.IndexFunc(r.login, func(s sent) bool {
		return strings.Contains(string(s.body), r.encoded(s, r.who.password)) || strings.Contains(s.url, url.QueryEscape(r.who.password))
	})
	if at < 0 {
		return skip("no request of the login has the password in clear", "로그인 요청에 비밀번호가 그대로 들어 있지 않습니다")
	}
	r.recorded = &r.login[at]
	a, err := r.replay(replayed{})
	if err != nil {
		return err
	}
	cantTell := r.target.LoginStatusURL == "" && r.target.LinkURL == ""
	if r.seemsLoggedIn(a.cookies) || cantTell && (a.hops > 0 || a.status == r.recorded.status) && len(a.cookies) > 0 {
		return nil
	}
	return skip("the login that the browser sent can't be sent again: it has something that is good for once",
		"브라우저가 보낸 로그인 요청을 다시 보낼 수 없습니다. 한 번만 쓸 수 있는 값이 있습니다")
}

// encoded is a value as the body of a request has it.
func (r *run) encoded(s sent, value string) string {
	contentType := s.headers.Get("Content-Type")
	switch {
	case strings.Contains(contentType, "json") || strings.HasPrefix(contentType, "text/plain"):
		text, _ := json.Marshal(value)
		return strings.NewReplacer(`\u0026`, "&", `\u003c`, "<", `\u003e`, ">").Replace(strings.Trim(string(text), `"`))
	case strings.HasPrefix(contentType, "multipart/"):
		return value
	}
	return strings.ReplaceAll(url.QueryEscape(value), "~", "%7E")
}

// replay sends the login again, with what the login page has in it now in place of what it had.
func (r *run) replay(change replayed) (answer, error) {
	page := change.page
	if page == nil {
		fresh, err := r.open(r.loginFor(r.returnURL), nil)
		if err != nil {
			return answer{}, err
		}
		page = &fresh
	}
	values := once(r.shownForm, *page)
	maps.Copy(values, change.values)
	// A value may be a part of another one: the longest goes first.
	order := slices.SortedFunc(maps.Keys(values), func(a, b string) int { return len(b) - len(a) })
	var inBody, inURL []string
	for _, from := range order {
		inBody = append(inBody, r.encoded(*r.recorded, from), r.encoded(*r.recorded, values[from]))
		inURL = append(inURL, url.QueryEscape(from), url.QueryEscape(values[from]), strings.ReplaceAll(url.QueryEscape(from), "+", "%20"), url.QueryEscape(values[from]))
	}
	req := request{
		method: r.recorded.method, cookies: page.cookies,
		url:  strings.NewReplacer(inURL...).Replace(withoutFragment(r.recorded.url)),
		body: []byte(strings.NewReplacer(inBody...).Replace(string(r.recorded.body))),
	}
	for name := range r.recorded.headers {
		if slices.Contains([]string{"Cookie", "User-Agent", "Content-Length", "Accept-Encoding"}, name) || strings.HasPrefix(name, ":") {
			continue
		}
		value := r.recorded.headers.Get(name)
		for from, to := range values {
			if len(from) >= 8 {
				value = strings.ReplaceAll(value, from, to)
			}
		}
		req.headers = append(req.headers, header{name, value})
	}
	if change.origin != "" {
		req.cookies = nil
		req.headers = append(req.headers, header{"Origin", change.origin}, header{"Referer", change.origin + "/"}, header{"Sec-Fetch-Site", "cross-site"},
			header{"Sec-Fetch-Mode", "navigate"}, header{"Sec-Fetch-Dest", "document"})
		if strings.Contains(r.recorded.headers.Get("Content-Type"), "json") {
			req.headers = append(req.headers, header{"Content-Type", "text/plain"}) // all that a form of another site can send
		}
	} else {
		req.headers = append(req.headers, header{"Origin", originOf(page.url)}, header{"Referer", withoutFragment(page.url)}, header{"Sec-Fetch-Site", "same-origin"})
	}
	return r.follow(req, r.staysHere) // a login may set its cookies on the way, and on another host
}

// once maps the hidden values and cookies of a page to those of the same page fetched again.
func once(before, after answer) map[string]string {
	list := map[string]string{}
	values := func(a answer) map[string]string {
		found := map[string]string{}
		for _, f := range a.forms() {
			for name := range f.values {
				found["field "+name] = f.values.Get(name)
			}
		}
		for t := range a.tags() {
			if t.name == "meta" && t.attributes["name"] != "" {
				found["meta "+t.attributes["name"]] = t.attributes["content"]
			}
		}
		for _, c := range a.cookies {
			found["cookie "+c.Name] = c.Value
		}
		return found
	}
	now := values(after)
	for name, value := range values(before) {
		if len(value) >= 8 && now[name] != "" && now[name] != value {
			list[value] = now[name]
		}
	}
	return list
}
