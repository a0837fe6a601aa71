package standin

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// note is a remark about a call. The console shows it in the reader's language.
type note struct {
	format string // one of the say constants
	args   []any
}

func noted(format string, args ...any) note { return note{format, args} }

// String is the note in English, for the console's API and the answer to a remote login.
func (n note) String() string { return consoleEN.note(n) }

// The formats of notes, in English. consoleText.translations has the other languages. A
// time.Duration is written with %s.
const (
	sayGuest       = "guest"
	sayMember      = "member %s"
	sayFault       = "answered %d by a fault"
	sayMembersOnly = "only members may open an inquiry"
	sayInquiry     = "a field of the inquiry is missing or too long"

	sayBodyUnreadable     = "the body can't be read: %v"
	sayBodyNoForm         = "the body is not a form: %v"
	sayMethod             = "the method is %s, not POST"
	sayContentType        = "Content-Type is %q, not application/x-www-form-urlencoded"
	sayCharset            = "the charset is %q, not UTF-8"
	sayByScript           = "sent by a script (Sec-Fetch-Mode: %s), not by a form: the browser would not keep the cookie"
	sayNotPOST            = "member integration is off, or its login type is not POST"
	sayNotGET             = "ignored: member integration is off, or its login type is not GET"
	sayUnknownField       = "%q is not a field of the contract"
	sayRepeated           = "%s is sent %d times"
	sayNotUTF8            = "%s is not UTF-8"
	sayRequired           = "%s is required"
	sayTooLong            = "%s has %d characters, the limit is %d"
	sayTimeNoNumber       = "time is not an int64: %q"
	sayTimeOff            = "time differs from the help center's clock by %s, the limit is %s"
	sayToken              = "token does not match these fields"
	sayReturnURLUnasked   = "returnUrl is not a field of this call"
	sayReturnURLElsewhere = "returnUrl leads neither to the help center nor to the customer's site"

	sayAccessTokenUnknown = "accessToken is unknown, or was used before"
	sayAccessTokenOld     = "accessToken is older than %s"
	sayOtherUserCode      = "usercode differs from the login that accessToken was issued for"
	sayOtherTime          = "time differs from the login that accessToken was issued for"

	sayVerifyNo          = "the token verify URL does not confirm the token"
	sayVerifyURL         = "the token verify URL can't be called"
	sayNoAnswer          = "no answer: %v"
	sayAnswerCut         = "the answer was cut off: %v"
	sayNoStatusAnswer    = "the script could not read an answer (%s): unreachable, a redirect, CORS headers missing, or a preflight refused"
	sayAnswered          = "answered %d, not 200"
	sayAnswerNoJSON      = "the answer is not the contract's JSON: %v"
	sayAnswerBoolean     = "login is a Boolean, not a string"
	sayAnswerNeither     = `login is %q, neither "true" nor "false"`
	sayAnswerNoLogin     = "login is missing, or not a string"
	sayAnswerNoUserCode  = `login is "true" but usercode is missing`
	sayAnswerOtherMember = "the answer is for another usercode"
	sayLoginTrue         = `login is "true", usercode %s`
	sayLoginFalse        = `login is "false"`
	sayFalseAtOnce       = "right after an accepted handoff: members may be sent to log in for ever. Most likely the status URL did not get the login cookie: the cookie has no SameSite=None with Secure, its Path or Domain leaves out the status URL, or the browser blocks third-party cookies"
	sayNoHandoff         = "the login URL was opened %s ago, and no handoff came: either the member is still at the login page, or the page after the login sends no form. Then its script is missing or fails, its Content-Security-Policy forbids the script or the form-action, or a field of the form is named submit"
)

// note writes a note in the console's language.
func (t *consoleText) note(n note) string {
	args := slices.Clone(n.args)
	for i, arg := range args {
		if d, ok := arg.(time.Duration); ok {
			args[i] = t.duration(d)
		}
	}
	return fmt.Sprintf(t.say(n.format), args...)
}

// notes writes all the notes of an event.
func (t *consoleText) notes(e Event) string {
	var all []string
	for _, n := range e.notes {
		all = append(all, t.note(n))
	}
	return strings.Join(all, "; ")
}
