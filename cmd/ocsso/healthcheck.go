package main

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/spf13/cobra"

	"ocsso/internal/cli"
	"ocsso/internal/config"
)

func newHealthcheckCommand(term cli.Terminal) *cobra.Command {
	var url string
	var timeout time.Duration
	command := withConfig(&cobra.Command{
		Use:   "healthcheck",
		Short: "Ask a running server whether it is well, for container images",
	}, func(ctx context.Context, file cli.ConfigFile, _ []string) error {
		ctx, cancel := context.WithTimeout(ctx, timeout)
		defer cancel()
		data, _ := os.ReadFile(string(file)) // without a file, all comes from the environment
		// They may have changed since the server has read them, and may be wrong now.
		cfg, _ := config.Load(string(file), data, term.Environ(), os.ReadFile)
		if url == "" && cfg.Server.AdminListen == "" {
			return accepts(ctx, cfg.Server.Listen)
		}
		return isWell(ctx, cmp.Or(url, "http://"+cfg.Server.AdminListen+"/healthz"))
	})
	command.Flags().StringVar(&url, "url", "", "the `URL` to ask instead of server.admin_listen in the configuration")
	command.Flags().DurationVar(&timeout, "timeout", 2*time.Second, "how long to wait")
	return command
}

// isWell asks for an answer with status 200.
func isWell(ctx context.Context, url string) error {
	const hint = "it asks server.admin_listen of --config; --url names another place"
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return cli.Usage(err, hint)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return cli.Failed(err, hint)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return cli.Failed(fmt.Errorf("%s answered %s", url, resp.Status), hint)
	}
	return nil
}

// accepts connects to a server that has no server.admin_listen to ask.
func accepts(ctx context.Context, listen string) error {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", listen)
	if err != nil {
		return cli.Failed(err, "server.admin_listen is empty, so it connects to server.listen of --config")
	}
	return conn.Close()
}
