package main

import (
	"log/slog"

	"github.com/coreos/go-systemd/v22/daemon"
)

// notifySystemd tells systemd the state of a service with Type=notify or notify-reload. It does
// nothing if systemd hasn't started this process.
func notifySystemd(log *slog.Logger, state string) {
	if _, err := daemon.SdNotify(false, state); err != nil {
		log.Warn("tell systemd the state of the service", "error", err)
	}
}
