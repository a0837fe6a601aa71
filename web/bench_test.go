package web_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
)

// A sink is a response that is thrown away. It costs next to nothing itself.
type sink struct {
	header http.Header
	status int
}

func (s *sink) Header() http.Header               { return s.header }
func (s *sink) Write(content []byte) (int, error) { return len(content), nil }
func (s *sink) WriteHeader(status int)            { s.status = status }

// call returns a function that makes one request of the handler and throws the answer away.
func (s *site) call(r *http.Request) func() {
	w := &sink{header: http.Header{}}
	return func() {
		clear(w.header)
		s.handler.ServeHTTP(w, r)
	}
}

// The requests that the benchmarks and the ceilings of allocations are about, each of a member who is logged in.
func statusCall(t testing.TB) func() {
	s := newSite(t)
	r := httptest.NewRequest("GET", own+"/login/status", nil)
	r.Header.Set("Origin", center)
	r.Header.Set("Cookie", s.logIn(minji))
	return s.call(r)
}

func verifyCall(t testing.TB) func() {
	s := newSite(t)
	token := s.issue(s.logIn(minji))
	return s.call(httptest.NewRequest("GET", own+"/token/verify?usercode=minji&token="+url.QueryEscape(token), nil))
}

func handoffCall(t testing.TB) func() {
	s := newSite(t)
	r := httptest.NewRequest("GET", own+loginAt("/login", inquiry)+"&continue=1", nil)
	r.Header.Set("Cookie", s.logIn(minji))
	return s.call(r)
}

func BenchmarkStatus(b *testing.B)  { benchmark(b, statusCall(b)) }
func BenchmarkVerify(b *testing.B)  { benchmark(b, verifyCall(b)) }
func BenchmarkHandoff(b *testing.B) { benchmark(b, handoffCall(b)) }

func benchmark(b *testing.B, call func()) {
	b.ReportAllocs()
	for b.Loop() {
		call()
	}
}

// TestWhatIsAskedOnEveryPageAllocatesLittle holds the calls of the help center to the allocations that they need: the numbers are
// exact, so that one more is seen.
func TestWhatIsAskedOnEveryPageAllocatesLittle(t *testing.T) {
	for name, test := range map[string]struct {
		call func()
		want float64
	}{
		"status": {statusCall(t), 9},
		"verify": {verifyCall(t), 10},
	} {
		if got := testing.AllocsPerRun(1000, test.call); got != test.want {
			t.Errorf("%s: got %v allocations, want %v", name, got, test.want)
		}
	}
}
