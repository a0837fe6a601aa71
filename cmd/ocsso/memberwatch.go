package main

import (
	"context"
	"time"
)

// memberInterval is how often the member file is looked at.
const memberInterval = time.Second

// watchMembers reads the member file again when it has changed, until ctx is done. It waits until
// two looks find the same, so that it doesn't read a file that is being written.
func (d *deployment) watchMembers(ctx context.Context) {
	file := d.members.file
	if file == nil {
		return
	}
	ticker := time.NewTicker(memberInterval)
	defer ticker.Stop()
	for last := file.Read(); ; {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		now := file.Version()
		if now == last && now != file.Read() {
			d.reloadMembers()
		}
		last = now
	}
}

// reloadMembers reads the member file again, if there is one. After an error, which is logged, the
// old members stay in use.
func (d *deployment) reloadMembers() {
	file := d.members.file
	if file == nil {
		return
	}
	err := file.Reload()
	d.counts.CountReload("members", err)
	if err != nil {
		d.log.Error("members not reloaded: the old ones stay", "error", err)
		return
	}
	d.log.Info("members reloaded", "count", file.Count())
}
