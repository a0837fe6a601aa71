package check

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"ocsso/internal/devtools/signing"
)

// verifyCases test the token verify URL (CONTRACT 9).
func verifyCases() []Case {
	needs := []need{needVerify, needMember}
	return []Case{
		must("verify/issued", "9", needs, withIssued(func(r *run, v verifyRequest) error {
			return r.wantTrue(v, Text{"store each token with its usercode when it is issued, before the browser gets it; the help center's server asks, without the member's cookies",
				"토큰을 발급할 때 usercode와 함께 저장하세요. 브라우저에 보내기 전이어야 합니다. 헬프센터 서버가 회원의 쿠키 없이 묻습니다"})
		}), "An issued token and its usercode are true", "발급한 토큰과 그 usercode는 true이다"),

		must("verify/twice", "9", needs, withIssued(verifyTwice), "A token is true each time that it is asked for", "같은 토큰을 여러 번 물어도 true이다"),

		should("verify/earlier", "9", needs, func(r *run) error {
			first, err := r.trueToken(r.issuedToken)
			if err != nil {
				return err
			}
			if err := r.pause(plusPause); err != nil {
				return err
			}
			next, err := r.issuedToken()
			switch {
			case err != nil:
				return err
			case next == first:
				return skip("there is only one token", "토큰이 하나뿐입니다")
			case verifyTwice(r, verifyRequest{r.target.UserCode, next}) != nil:
				return see("verify/twice")
			}
			return r.wantTrue(verifyRequest{r.target.UserCode, first}, Text{"keep every token of a session, not only the last: a member has several windows",
				"마지막 토큰만이 아니라 세션의 모든 토큰을 보관하세요. 회원은 창을 여러 개 열 수 있습니다"})
		}, "A token is still true after the next one was issued", "다음 토큰을 발급한 뒤에도 이전 토큰은 true이다"),

		must("verify/plus", "3 9", needs, func(r *run) error {
			if _, err := r.trueToken(func() (string, error) { return r.tryFor(false, r.issuedToken) }); err != nil {
				return err
			}
			token, err := r.tryFor(true, r.issuedToken)
			if err != nil {
				return err
			}
			return r.wantTrue(verifyRequest{r.target.UserCode, token}, Text{"the parameter is decoded twice, so that %2B has become a space: frameworks decode it by themselves",
				"파라미터를 두 번 디코딩해 %2B가 공백이 되었습니다. 프레임워크가 이미 디코딩합니다"})
		}, "An issued token with a + is true", "+ 가 있는 토큰도 true이다"),

		must("verify/changed-token", "9", needs, withIssued(func(r *run, v verifyRequest) error { return r.wantFalse(hintStoredOnly, v.changed()) }),
			"A changed token is false", "바뀐 토큰은 false이다"),
		must("verify/other-usercode", "9", needs, withIssued(func(r *run, v verifyRequest) error { return r.wantFalse(hintStoredOnly, v.ofAnother()) }),
			"An issued token with another usercode is false", "발급한 토큰이라도 다른 usercode이면 false이다"),

		// What a careless comparison, as in a database, takes for the same.
		should("verify/look-alike", "9", needs, withIssued(func(r *run, v verifyRequest) error {
			if r.wantFalse(Text{}, v.changed(), v.ofAnother()) != nil {
				return skip("see verify/changed-token, verify/other-usercode", "verify/changed-token, verify/other-usercode 참고")
			}
			list := []verifyRequest{
				{v.usercode, swapCase(v.token)}, {v.usercode, v.token + " "}, {swapCase(v.usercode), v.token}, {v.usercode + " ", v.token},
				{v.usercode, "%"}, // matches anything in a LIKE of SQL
			}
			return r.wantFalse(Text{"compare byte for byte: a database may ignore case and spaces at the end (in MySQL, use a binary collation)",
				"바이트 단위로 비교하세요. 데이터베이스는 대소문자와 끝 공백을 무시할 수 있습니다(MySQL에서는 binary 콜레이션 사용)"},
				slices.DeleteFunc(list, func(other verifyRequest) bool { return other == v })...)
		}), "A token or usercode in another case, or with a space at the end, is false", "대소문자가 다르거나 끝에 공백이 있는 토큰과 usercode는 false이다"),

		must("verify/empty", "9", needs, withIssued(func(r *run, v verifyRequest) error {
			return r.wantFalse(hintStoredOnly, verifyRequest{"", v.token}, verifyRequest{v.usercode, ""}, verifyRequest{})
		}), "An empty or missing token or usercode is false", "토큰이나 usercode가 비었거나 없으면 false이다"),

		must("verify/old", "9 D7", append(needs, needKey), withIssued(func(r *run, v verifyRequest) error {
			yesterday := strconv.FormatInt(r.now().Add(-24*time.Hour).UnixMilli(), 10)
			message := signing.Message(signing.CallLink, signing.Fields{Service: r.target.Service, UserCode: v.usercode, Time: yesterday})
			return r.wantFalse(hintStoredOnly, verifyRequest{v.usercode, signing.Sign(r.target.OrganizationKey, message)})
		}), "A correctly signed token from yesterday that was never issued is false", "서명이 맞아도 발급한 적 없는 어제의 토큰은 false이다"),

		must("verify/shape", "9", needs, withIssued(func(r *run, v verifyRequest) error {
			if a, err := r.askVerify(v); err == nil && a.status != http.StatusOK {
				return see("verify/issued")
			}
			for _, each := range []verifyRequest{v.changed(), v, {}} {
				a, err := r.askVerify(each)
				if err != nil {
					return err
				}
				got, err := parseStatus(a)
				if err != nil {
					return err
				}
				if got.loggedIn && got.usercode != each.usercode {
					return fail(`"usercode":"`+each.usercode+`"`, a.String(), hintStoredOnly)
				}
			}
			return nil
		}), "True and false are both 200 with login and usercode, as in the vendor's example", "true와 false 모두 200이며, 벤더 문서의 예시처럼 login과 usercode로 응답한다"),

		should("verify/strings", "9 D1", needs, eachVerify(checkStrings), "The value of login is a string, not a Boolean", "login 값은 Boolean이 아니라 문자열이다"),
		should("verify/keys", "9 D18", needs, eachVerify(checkKeys),
			"The answer has the keys login and usercode alone, and the usercode null for false", "응답에는 login과 usercode만 있고, false의 usercode는 null이다"),
		should("verify/content-type", "9", needs, eachVerify(checkContentType), "The content type is application/json", "Content-Type은 application/json이다"),
	}
}

var hintStoredOnly = Text{"answer true only for a stored token and its own usercode", "저장한 토큰과 그 usercode가 맞을 때만 true로 응답하세요"}

// A verifyRequest has the parameters of the verify URL.
type verifyRequest struct{ usercode, token string }

// changed has another token, which differs by more than its case.
func (v verifyRequest) changed() verifyRequest {
	first := "A"
	if strings.EqualFold(v.token[:1], first) {
		first = "B"
	}
	return verifyRequest{v.usercode, first + v.token[1:]}
}

func (v verifyRequest) ofAnother() verifyRequest { return verifyRequest{v.usercode + "x", v.token} }

// askVerify asks the verify URL; the zero request has no parameters.
func (r *run) askVerify(v verifyRequest) (answer, error) {
	if v == (verifyRequest{}) {
		return r.get(r.target.TokenVerifyURL, nil)
	}
	return r.get(withQuery(r.target.TokenVerifyURL, "usercode", v.usercode, "token", v.token), nil)
}

// issuedToken gets a new token for the member, from a handoff's form or a link.
func (r *run) issuedToken() (string, error) {
	if r.target.LoginURL != "" {
		if h, err := r.handOffByHTTP(r.returnPage()); err == nil && h.values.Get("token") != "" {
			return h.values.Get("token"), nil
		}
	}
	if r.target.LinkURL != "" {
		if link, err := r.signedLink(r.member); err == nil && link.values.Get("token") != "" {
			return link.values.Get("token"), nil
		}
	}
	// Of a handoff by script there are only those that the browser has seen.
	for _, h := range slices.Backward(r.handoffs) {
		if token := h.values.Get("token"); token != "" {
			return token, nil
		}
	}
	return "", skip("no token was seen: the login URL hands off by none, and there is no --link-url that has one",
		"토큰을 보지 못했습니다. 로그인 URL의 핸드오프에 토큰이 없고, 토큰이 있는 --link-url도 없습니다")
}

// withIssued returns a case that runs check with a token just issued to the member, without a + if
// there is one: those are for verify/plus.
func withIssued(check func(*run, verifyRequest) error) check {
	return func(r *run) error {
		token, err := r.tryFor(false, r.issuedToken)
		if err == errNoPlus {
			token, err = r.issuedToken()
		}
		if err != nil {
			return err
		}
		return check(r, verifyRequest{r.target.UserCode, token})
	}
}

// saysTrue reports whether an answer has a true login. It leaves the JSON to verify/shape.
func saysTrue(a answer) bool {
	bare := strings.Join(strings.Fields(strings.ReplaceAll(string(a.body), `"`, "")), "")
	return strings.Contains(bare, "login:true")
}

func (r *run) wantTrue(v verifyRequest, hint Text) error {
	a, err := r.askVerify(v)
	if err != nil {
		return err
	}
	switch a.status {
	case http.StatusUnauthorized, http.StatusForbidden:
		hint = Text{"the help center's server has no cookie and no password: exempt the verify URL from the filter that asks for a login",
			"헬프센터 서버에는 쿠키도 비밀번호도 없습니다. 로그인을 요구하는 필터에서 검증 URL을 제외하세요"}
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		hint = Text{"the help center's server has no cookie and follows no redirect to a login page: exempt the verify URL from the filter that asks for a login",
			"헬프센터 서버에는 쿠키가 없고 로그인 페이지로의 리다이렉트를 따라가지 않습니다. 로그인을 요구하는 필터에서 검증 URL을 제외하세요"}
	case http.StatusNotFound:
		hint = hintNoPath
	case http.StatusMethodNotAllowed:
		hint = Text{"the help center asks by GET", "헬프센터는 GET으로 요청합니다"}
	default:
		if _, err := parseStatus(a); err != nil {
			hint = unmet(err).text
		}
	}
	return unless(saysTrue(a), `{"login":"true","usercode":"`+v.usercode+`"}`, a.String(), hint)
}

// verifyTwice asks again, as the help center does on the next page.
func verifyTwice(r *run, v verifyRequest) error {
	if a, err := r.askVerify(v); err != nil || !saysTrue(a) {
		return see("verify/issued")
	}
	return r.wantTrue(v, Text{"do not use a token up: the help center asks again on the next page", "토큰을 한 번 쓰고 지우지 마세요. 헬프센터는 다음 페이지에서 다시 묻습니다"})
}

// trueToken gets the next token, and leaves one for which the verify URL says false to
// verify/issued.
func (r *run) trueToken(next func() (string, error)) (string, error) {
	token, err := next()
	if err != nil {
		return "", err
	}
	if a, err := r.askVerify(verifyRequest{r.target.UserCode, token}); err != nil || !saysTrue(a) {
		return "", see("verify/issued")
	}
	return token, nil
}

func (r *run) wantFalse(hint Text, list ...verifyRequest) error {
	for _, v := range list {
		r.hide(v.token)
		a, err := r.askVerify(v)
		if err != nil {
			return err
		}
		if saysTrue(a) {
			return fail("usercode="+strconv.Quote(v.usercode)+" token="+strconv.Quote(v.token)+" -> "+saidOfGuest, a.String(), hint)
		}
	}
	return nil
}

func swapCase(text string) string {
	return strings.Map(func(c rune) rune {
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' {
			return c ^ ' '
		}
		return c
	}, text)
}

// eachVerify returns a case that checks a true and a false answer.
func eachVerify(check func(*run, answer) error) check {
	return withIssued(func(r *run, v verifyRequest) error {
		for _, each := range []verifyRequest{v.changed(), v} {
			a, err := r.askVerify(each)
			if err == nil && a.status == http.StatusOK { // another status is for verify/shape
				err = check(r, a)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}
