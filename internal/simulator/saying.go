package simulator

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// A note is something to say about a call, in whichever language the reader has chosen.
type note struct {
	saying saying
	args   []any // what its verbs stand for: text, numbers and a time.Duration
}

func noted(s saying, args ...any) note { return note{s, args} }

// String is the note in English, as the console's API and the remote login have it.
func (n note) String() string { return consoleEN.note(n) }

// saying selects one of consoleText.sayings.
type saying int

// What there is to say about a call.
const (
	sayGuest saying = iota
	sayMember
	sayFault
	sayMembersOnly
	sayInquiry

	sayBodyUnreadable
	sayBodyNoForm
	sayMethod
	sayContentType
	sayCharset
	sayByScript
	sayNotPOST
	sayNotGET
	sayUnknownField
	sayRepeated
	sayNotUTF8
	sayRequired
	sayTooLong
	sayTimeNoNumber
	sayTimeOff
	sayToken
	sayReturnURLUnasked
	sayReturnURLElsewhere

	sayAccessTokenUnknown
	sayAccessTokenOld
	sayOtherUserCode
	sayOtherTime

	sayVerifyNo
	sayVerifyURL
	sayNoAnswer
	sayAnswerCut
	sayNoStatusAnswer
	sayAnswered
	sayAnswerNoJSON
	sayAnswerBoolean
	sayAnswerNeither
	sayAnswerNoLogin
	sayAnswerNoUserCode
	sayAnswerOtherMember
	sayLoginTrue
	sayLoginFalse

	sayings // how many there are
)

// note writes a note in the console's language.
func (t *consoleText) note(n note) string {
	args := slices.Clone(n.args)
	for i, arg := range args {
		if d, ok := arg.(time.Duration); ok {
			args[i] = t.duration(d)
		}
	}
	return fmt.Sprintf(t.sayings[n.saying], args...)
}

// notes writes all that an event says about its call.
func (t *consoleText) notes(e Event) string {
	var all []string
	for _, n := range e.notes {
		all = append(all, t.note(n))
	}
	return strings.Join(all, "; ")
}

// duration writes a duration of whole seconds with the language's units, or as Go does where it has none.
func (t *consoleText) duration(d time.Duration) string {
	if t.units == (units{}) {
		return d.String()
	}
	var b strings.Builder
	write := func(n time.Duration, unit string) {
		if n > 0 {
			fmt.Fprintf(&b, "%d%s", n, unit)
		}
	}
	write(d/time.Hour, t.units.hours)
	write(d%time.Hour/time.Minute, t.units.minutes)
	write(d%time.Minute/time.Second, t.units.seconds)
	return strings.TrimSpace(b.String())
}

// units stand behind a number, with the space that the language wants after them.
type units struct{ hours, minutes, seconds string }
