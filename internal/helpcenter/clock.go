package helpcenter

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// ClockDifference asks the help center for the time and returns how far its clock is ahead of ours,
// to about a second. A difference of Validity or more means that every token is refused. The error
// wraps ErrUnreachable or ErrAnswer.
func (c *Client) ClockDifference(ctx context.Context) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, string(c.site.origin)+"/", nil)
	if err != nil {
		return 0, fmt.Errorf("ask for the time: %w", err)
	}
	asked := c.now()
	resp, err := c.http.Do(req)
	if err != nil {
		return 0, fmt.Errorf("%w: ask for the time: %w", ErrUnreachable, err)
	}
	resp.Body.Close()
	theirs, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		return 0, fmt.Errorf("%w: no Date", ErrAnswer)
	}
	// Date has no fractions of a second: on average their time is half a second later.
	middle := asked.Add(c.now().Sub(asked) / 2)
	return theirs.Add(time.Second / 2).Sub(middle), nil
}
