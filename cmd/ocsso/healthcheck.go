package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/spf13/cobra"
)

func newHealthcheckCommand() *cobra.Command {
	var url string
	var timeout time.Duration
	command := &cobra.Command{
		Use:   "healthcheck",
		Short: "Ask a running server whether it is well, for container images",
		RunE: func(command *cobra.Command, _ []string) error {
			const hint = "it asks server.admin_listen; --url names another place"
			ctx, cancel := context.WithTimeout(command.Context(), timeout)
			defer cancel()
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
			if err != nil {
				return usage(err, hint)
			}
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				return &commandError{err, hint, exitFailed}
			}
			defer resp.Body.Close()
			if resp.StatusCode != http.StatusOK {
				return &commandError{fmt.Errorf("%s answered %s", url, resp.Status), hint, exitFailed}
			}
			return nil
		},
	}
	command.Flags().StringVar(&url, "url", "http://127.0.0.1:9090/healthz", "the `URL` to ask")
	command.Flags().DurationVar(&timeout, "timeout", 2*time.Second, "how long to wait")
	return command
}
