package check

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// linkCases test the signed link (CONTRACT 8).
func linkCases() []Case {
	needs := []need{needLink, needMember}
	return []Case{
		must("link/given", "8", needs, func(r *run) error {
			if _, err := r.signedLink(r.member); err == nil {
				return nil
			}
			a, err := r.get(r.target.LinkURL, r.member)
			if err != nil {
				return err
			}
			return fail(`302 Location: ..., 200 {"url":"..."}`, a.String(), Text{"--link-url is a URL of yours that a logged-in member opens; check it with a member who has an email",
				"--link-url은 로그인한 회원이 여는 회사 URL입니다. 이메일이 있는 회원으로 확인하세요"})
		}, "A member gets a link, by a redirect or as JSON", "회원이 리다이렉트나 JSON으로 링크를 받는다"),

		should("link/guest", "8 D8", []need{needLink}, func(r *run) error {
			link, err := r.signedLink(nil)
			return unless(err != nil || link.values.Get("token") == "", "-", "usercode="+link.values.Get("usercode"), Text{
				"sign a link for the session's member only, never for a usercode that the request names",
				"세션의 회원에게만 링크를 서명하세요. 요청에 있는 usercode로 서명하면 안 됩니다"})
		}, "Somebody logged out gets no signed link", "로그아웃 상태에서는 서명된 링크를 받지 못한다"),

		must("link/path", "8", needs, withLink(func(r *run, link handoff) error {
			path := withoutQuery(link.url)
			return unless(slices.Contains(r.pages(), path), strings.Join(r.pages(), ", "), path, Text{
				"the path has the service, and ends in a slash", "경로에 service가 있고 슬래시로 끝납니다"})
		}), "The link leads to the help center's home, inquiry or history page of the service", "링크가 해당 서비스의 헬프센터 홈, 문의하기, 문의내역 페이지로 이어진다"),

		must("link/required", "8", needs, withLink(func(r *run, link handoff) error { return r.checkRequired(link, "usercode", "time", "token") }),
			"The link has usercode, time and token", "링크에 usercode, time, token이 있다"),
		must("link/usercode", "8", needs, withLink(checkUserCode), "The link's usercode is the member's", "링크의 usercode가 그 회원의 것이다"),

		must("link/email", "2 D4", needs, withLink(func(_ *run, link handoff) error {
			return unless(strings.TrimSpace(link.values.Get("email")) != "", "email=...", "email=", Text{
				"a member without an email can't use links: say so instead of inventing one", "이메일이 없는 회원은 링크를 쓸 수 없습니다. 임의의 값을 만들지 말고 안내하세요"})
		}), "The link has an email", "링크에 email이 있다"),

		should("link/blanks", "8", needs, withLink(func(_ *run, link handoff) error {
			for name, values := range link.values {
				if name != "email" && slices.ContainsFunc(values, func(value string) bool { return strings.TrimSpace(value) == "" }) {
					return fail("-", name+"=", Text{"leave a blank field out of the query and out of the signed message", "빈 필드는 쿼리와 서명할 문자열에서 모두 빼세요"})
				}
			}
			return nil
		}), "Blank fields are left out of the link", "링크에 빈 필드가 없다"),

		must("link/limits", "2", needs, withLink(checkLimits), "No field of the link is longer than its limit", "링크의 모든 필드가 길이 제한 안에 있다"),
		must("link/time", "2", needs, withLink(checkTime), "The link's time is the current one in milliseconds", "링크의 time은 밀리초 단위의 현재 시각이다"),
		must("link/fresh", "2 8", needs, func(r *run) error {
			first, err := r.signedLink(r.member)
			if err != nil {
				return err
			}
			return r.checkFresh(first, func() (handoff, error) { return r.signedLink(r.member) }, "time", "token")
		}, "A second link has another time and token", "링크를 다시 받으면 time과 token이 새로 바뀐다"),

		// What changes a token on the way; the rest is for link/encoding-strict.
		must("link/encoding", "3", needs, eachValue(func(name, value string) bool {
			_, err := url.QueryUnescape(value)
			return err == nil && (name != "token" || !strings.ContainsAny(value, "+ ") && !strings.Contains(value, "%25"))
		}, Text{"encode the token once by encodeURIComponent: a + that is not %2B arrives as a space",
			"토큰을 encodeURIComponent로 한 번만 인코딩하세요. %2B가 아닌 +는 공백으로 전달됩니다"},
		), "The token arrives as it was made, its + included", "token이 + 를 포함해 만든 그대로 전달된다"),

		should("link/encoding-strict", "3 D18", needs, eachValue(func(_, value string) bool {
			return regexp.MustCompile(`^(?:[A-Za-z0-9_.!~*'()-]|%[0-9A-F]{2})*$`).MatchString(value)
		}, Text{"encodeURIComponent writes a space as %20 and hexadecimal digits in upper case; form encoders and path encoders differ",
			"encodeURIComponent는 공백을 %20으로, 16진수를 대문자로 씁니다. 폼이나 경로용 인코더는 다릅니다"},
		), "Each value is encoded as encodeURIComponent does it", "모든 값을 encodeURIComponent와 같이 인코딩한다"),

		must("link/token", "3", append(needs, needKey), eachLink(func(r *run, link handoff) error {
			link.values.Set("token", plusKept(link)) // link/encoding reports a lost +
			return checkToken(r, link)
		}), "The link's token is the one of its fields under the organization key", "링크의 token이 필드와 조직 Key로 계산한 값과 같다"),
	}
}

func (r *run) signedLink(cookies jar) (handoff, error) {
	a, err := r.get(r.target.LinkURL, cookies)
	if err != nil {
		return handoff{}, err
	}
	text := a.leadsTo()
	var body struct{ URL string }
	if text == "" && json.Unmarshal(a.body, &body) == nil {
		text = body.URL
	}
	link, err := url.Parse(text)
	if text == "" || err != nil {
		return handoff{}, see("link/given")
	}
	r.hidePersonal(link.Query())
	h := handoff{sent: sent{at: r.now(), method: http.MethodGet, url: text}, way: wayLink, values: link.Query()}
	h.values.Set("service", r.target.Service) // is in the path
	return h, nil
}

// withLink returns a case that checks a new link of the member.
func withLink(check func(*run, handoff) error) check {
	return func(r *run) error {
		link, err := r.signedLink(r.member)
		if err != nil {
			return err
		}
		return r.refused(link, check(r, link))
	}
}

const (
	// plusTries is how many tokens are requested to find one with a +. Every second token has one.
	plusTries = 20
	// plusPause makes the next token different: a token changes with the millisecond.
	plusPause = 2 * time.Millisecond
)

// tryFor calls next until it returns a token that has a +, or has none.
func (r *run) tryFor(plus bool, next func() (token string, err error)) (token string, err error) {
	for range plusTries {
		token, err := next()
		if err != nil || strings.Contains(token, "+") == plus {
			return token, err
		}
		if err := r.pause(plusPause); err != nil {
			return "", err
		}
	}
	return "", errNoPlus
}

// errNoPlus is the error of tryFor when none of the tokens is as wanted.
var errNoPlus = skip("none of 20 tokens was of the kind that is needed", "토큰 20개 중에 필요한 것이 없었습니다")

// eachLink returns a case that checks links until the token of one has a +, encoded or not.
func eachLink(check func(*run, handoff) error) check {
	return func(r *run) error {
		_, err := r.tryFor(true, func() (string, error) {
			link, err := r.signedLink(r.member)
			if err != nil {
				return "", err
			}
			return plusKept(link), check(r, link)
		})
		if err == errNoPlus {
			return nil
		}
		return err
	}
}

// eachValue returns a case that checks the values of a link's query as they stand there.
func eachValue(right func(name, value string) bool, hint Text) check {
	return eachLink(func(_ *run, link handoff) error {
		for pair := range strings.SplitSeq(mustParse(link.url).RawQuery, "&") {
			if name, value, _ := strings.Cut(pair, "="); !right(name, value) {
				return fail(name+"=encodeURIComponent(...)", value, hint)
			}
		}
		return nil
	})
}

// plusKept is the token of a link whose + may have arrived as a space.
func plusKept(link handoff) string { return strings.ReplaceAll(link.values.Get("token"), " ", "+") }
