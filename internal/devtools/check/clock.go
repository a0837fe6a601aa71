package check

import (
	"context"
	"net/http"
	"time"

	"ocsso/internal/devtools/signing"
)

// clockCases compare clocks: the help center refuses a time that is 3 minutes off (CONTRACT 2).
func clockCases() []Case {
	return []Case{
		{"clock/server", Must, "2", nil, clockServer},
		{"clock/help-center", Must, "2", nil, clockHelpCenter},
	}
}

// clockTolerance is well below the 3 minutes of the help center.
const clockTolerance = 30 * time.Second

func clockServer(ctx context.Context, s *session) error {
	return s.compareClock(ctx, s.target.urls()[0], hintClock)
}

func clockHelpCenter(ctx context.Context, s *session) error {
	err := s.compareClock(ctx, s.target.HelpCenter+"/", hintOwnClock)
	if _, isFailure := err.(*failure); err != nil && !isFailure {
		return skip(whyNoClock)
	}
	return err
}

// compareClock warns of a difference that the help center still accepts.
func (s *session) compareClock(ctx context.Context, target string, h hint) error {
	a, err := s.newBrowser().get(ctx, target)
	if err != nil {
		return err
	}
	date, err := http.ParseTime(a.header.Get("Date"))
	if err != nil {
		return skip(whyNoDate, withoutQuery(a.url))
	}
	want, got := "at most "+clockTolerance.String()+" of difference", date.Sub(s.now())
	switch text := got.Round(time.Second).String(); {
	case got.Abs() >= signing.Validity-clockTolerance:
		return fail(want, text, h)
	case got.Abs() > clockTolerance:
		return warn(want, text, h)
	}
	return nil
}
