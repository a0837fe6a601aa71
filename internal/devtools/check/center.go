package check

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"ocsso/internal/devtools/signing"
	"ocsso/internal/devtools/standin"
)

// A Center plays the help center in a run: for the browser, and for the server's call (CONTRACT 5)
// if it is served where the integration expects its help center. Its pages and their script are the
// stand-in's. A handoff lets the member in whatever is wrong with it, so that a run shows what
// comes after it; the cases look at the handoff itself. It is safe for concurrent use, serves one
// run at a time, and is ready to use as &Center{}.
type Center struct {
	// Listens means that the integration's server can reach this.
	Listens bool

	mu       sync.Mutex
	sim      *standin.Simulator
	target   Target
	now      func() time.Time
	key      signing.Key
	reply    reply
	calls    []call
	statuses []heard
	framed   bool   // a page was asked for with iframe=true
	changed  func() // is called for each request of the browser
}

// A call is one that the integration's server made.
type call struct {
	method, path, contentType string
	values                    url.Values // of the body and the query
	at                        time.Time
}

// heard is what the help center's script heard from the login status URL.
type heard struct {
	Page   string `json:"page"`   // path and query of the script's page
	Status int    `json:"status"` // 0 if there was no answer
	Body   string `json:"body"`
	Error  string `json:"error"`
}

// A reply is how the center answers the server's call. The zero value is silence.
type reply struct {
	status int
	body   string
}

// accessToken has characters that a URL must encode.
const accessToken = "checker+access/token="

var (
	replySuccess = reply{http.StatusOK, `{"header":{"resultCode":200,"resultMessage":"","isSuccessful":true},"result":{"content":"` + accessToken + `"}}`}
	replyRefusal = reply{http.StatusOK, `{"header":{"resultCode":401,"resultMessage":"invalid token","isSuccessful":false},"result":null}`}
	replyError   = reply{http.StatusInternalServerError, "out of order"}
	replyRubbish = reply{http.StatusOK, "<html>{"}
	replySilence = reply{}
)

// start makes a center ready for a run.
func (c *Center) start(target Target, now func() time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	settings := standin.Settings{
		Enabled: true, Guests: true, Type: standin.TypePOST, Service: target.Service, OrganizationKey: "the checker's own",
		LoginURL: target.LoginURL, LoginStatusURL: target.LoginStatusURL,
	}
	if settings.LoginURL == "" || settings.LoginStatusURL == "" {
		settings.Enabled = false
	}
	sim, err := standin.New(slog.New(slog.DiscardHandler), http.DefaultClient, now, settings)
	c.sim, c.target, c.now, c.key = sim, target, now, settings.OrganizationKey
	c.reply, c.calls, c.statuses, c.framed = replySuccess, nil, nil, false
	return err
}

// ServeHTTP answers the help center's requests, and notes those that tell something.
func (c *Center) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	sim, changed := c.sim, c.changed
	c.mu.Unlock()
	if sim == nil {
		http.Error(w, "no run", http.StatusServiceUnavailable)
		return
	}
	if changed != nil {
		defer changed()
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return // the caller has left
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	query, fromServer := r.URL.Query(), r.Header.Get("Sec-Fetch-Mode") == ""
	switch {
	case strings.HasSuffix(r.URL.Path, "/remote.json") && fromServer:
		c.answerCall(w, r, body)
	case strings.HasSuffix(r.URL.Path, "/remote.json"):
		values, _ := url.ParseQuery(string(body))
		for name, list := range query {
			values[name] = append(values[name], list...)
		}
		c.letIn(w, r, values, values.Get("returnUrl"))
	case query.Has("accessToken") || query.Has("usercode"):
		clean := *r.URL
		kept := slices.DeleteFunc(strings.Split(clean.RawQuery, "&"), isHandoffPair)
		clean.RawQuery = strings.Join(kept, "&")
		c.letIn(w, r, query, c.target.HelpCenter+clean.RequestURI())
	default:
		c.note(r, body)
		sim.ServeHTTP(w, r)
	}
}

// isHandoffPair reports whether a piece of a query belongs to a handoff.
func isHandoffPair(pair string) bool {
	name, _, _ := strings.Cut(pair, "=")
	return name == "accessToken" || slices.Contains(signing.FieldNames, name)
}

// note keeps what the help center's script reports, and whether a frame was opened.
func (c *Center) note(r *http.Request, body []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var report heard
	if r.Method == http.MethodPost && r.URL.Path == "/status" && json.Unmarshal(body, &report) == nil {
		c.statuses = append(c.statuses, report)
	}
	c.framed = c.framed || r.URL.Query().Get("iframe") == "true" && r.Header.Get("Sec-Fetch-Dest") == "iframe"
}

// letIn logs the browser in at the stand-in, by a handoff of the checker's own.
func (c *Center) letIn(w http.ResponseWriter, r *http.Request, values url.Values, returnURL string) {
	f := signing.Fields{
		Service: c.target.Service, UserCode: values.Get("usercode"), ReturnURL: returnURL,
		Time: strconv.FormatInt(c.now().UnixMilli(), 10),
	}
	own := url.Values{"service": {f.Service}, "usercode": {f.UserCode}, "time": {f.Time}}
	if returnURL != "" {
		own.Set("returnUrl", returnURL)
	}
	own.Set("token", signing.Sign(c.key, signing.Message(signing.CallForm, f)))
	inner := r.Clone(r.Context())
	inner.Method, inner.URL = http.MethodPost, &url.URL{Path: "/v2/enduser/remote.json"}
	inner.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	inner.Header.Set("Sec-Fetch-Mode", "navigate")
	inner.Body = io.NopCloser(strings.NewReader(own.Encode()))
	c.sim.ServeHTTP(w, inner)
}

// answerCall answers the server's call as expect told it to.
func (c *Center) answerCall(w http.ResponseWriter, r *http.Request, body []byte) {
	r.Body = io.NopCloser(bytes.NewReader(body))
	r.ParseForm() // what can't be read is for handoff/api-call
	received := call{method: r.Method, path: r.URL.Path, contentType: r.Header.Get("Content-Type"), values: r.Form, at: c.now()}
	c.mu.Lock()
	c.calls = append(c.calls, received)
	reply := c.reply
	c.mu.Unlock()
	if reply == replySilence {
		<-r.Context().Done()
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(reply.status)
	io.WriteString(w, reply.body) // an error means that the caller has left
}

// expect forgets the calls so far, and answers later calls with next.
func (c *Center) expect(next reply) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reply, c.calls = next, nil
}

// listen makes the center call changed for each request of the browser.
func (c *Center) listen(changed func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.changed = changed
}

// seen returns the server's calls since expect, what the script heard on each page, in order, and
// whether a page was asked for with iframe=true.
func (c *Center) seen() (calls []call, statuses []heard, framed bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.calls), slices.Clone(c.statuses), c.framed
}
