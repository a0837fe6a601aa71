package check

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// call makes the server's call, and redirects with the result.
func (r *reference) call(w http.ResponseWriter, req *http.Request, session, returnURL string) {
	signedURL := ""
	if r.is("returnUrl signed in the call") {
		signedURL = returnURL
	}
	values := url.Values{}
	for _, p := range r.signed(session, signedURL) {
		if p.value != "" && p.name != "returnUrl" {
			values.Set(p.name, p.value)
		}
	}
	if r.is("returnUrl sent in the call") {
		values.Set("returnUrl", returnURL)
	}
	if r.is("call without the token") {
		values.Del("token")
	}
	access, err := r.askCenter(req.Context(), values)
	switch {
	case err != nil && r.is("stack trace after a failed call"):
		http.Error(w, "java.lang.NullPointerException\n\tat Login.post(Login.java:31)", http.StatusInternalServerError)
	case err != nil:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(http.StatusBadGateway)
		fmt.Fprint(w, "<p>The help center can't be reached for now.</p>")
	default:
		r.redirect(w, returnURL, values, access)
	}
}

// centerTimeout can be this short because the help center answers at once or never.
const centerTimeout = time.Millisecond

// askCenter makes the call and returns the access token.
func (r *reference) askCenter(ctx context.Context, values url.Values) (string, error) {
	if !r.is("waits for ever") {
		var stop context.CancelFunc
		ctx, stop = context.WithTimeout(ctx, centerTimeout)
		defer stop()
	}
	const method, path = http.MethodPost, "/api/v2/enduser/remote.json"
	call := httptest.NewRequestWithContext(ctx, method, centerOrigin+path, strings.NewReader(values.Encode()))
	call.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if r.is("call by GET") {
		call = httptest.NewRequestWithContext(ctx, http.MethodGet, centerOrigin+path+"?"+values.Encode(), nil)
	}
	if r.is("call as JSON") {
		fields := map[string]string{}
		for name := range values {
			fields[name] = values.Get(name)
		}
		body, _ := json.Marshal(fields)
		call = httptest.NewRequestWithContext(ctx, method, centerOrigin+path, bytes.NewReader(body))
		call.Header.Set("Content-Type", "application/json")
	}
	w := httptest.NewRecorder()
	r.center.ServeHTTP(w, call)
	if w.Body.Len() == 0 {
		if r.is("waits for ever") {
			r.hung = true // the checker has timed out
		}
		return "", errors.New("no answer")
	}
	var body struct{ Result struct{ Content string } }
	err := json.Unmarshal(w.Body.Bytes(), &body)
	if r.is("any answer is a success") {
		return body.Result.Content, nil
	}
	if err == nil && body.Result.Content == "" {
		err = errors.New("refused")
	}
	return body.Result.Content, err
}

func (r *reference) redirect(w http.ResponseWriter, returnURL string, sent url.Values, access string) {
	query := url.Values{"usercode": {minji.usercode}, "time": sent["time"], "accessToken": {access}}
	if r.is("another time in the redirect") {
		query.Set("time", strconv.FormatInt(time.Now().UnixMilli()+1, 10))
	}
	page, fragment, _ := strings.Cut(returnURL, "#")
	if change, ok := wrongFields[r.mutant]; ok {
		list := make([]pair, 8)
		list[6].value = returnURL
		change(list)
		page, fragment, _ = strings.Cut(list[6].value, "#")
	}
	separator := "?"
	if strings.Contains(page, "?") || r.is("& where there is no query") {
		separator = "&"
	}
	w.Header().Set("Location", page+separator+query.Encode()+"#"+fragment)
	w.WriteHeader(http.StatusSeeOther)
}
