package helpcenter

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// ClockDifference asks the help center for the time and returns how far its clock is ahead of now's, to within a second and half
// of the time that the answer takes. A difference of Validity or more means that every token is refused. The error wraps
// ErrUnreachable or ErrAnswer.
func (c *Client) ClockDifference(ctx context.Context, now func() time.Time) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, c.origin+"/", nil)
	if err != nil {
		return 0, fmt.Errorf("ask for the time: %w", err)
	}
	asked := now()
	resp, err := c.http.Do(req)
	if err != nil {
		return 0, fmt.Errorf("%w: ask for the time: %w", ErrUnreachable, err)
	}
	resp.Body.Close()
	theirs, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		return 0, fmt.Errorf("%w: no Date", ErrAnswer)
	}
	// Date is cut to the second: on average they are half a second further.
	middle := asked.Add(now().Sub(asked) / 2)
	return theirs.Add(time.Second / 2).Sub(middle), nil
}
