package cli

import (
	"errors"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestAPortBelow1024HasAHintOfItsOwn: root may take any port here, so the system's error is given.
func TestAPortBelow1024HasAHintOfItsOwn(t *testing.T) {
	denied := &net.OpError{Op: "listen", Net: "tcp", Err: os.NewSyscallError("bind", syscall.EACCES)}
	got := (*Error)(nil)
	if err := ListenError(denied, ":443", "server.listen"); !errors.As(err, &got) || !strings.Contains(got.Hint, "choose one above 1023 with server.listen") {
		t.Errorf("got %v, want a hint at ports above 1023", got)
	}
}

func TestTheLongWriteTimeoutIsAboveTheLongestDelay(t *testing.T) {
	const longest = 60 * time.Second // of the stand-in's faults
	if longWriteTimeout <= longest {
		t.Errorf("got %v, want more than %v", longWriteTimeout, longest)
	}
}
