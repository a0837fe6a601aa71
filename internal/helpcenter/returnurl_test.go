package helpcenter_test

import (
	"encoding/json"
	"errors"
	"net/url"
	"os"
	"strings"
	"testing"

	"ocsso/internal/helpcenter"
)

const (
	center = "https://example.oc.alpha-nhncloud.com"
	own    = "https://sso.example.com"
)

func newSite(t testing.TB) helpcenter.Site {
	t.Helper()
	site := helpcenter.NewSite(center, "hangame", "second-service")
	return site
}

func TestReturnURLBringsGoodOnesIntoNormalForm(t *testing.T) {
	site := newSite(t)
	for _, test := range []struct {
		raw, want, service string
		local              bool
	}{
		{center + "/hangame/hc/", center + "/hangame/hc/", "hangame", false},
		{center + "/second-service/hc/ticket/list/?a=1", center + "/second-service/hc/ticket/list/?a=1", "second-service", false},
		{center + "/other/hc/", center + "/other/hc/", "hangame", false}, // D15
		{center, center + "/", "hangame", false},
		{center + "?a=1", center + "/?a=1", "hangame", false},
		{center + "#top", center + "/#top", "hangame", false},
		{own + "/help", own + "/help", "hangame", true},
		{center + "/hangame/hc/?next=%2Fa%2Fb&q=%EB%AC%B8", center + "/hangame/hc/?next=%2Fa%2Fb&q=%EB%AC%B8", "hangame", false},
		{center + "/hangame/hc/?q=문의", center + "/hangame/hc/?q=%EB%AC%B8%EC%9D%98", "hangame", false},
		{center + "/문의/", center + "/%EB%AC%B8%EC%9D%98/", "hangame", false},
		{center + `/a"<b>`, center + "/a%22%3Cb%3E", "hangame", false},
		// D9: no piece can pass for a field of the signed message.
		{center + "/a&b/", center + "/a%26b/", "hangame", false},
		{center + "/#a&b", center + "/#a%26b", "hangame", false},
		{center + "/?a=1&b", center + "/?a=1&b=", "hangame", false},
		{center + "/?a=1&&b=2&", center + "/?a=1&b=2", "hangame", false},
		{center + "/?a=b=c", center + "/?a=b=c", "hangame", false},
		{center + "/?", center + "/", "hangame", false},
		{center + "/?next=https://evil.test/", center + "/?next=https://evil.test/", "hangame", false},
	} {
		got, err := site.ReturnURL(test.raw, own)
		if err != nil {
			t.Errorf("%q: got %v, want no error", test.raw, err)
			continue
		}
		if got.String() != test.want || got.Service() != test.service || got.Local() != test.local {
			t.Errorf("%q: got %s, %s, %v, want %s, %s, %v",
				test.raw, got, got.Service(), got.Local(), test.want, test.service, test.local)
		}
	}
}

// hostile are return URLs that must never be signed for or redirected to (D14).
var hostile = []string{
	"//evil.test", "//evil.test/hangame/hc/", `/\evil.test`, `\\evil.test`, `/\/evil.test`, "/", "/hangame/hc/", "hangame/hc/", ".", "?a=1", "#",
	"https:evil.test", "https:/evil.test", "https:///evil.test", "https:" + strings.TrimPrefix(center, "https://"),
	"https://evil.test/", "https://evil.test/?" + center, "https://evil.test/#" + center, "https://evil.test/" + center,
	center + ".evil.test/", center + "evil.test/", center + "-evil.test/", center + ".", center + "./hangame/hc/",
	center + "@evil.test/", center + ":pw@evil.test/", center + "%40evil.test/", "https://user@" + strings.TrimPrefix(center, "https://") + "/",
	"https://evil.test\\@" + strings.TrimPrefix(center, "https://"), center + "\\@evil.test/", center + `\.evil.test/`,
	center + ":443/", center + ":8443/", center + ":/", center + ":80@evil.test/",
	strings.Replace(center, "https", "http", 1) + "/hangame/hc/", strings.Replace(center, "https", "HTTPS", 1) + "/", strings.ToUpper(center) + "/",
	strings.Replace(center, "example", "Example", 1) + "/hangame/hc/",
	"https://example.oc.alpha-nhncloud。com/", "https://example.oc.alpha－nhncloud.com/", "https://ехample.oc.alpha-nhncloud.com/",
	"https://example.oc.alpha-nhncloud.com\u200b/", "https://xn--xample-2of.oc.alpha-nhncloud.com/",
	" " + center, "\t" + center, center + "\t/hangame", "\n" + center + "/", center + "/\r\nSet-Cookie:a=b", center + "/a\tb", center + "/ ", "ht\ntps://evil.test",
	center + "\x00/", center + "/\x00", center + "/\x7f", center + "/\u2028", center + "/\ufeff",
	center + "/%2F/evil.test", center + "/%2f%2fevil.test", center + "/%5Cevil.test", center + "/a%2Fb", center + "/%5c", center + "/%09", center + "/%00",
	center + "//evil.test", center + "//", center + "/a//b", center + "/..", center + "/hangame/../other/hc/", center + "/./", center + "/%2e%2e/", center + "/.%2E/a",
	center + "/%", center + "/%zz", center + "/?q=%zz", center + "/?=value", center + "/?a=1&=1660095873001",
	"javascript:alert(1)", "javascript://" + strings.TrimPrefix(center, "https://") + "/%0aalert(1)", "data:text/html,x", "file:///etc/passwd", "ftp://example.oc.alpha-nhncloud.com/",
	center + "/\xff", center + "/" + strings.Repeat("a", 2048), "null", "undefined", own + ".evil.test/", own + "@evil.test", own + "//evil.test",
	"blob:" + center + "/", "view-source:" + center + "/", "https://[::1]/", "https://127.0.0.1/", "https://" + url.PathEscape(strings.TrimPrefix(center, "https://")+"/"),
}

func TestReturnURLRefusesEverythingElse(t *testing.T) {
	site := newSite(t)
	for _, raw := range append(hostile, "") {
		got, err := site.ReturnURL(raw, own)
		if !errors.Is(err, helpcenter.ErrReturnURL) {
			t.Errorf("%q: got %q, %v, want %v", raw, got, err, helpcenter.ErrReturnURL)
		}
		if got != (helpcenter.ReturnURL{}) {
			t.Errorf("%q: got %q beside the error, want nothing", raw, got)
		}
	}
}

// FuzzReturnURL holds that whatever is let through stays on the two origins for a parser that took
// no part in the check, is plain ASCII, keeps its form when checked again, and can't add a field to
// the signed message.
func FuzzReturnURL(f *testing.F) {
	for _, raw := range hostile {
		f.Add(raw)
	}
	f.Add(center + "/hangame/hc/?a=1&b#c&d")
	f.Add(own + "/help?x=%26")
	site := newSite(f)
	f.Fuzz(func(t *testing.T, raw string) {
		got, err := site.ReturnURL(raw, own)
		if err != nil {
			return
		}
		text := got.String()
		if !strings.HasPrefix(text, center+"/") && !strings.HasPrefix(text, own+"/") {
			t.Errorf("%q: got %q, want one of the two origins", raw, text)
		}
		if u, err := url.Parse(text); err != nil || u.User != nil || u.Scheme+"://"+u.Host != center && u.Scheme+"://"+u.Host != own {
			t.Errorf("%q: got %q, %v, %v, want a URL on one of the two origins", raw, text, u, err)
		}
		if i := strings.IndexFunc(text, func(r rune) bool { return r <= ' ' || r >= 0x7F || r == '\\' }); i >= 0 {
			t.Errorf("%q: got %q, want no %q", raw, text, text[i])
		}
		if again, err := site.ReturnURL(text, own); len(text) <= 2048 && (err != nil || again != got) {
			t.Errorf("%q: got %q, then %q, %v, want the same", raw, text, again, err)
		}
		for i, piece := range strings.Split(text, "&") {
			if name, _, ok := strings.Cut(piece, "="); i > 0 && (!ok || name == "") {
				t.Errorf("%q: got %q, want each piece behind an & as name=value", raw, text)
			}
		}
	})
}

func TestBareTakesTheHandoffsFieldsOut(t *testing.T) {
	site := newSite(t)
	to, err := site.ReturnURL(center+"/hangame/hc/?iframe=true&usercode=a&username=b&email=c&phone=d&memberno=e&time=1&token=f&access%54oken=g&x=1#top", own)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := to.Bare().String(), center+"/hangame/hc/?iframe=true&x=1#top"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestPages(t *testing.T) {
	site := newSite(t)
	if got, want := site.FormAction(), center+"/v2/enduser/remote.json"; got != want {
		t.Errorf("got form action %s, want %s", got, want)
	}
	for _, test := range []struct {
		got  helpcenter.ReturnURL
		want string
	}{
		{site.Page("", helpcenter.Home), center + "/hangame/hc/"},
		{site.Page("hangame", helpcenter.Inquiry), center + "/hangame/hc/ticket/"},
		{site.Page("second-service", helpcenter.History), center + "/second-service/hc/ticket/list/"},
		{site.Page("unknown", helpcenter.Home), center + "/hangame/hc/"},
		{site.Page("", helpcenter.Home).Framed(), center + "/hangame/hc/?iframe=true"},
		{site.Page("", helpcenter.Inquiry).ForApp(), center + "/hangame/hc/ticket/?from=app"},
	} {
		if test.got.String() != test.want {
			t.Errorf("got %s, want %s", test.got, test.want)
		}
	}
}

func TestEncodeURIComponentIsJavaScripts(t *testing.T) {
	data, err := os.ReadFile("testdata/encode_uri_component.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []struct{ Raw, Encoded string }
	if err := json.Unmarshal(data, &vectors); err != nil {
		t.Fatal(err)
	}
	if len(vectors) == 0 {
		t.Fatal("no vectors")
	}
	for _, v := range vectors {
		if got := helpcenter.EncodeURIComponent(v.Raw); got != v.Encoded {
			t.Errorf("%q: got %s, want %s", v.Raw, got, v.Encoded)
		}
	}
}

func TestSameSite(t *testing.T) {
	for _, test := range []struct {
		a, b helpcenter.Origin
		want bool
	}{
		{"https://login.example.com", "https://help.example.com", true},
		{"https://login.example.com", "https://example.com:8443", true},
		{"https://login.example.com", "http://help.example.com", false},
		{"https://a.co.kr", "https://b.co.kr", false},
		{"https://a.example.co.kr", "https://b.example.co.kr", true},
		{"http://localhost:8080", "http://localhost:8090", true},
		{"http://localhost:8080", "http://127.0.0.1:8090", false},
		{"http://10.0.0.1:8080", "http://10.1.0.1:8080", false},
	} {
		if got := test.a.SameSite(test.b); got != test.want {
			t.Errorf("%s and %s: got %v, want %v", test.a, test.b, got, test.want)
		}
	}
}
