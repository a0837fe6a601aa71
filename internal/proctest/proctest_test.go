package proctest

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"testing"
)

// TestMain lets this test's binary be a test that starts a program and ends without its cleanup.
func TestMain(m *testing.M) {
	if os.Getenv("PROCTEST") == "" {
		os.Exit(m.Run())
	}
	// The group holds a second program, as a browser does.
	child := exec.Command("sh", "-c", "sleep 1000 & echo started; wait")
	child.Stdout = os.Stdout
	if _, err := Guard(child); err != nil {
		panic(err)
	}
	io.Copy(io.Discard, os.Stdin)
	os.Exit(1)
}

func TestAProgramAndItsProgramsEndWithTheTestsProcess(t *testing.T) {
	test := exec.Command(os.Args[0])
	test.Env = append(os.Environ(), "PROCTEST=1")
	stdin, err := test.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := test.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := Start(t, test); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(stdout)
	if line, err := lines.ReadString('\n'); line != "started\n" {
		t.Fatalf("got %q, %v", line, err)
	}
	stdin.Close()
	io.Copy(io.Discard, lines) // ends when no program has the pipe any more
}
