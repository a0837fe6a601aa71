package main

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// healthcheckCommand is `ocsso healthcheck`, for images that have no other program to ask with.
type healthcheckCommand struct {
	URL     string        `name:"url" help:"What to ask." default:"http://127.0.0.1:9090/healthz" placeholder:"URL"`
	Timeout time.Duration `help:"How long to wait." default:"2s"`
}

// Run fails unless the answer is 200.
func (c healthcheckCommand) Run(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	const hint = "it asks server.admin_listen; --url names another place"
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.URL, nil)
	if err != nil {
		return usage(err, hint)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return &commandError{err, hint, exitFailed}
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return &commandError{fmt.Errorf("%s answered %s", c.URL, resp.Status), hint, exitFailed}
	}
	return nil
}
