package check

import (
	"bufio"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"
	"time"

	"ocsso/internal/secret"
)

// TestAnIntegrationInJavaPassesEveryMust runs all cases over the network, against
// testdata/Shop.java.
func TestAnIntegrationInJavaPassesEveryMust(t *testing.T) {
	t.Parallel()
	java, err := exec.LookPath("java")
	if err != nil {
		t.Skip("there is no java on this machine to run testdata/Shop.java")
	}
	if modules, err := exec.CommandContext(t.Context(), java, "--list-modules").Output(); err != nil || !strings.Contains(string(modules), "jdk.compiler") {
		t.Skip("the java on this machine has no compiler to run testdata/Shop.java")
	}
	center := httptest.NewServer(http.NotFoundHandler()) // for clock/help-center
	t.Cleanup(center.Close)
	browser, err := StartBrowser(t.Context(), BrowserOptions{Path: installed(t), HelpCenter: center.URL})
	if err != nil {
		t.Fatal(err)
	}
	defer browser.Close()

	// Without nodelay each answer waits for the client's delayed acknowledgement.
	shop := exec.CommandContext(t.Context(), java, "-Dsun.net.httpserver.nodelay=true", "testdata/Shop.java", center.URL, testService, testKey, minji.usercode, testPassword)
	stdout, err := shop.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	shop.Stderr = t.Output()
	if err := shop.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { shop.Wait() }) // the end of the test's context has killed it
	site, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("read where the Java server listens: %v", err)
	}
	site = strings.TrimSpace(site)

	report, err := Run(t.Context(), Target{
		HelpCenter: center.URL, Service: testService, UserCode: minji.usercode, Password: secret.New(testPassword), OrganizationKey: testKey,
		LoginURL: site + "/login", LoginStatusURL: site + "/status", TokenVerifyURL: site + "/verify", LogoutURL: site + "/logout",
		Browser: browser, Timeout: 30 * time.Second,
	}, Cases(), http.DefaultTransport, time.Now, EN, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, result := range report.Results {
		switch {
		case result.Outcome == Fail:
			t.Errorf("%s: got %s, want %s", result.ID, result.Got, result.Want)
		case result.Outcome == Skip && !strings.HasPrefix(result.ID, "link/") && !strings.HasPrefix(result.ID, "frame/") && !strings.HasPrefix(result.ID, "handoff/api-") && result.ID != "handoff/posted":
			t.Errorf("%s: got skip %s, want it to run", result.ID, result.Reason)
		}
	}
	if got, want := notMet(report), []string{"login/cross-site-post"}; strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("got the cases %v unmet, want %v: the vendor's page says nothing about posts from other sites", got, want)
	}
}
