package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"testing"

	"ocsso/internal/cli/clitest"
)

// A demo is `ocdev demo` inside the test.
type demo struct{ demoInfo }

// startDemo runs a demo on free ports until the test ends.
func startDemo(t *testing.T, flags ...string) *demo {
	t.Helper()
	p := clitest.Start(t, run, nil, append([]string{"demo", "--json", "--port", "0", "--helpcenter-port", "0", "--shop-port", "0"}, flags...)...)
	d := &demo{}
	if err := json.Unmarshal([]byte(p.Line()), &d.demoInfo); err != nil {
		t.Fatal(err)
	}
	return d
}

// full is the member with every field.
func (d *demo) full() demoMember { return d.Members[0] }

// callConsole calls the API of a stand-in's console.
func callConsole[T any](t *testing.T, client *http.Client, method, url string, body any) (answer T) {
	t.Helper()
	sent, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), method, url, bytes.NewReader(sent))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	resp, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("%s %s: got %s", method, url, resp.Status)
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		t.Fatalf("%s %s: %v", method, url, err)
	}
	return answer
}
