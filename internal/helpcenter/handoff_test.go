package helpcenter_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ocsso/internal/helpcenter"
	"ocsso/internal/secret"
	"ocsso/internal/token"
)

// The published vector's key, time and token (CONTRACT 3).
const (
	vectorKey   = "7cf2828608274a49a3f06152b2188927"
	vectorToken = "Ah9M58CQ9RFTShjFuqziQr+0MjmJxN6+bzWxMD71moo="
)

var (
	vectorTime   = time.UnixMilli(1660095873001)
	vectorMember = token.Member{UserCode: "testusercode", UserName: "testUsername", Email: "test@email.com", Phone: "123456789"}
)

// newClient returns a client for site whose clock stands at the vector's time.
func newClient(site helpcenter.Site, timeout time.Duration) *helpcenter.Client {
	now := func() time.Time { return vectorTime }
	return helpcenter.NewClient(site, secret.New(vectorKey), &http.Transport{}, timeout, now)
}

// sign computes the token over fields as they were sent, in the contract's order.
func sign(fields ...string) string {
	c := token.Claims{Service: fields[0], Member: token.Member{UserCode: fields[1]}, Time: vectorTime.UnixMilli()}
	for i, field := range []*string{&c.UserName, &c.Email, &c.Phone, &c.MemberNo, &c.ReturnURL} {
		*field = fields[2+i]
	}
	return token.Sign(secret.New(vectorKey), c)
}

// A signedLink is a handoff by a link.
type signedLink struct {
	helpcenter.Handoff
	url string
}

func link(t *testing.T, m token.Member, to helpcenter.ReturnURL) signedLink {
	t.Helper()
	signed, err := newClient(newSite(t), time.Minute).Sign(helpcenter.Link, m, to, vectorTime)
	if err != nil {
		t.Fatal(err)
	}
	url, err := signed.URL()
	if err != nil {
		t.Fatal(err)
	}
	return signedLink{signed, url}
}

func TestLinkCarriesThePublishedToken(t *testing.T) {
	got := link(t, vectorMember, newSite(t).Page("hangame", helpcenter.Inquiry))
	want := center + "/hangame/hc/ticket/?usercode=testusercode&username=testUsername&email=test%40email.com&phone=123456789" +
		"&time=1660095873001&token=Ah9M58CQ9RFTShjFuqziQr%2B0MjmJxN6%2BbzWxMD71moo%3D"
	if got.url != want || got.Token != vectorToken || !got.Expires().Equal(vectorTime.Add(3*time.Minute)) {
		t.Errorf("got %+v until %v, want %s for three minutes", got, got.Expires(), want)
	}
}

func TestFromAppIsOutsideTheSignature(t *testing.T) {
	got := link(t, vectorMember, newSite(t).Page("hangame", helpcenter.Inquiry).ForApp())
	if want := center + "/hangame/hc/ticket/?from=app&usercode=testusercode&"; !strings.HasPrefix(got.url, want) || got.Token != vectorToken {
		t.Errorf("got %+v, want %s and the published token", got, want)
	}
}

func TestLinkReplacesTheFieldsOfAnEarlierHandoff(t *testing.T) {
	site := newSite(t)
	to, err := site.ReturnURL(center+"/hangame/hc/?iframe=true&token=old&usercode=other&phone=1#x", own)
	if err != nil {
		t.Fatal(err)
	}
	got := link(t, token.Member{UserCode: "u", Email: "e@x.kr"}, to)
	signature := sign("hangame", "u", "", "e@x.kr", "", "", "")
	want := center + "/hangame/hc/?iframe=true&usercode=u&email=e%40x.kr&time=1660095873001&token=" + helpcenter.EncodeURIComponent(signature) + "#x"
	if got.url != want {
		t.Errorf("got %s, want %s", got.url, want)
	}
}

// TestLinkIsSignedForTheServiceInItsPath has pages of no service of ours: what is signed for the
// default one is read there.
func TestLinkIsSignedForTheServiceInItsPath(t *testing.T) {
	site := newSite(t)
	for raw, want := range map[string]string{
		center + "/second-service/hc/ticket/":  center + "/second-service/hc/ticket/",
		center + "/second-service/hc/faq/?a=1": center + "/second-service/hc/faq/?a=1",
		center + "/other/hc/ticket/?a=1#top":   center + "/hangame/hc/",
		center + "/hangame-2/hc/":              center + "/hangame/hc/",
		center + "/second%2Dservice/hc/":       center + "/hangame/hc/",
		center + "/hangame":                    center + "/hangame/hc/",
		center:                                 center + "/hangame/hc/",
		own + "/help":                          center + "/hangame/hc/",
	} {
		to, err := site.ReturnURL(raw, own)
		if err != nil {
			t.Fatal(err)
		}
		got, query, _ := strings.Cut(link(t, vectorMember, to).url, "usercode=")
		if strings.TrimRight(got, "?&") != want {
			t.Errorf("%s: got a link to %s, want %s", raw, got, want)
		}
		service, _, _ := strings.Cut(strings.TrimPrefix(got, center+"/"), "/")
		signature := sign(service, vectorMember.UserCode, vectorMember.UserName, vectorMember.Email, vectorMember.Phone, "", "")
		if !strings.HasSuffix(query, "&token="+helpcenter.EncodeURIComponent(signature)) {
			t.Errorf("%s: got %s, want it signed for %s, as its path says", raw, query, service)
		}
	}
}

func TestLinkNeedsAnEmail(t *testing.T) {
	for _, email := range []string{"", " \u3000"} {
		_, err := newClient(newSite(t), time.Minute).Sign(helpcenter.Link, token.Member{UserCode: "u", Email: email}, newSite(t).Page("", helpcenter.Home), vectorTime)
		if !errors.Is(err, helpcenter.ErrNoEmail) {
			t.Errorf("email %q: got %v, want %v", email, err, helpcenter.ErrNoEmail)
		}
	}
}

// TestFormSignsWhatItSends has every field, and each that is changed or left out on the way (D2,
// D3, D9).
func TestFormSignsWhatItSends(t *testing.T) {
	site := newSite(t)
	to, err := site.ReturnURL(center+"/second-service/hc/ticket/?a&b=문의", own)
	if err != nil {
		t.Fatal(err)
	}
	const sentURL = center + "/second-service/hc/ticket/?a=&b=%EB%AC%B8%EC%9D%98"
	for _, test := range []struct {
		name   string
		member token.Member
		want   []helpcenter.Field // without service, usercode, returnUrl, time and token
		token  string
	}{
		{
			"every field", token.Member{UserCode: "u", UserName: "홍길동", Email: "hong@example.com", Phone: "010-1234-5678", MemberNo: "M-1"},
			[]helpcenter.Field{{"username", "홍길동"}, {"email", "hong@example.com"}, {"phone", "010-1234-5678"}, {"memberno", "M-1"}},
			sign("second-service", "u", "홍길동", "hong@example.com", "010-1234-5678", "M-1", sentURL),
		},
		{
			"blank fields are left out", token.Member{UserCode: "u", UserName: " ", Phone: "\u3000", MemberNo: "\t"},
			nil,
			sign("second-service", "u", "", "", "", "", sentURL),
		},
		{
			"an awkward name", token.Member{UserCode: "u", UserName: "O'Brien & Sons\r\n😀 <b>"},
			[]helpcenter.Field{{"username", "O'Brien ＆ Sons  😀 <b>"}},
			sign("second-service", "u", "O'Brien ＆ Sons  😀 <b>", "", "", "", sentURL),
		},
		{
			"a name of control characters is blank", token.Member{UserCode: "u", UserName: "\x00\x7f"},
			nil,
			sign("second-service", "u", "", "", "", "", sentURL),
		},
		{
			"values are not trimmed", token.Member{UserCode: "u", UserName: " n "},
			[]helpcenter.Field{{"username", " n "}},
			sign("second-service", "u", " n ", "", "", "", sentURL),
		},
	} {
		got, err := newClient(newSite(t), time.Minute).Sign(helpcenter.Form, test.member, to, vectorTime)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		want := []helpcenter.Field{{"service", "second-service"}, {"usercode", test.member.UserCode}}
		want = append(want, test.want...)
		want = append(want, helpcenter.Field{"returnUrl", sentURL}, helpcenter.Field{"time", "1660095873001"}, helpcenter.Field{"token", test.token})
		if diff := cmp.Diff(want, got.Fields()); diff != "" || got.Token != test.token {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

func TestHandoffsRefuseFieldsThatCantBeSent(t *testing.T) {
	client, to := newClient(newSite(t), time.Minute), newSite(t).Page("", helpcenter.Home)
	for _, test := range []struct {
		member token.Member
		want   token.Field
	}{
		{token.Member{UserCode: "", Email: "e"}, token.FieldUserCode},
		{token.Member{UserCode: "alice&x", Email: "e"}, token.FieldUserCode},
		{token.Member{UserCode: "u", Email: "a&b@example.com"}, token.FieldEmail},
		{token.Member{UserCode: "u", Email: "e", Phone: "1\n2"}, token.FieldPhone},
		{token.Member{UserCode: "u", Email: "e", MemberNo: "\xff"}, token.FieldMemberNo},
	} {
		for _, way := range []helpcenter.Way{helpcenter.Form, helpcenter.API, helpcenter.Link} {
			_, err := client.Sign(way, test.member, to, vectorTime)
			var got *token.FieldError
			if !errors.As(err, &got) || got.Field != test.want {
				t.Errorf("%s of %q: got %v, want an error for %s", way, test.member, err, test.want)
			}
		}
	}
}
