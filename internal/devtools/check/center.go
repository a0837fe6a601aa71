package check

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
)

// A Center answers the server's call as a help center, so that a run can see it (CONTRACT 5). Serve
// it at Target.HelpCenter, and configure the integration to use that as its help center. It is safe
// for concurrent use, and the zero value is ready to use.
type Center struct {
	mu    sync.Mutex
	reply reply
	calls []call
}

// A call is one that the integration made to the help center.
type call struct {
	method, path, contentType string
	values                    url.Values // of the body and the query
	returnURL                 string     // for which the integration was asked to hand off; set by newCall
}

// A reply is how the center answers calls.
type reply int

const (
	replySuccess reply = iota
	replyRefusal
	replyError
	replyRubbish
	replySilence
)

// accessToken is the access token of replySuccess. It has characters that a URL must encode.
const accessToken = "checker+access/token="

// ServeHTTP answers calls as expect told it to, and other requests with an empty page.
func (c *Center) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost && !strings.HasSuffix(r.URL.Path, "remote.json") {
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "bad form", http.StatusBadRequest)
		return
	}
	switch c.record(call{method: r.Method, path: r.URL.Path, contentType: r.Header.Get("Content-Type"), values: r.Form}) {
	case replySuccess:
		writeReply(w, http.StatusOK, `{"header":{"resultCode":200,"resultMessage":"","isSuccessful":true},"result":{"content":"`+accessToken+`"}}`)
	case replyRefusal:
		writeReply(w, http.StatusOK, `{"header":{"resultCode":401,"resultMessage":"invalid token","isSuccessful":false},"result":null}`)
	case replyError:
		writeReply(w, http.StatusInternalServerError, "out of order")
	case replyRubbish:
		writeReply(w, http.StatusOK, "<html>{")
	case replySilence:
		<-r.Context().Done()
	}
}

func writeReply(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write([]byte(body))
}

// record keeps a call and returns how to answer it.
func (c *Center) record(received call) reply {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls = append(c.calls, received)
	return c.reply
}

// expect forgets the calls so far, and answers later calls with next.
func (c *Center) expect(next reply) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reply, c.calls = next, nil
}

// received returns the calls since expect.
func (c *Center) received() []call {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.calls
}
