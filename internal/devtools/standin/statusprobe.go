package standin

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// probeTimeout bounds the stand-in's own call of the status URL.
const probeTimeout = 3 * time.Second

// askStatus calls the status URL as the script did, to say why the script got no answer.
func (s *Simulator) askStatus(ctx context.Context, origin string, call statusCall) words {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	client := &http.Client{Transport: s.client.Transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	ask := func(method string, header http.Header) (response *http.Response, problem words) {
		request, err := http.NewRequestWithContext(ctx, method, call.URL, nil)
		if err == nil {
			request.Header = header
			request.Header.Set("Origin", origin)
			response, err = client.Do(request)
		}
		if err != nil {
			return nil, say("no connection (%v)", "연결할 수 없음 (%v)", withoutURL(err))
		}
		response.Body.Close()
		return response, words{}
	}
	allows := func(header http.Header) bool {
		return header.Get("Access-Control-Allow-Origin") == origin && header.Get("Access-Control-Allow-Credentials") == "true"
	}
	if len(call.headers) > 0 {
		names := strings.ToLower(strings.Join(slices.Sorted(maps.Keys(call.headers)), ", "))
		response, problem := ask(http.MethodOptions, http.Header{"Access-Control-Request-Method": {"GET"}, "Access-Control-Request-Headers": {names}})
		if response == nil {
			return problem
		}
		allowed := strings.ToLower(response.Header.Get("Access-Control-Allow-Headers"))
		missing := slices.ContainsFunc(strings.Split(names, ", "), func(name string) bool { return !strings.Contains(allowed, name) })
		if response.StatusCode/100 != 2 || !allows(response.Header) || missing {
			return say("the preflight (OPTIONS) is answered %d with Access-Control-Allow-Origin %q and Access-Control-Allow-Headers %q; it must allow %s", "사전 요청(OPTIONS)의 응답이 %d, Access-Control-Allow-Origin %q, Access-Control-Allow-Headers %q. %s 헤더를 허용해야 함", response.StatusCode, response.Header.Get("Access-Control-Allow-Origin"), allowed, names)
		}
	}
	header := http.Header{}
	for name, value := range call.headers {
		header.Set(name, value)
	}
	response, problem := ask(http.MethodGet, header)
	switch {
	case response == nil:
		return problem
	case response.StatusCode/100 == 3:
		location, _, _ := strings.Cut(response.Header.Get("Location"), "?")
		return say("a redirect (%d) to %s, which takes a script to another page", "%d 리다이렉트(%s). 스크립트가 다른 페이지로 가게 됨", response.StatusCode, location)
	case !allows(response.Header):
		return say("answered %d, but Access-Control-Allow-Origin is %q and must be %q, and Access-Control-Allow-Credentials is %q and must be \"true\"", "응답 코드 %d. Access-Control-Allow-Origin: %q (필요한 값: %q), Access-Control-Allow-Credentials: %q (필요한 값: \"true\")", response.StatusCode, response.Header.Get("Access-Control-Allow-Origin"), origin, response.Header.Get("Access-Control-Allow-Credentials"))
	}
	return say("answered %d with the right headers, so the browser stopped it: an extension, mixed content, a certificate that it does not know, or the answer took more than 10 s", "올바른 헤더로 %d 응답함. 브라우저가 막은 것임: 확장 프로그램, 혼합 콘텐츠, 알 수 없는 인증서, 10초 넘는 응답", response.StatusCode)
}
