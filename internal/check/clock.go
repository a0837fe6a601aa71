package check

import (
	"context"
	"net/http"
	"time"
)

// clockCases compare clocks: the help center refuses a time that is 3 minutes off (PROTOCOL 2).
func clockCases() []Case {
	return []Case{
		{"clock/server", Must, "The integration's clock is within 30 s of this machine's (PROTOCOL 2)", nil, clockServer},
		{"clock/help-center", Must, "The help center's clock is within 30 s of this machine's (PROTOCOL 2)", nil, clockHelpCenter},
	}
}

// clockTolerance is well below the 3 minutes of the help center.
const clockTolerance = 30 * time.Second

func clockServer(ctx context.Context, s *session) error {
	return s.compareClock(ctx, s.target.urls()[0], "set the server's clock by NTP")
}

func clockHelpCenter(ctx context.Context, s *session) error {
	err := s.compareClock(ctx, s.target.HelpCenter+"/", "set this machine's clock by NTP; only the help center's clock counts")
	if _, isFailure := err.(*failure); err != nil && !isFailure {
		return skip("the help center can't be asked for the time: %v", err)
	}
	return err
}

func (s *session) compareClock(ctx context.Context, target, hint string) error {
	a, err := s.newBrowser().get(ctx, target)
	if err != nil {
		return err
	}
	date, err := http.ParseTime(a.header.Get("Date"))
	if err != nil {
		return skip("%s sends no Date", withoutQuery(a.url))
	}
	if difference := date.Sub(s.now()); difference.Abs() > clockTolerance {
		return fail("at most "+clockTolerance.String()+" of difference", difference.Round(time.Second).String(), hint)
	}
	return nil
}
