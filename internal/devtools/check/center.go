package check

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"slices"
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
	reply    reply
	calls    []handoff
	statuses []heard
	framed   bool // a page was asked for with iframe=true
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

func (c *Center) start(target Target, now func() time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	sim, err := standin.New(slog.New(slog.DiscardHandler), http.DefaultClient, now, standin.Settings{
		Enabled: target.LoginURL != "" && target.LoginStatusURL != "",
		Guests:  true, Type: standin.TypePOST, Service: target.Service, OrganizationKey: "the checker's own",
		LoginURL: target.LoginURL, LoginStatusURL: target.LoginStatusURL,
	})
	c.sim, c.target, c.now = sim, target, now
	c.reply, c.calls, c.statuses, c.framed = replySuccess, nil, nil, false
	return err
}

// ServeHTTP answers the help center's requests, and notes those that tell something.
func (c *Center) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	sim := c.sim
	c.mu.Unlock()
	if sim == nil {
		http.Error(w, "no run", http.StatusServiceUnavailable)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return // the caller has left
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	r.ParseForm() // what can't be read is for handoff/api-call
	r.Body = io.NopCloser(bytes.NewReader(body))
	query, fromServer := r.URL.Query(), r.Header.Get("Sec-Fetch-Mode") == ""
	switch {
	case strings.HasSuffix(r.URL.Path, "/remote.json") && fromServer:
		c.answerCall(w, r)
	case strings.HasSuffix(r.URL.Path, "/remote.json"):
		c.letIn(w, r, r.Form.Get("returnUrl"))
	case query.Has("accessToken") || query.Has("usercode"):
		clean := *r.URL
		kept := slices.DeleteFunc(strings.Split(clean.RawQuery, "&"), isHandoffPair)
		clean.RawQuery = strings.Join(kept, "&")
		c.letIn(w, r, c.target.HelpCenter+clean.RequestURI())
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

func (c *Center) letIn(w http.ResponseWriter, r *http.Request, page string) {
	c.sim.LogIn(w, r, signing.Fields{Service: c.target.Service, UserCode: cmp.Or(r.Form.Get("usercode"), c.target.UserCode)})
	switch {
	case page == "":
		io.WriteString(w, "SUCCESS") // an error means that the browser has left
	case c.target.allows(originOf(page)):
		http.Redirect(w, r, page, http.StatusFound)
	default:
		http.Error(w, "returnUrl leads elsewhere", http.StatusBadRequest)
	}
}

// answerCall answers the server's call as expect told it to.
func (c *Center) answerCall(w http.ResponseWriter, r *http.Request) {
	received := handoff{sent: sent{method: r.Method, url: r.URL.Path, headers: r.Header, at: c.now()}, way: wayAPI, values: r.Form}
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

// seen returns the server's calls since expect, what the script heard on each page, in order, and
// whether a page was asked for with iframe=true.
func (c *Center) seen() (calls []handoff, statuses []heard, framed bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.calls), slices.Clone(c.statuses), c.framed
}
