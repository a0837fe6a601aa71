package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"ocsso/internal/cli/clitest"
)

// alertExpressions are the expressions in deploy/alerts.yaml.
func alertExpressions(t *testing.T) (expressions []string) {
	t.Helper()
	var file struct {
		Groups []struct{ Rules []struct{ Expr string } }
	}
	readYAML(t, readExample(t, "alerts.yaml").text, &file)
	for _, group := range file.Groups {
		for _, rule := range group.Rules {
			expressions = append(expressions, rule.Expr)
		}
	}
	return expressions
}

// dashboardExpressions are the expressions in deploy/dashboard.json, with Grafana's variables
// replaced.
func dashboardExpressions(t *testing.T) (expressions []string) {
	t.Helper()
	var dashboard struct {
		Panels []struct{ Targets []struct{ Expr string } }
	}
	if err := json.Unmarshal([]byte(readExample(t, "dashboard.json").text), &dashboard); err != nil {
		t.Fatal(err)
	}
	for _, panel := range dashboard.Panels {
		for _, target := range panel.Targets {
			expressions = append(expressions, strings.NewReplacer("$__rate_interval", "5m", "$job", "ocsso").Replace(target.Expr))
		}
	}
	return expressions
}

// promtool runs it in the folder dir.
func promtool(t *testing.T, dir string, args ...string) {
	t.Helper()
	command := exec.Command("promtool", args...)
	command.Dir = dir
	if output, err := command.CombinedOutput(); err != nil {
		t.Errorf("promtool %s: %v\n%s\nmake programs installs it", strings.Join(args, " "), err, output)
	}
}

func TestPrometheusAcceptsTheAlerts(t *testing.T) {
	promtool(t, "../../deploy", "check", "config", "prometheus.yaml") // and the rules that it names
	var scraped struct {
		Configs []struct {
			Job string `json:"job_name"`
		} `json:"scrape_configs"`
	}
	readYAML(t, readExample(t, "prometheus.yaml").text, &scraped)
	for _, expression := range alertExpressions(t) {
		for _, job := range regexp.MustCompile(`job="(.*?)"`).FindAllStringSubmatch(expression, -1) {
			if job[1] != scraped.Configs[0].Job {
				t.Errorf("got the job %s in %s, and %s is scraped", job[1], expression, scraped.Configs[0].Job)
			}
		}
	}
	tests := readExample(t, "test/alerts_test.yaml") // so that go test knows that this test depends on it
	promtool(t, "../../deploy/test", "test", "rules", filepath.Base(tests.name))
}

// TestPrometheusAcceptsTheDashboard gives its expressions to promtool as recording rules.
func TestPrometheusAcceptsTheDashboard(t *testing.T) {
	type rule struct{ Record, Expr string }
	var rules []rule
	for i, expression := range dashboardExpressions(t) {
		rules = append(rules, rule{fmt.Sprintf("panel:%d", i), expression})
	}
	text, err := yaml.Marshal(map[string]any{"groups": []any{map[string]any{"name": "dashboard", "rules": rules}}})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "rules.yaml")
	clitest.WriteFile(t, file, string(text))
	promtool(t, filepath.Dir(file), "check", "rules", file)
}

var (
	// selector is a metric with its labels in an expression.
	selector = regexp.MustCompile(`\b((?:ocsso|go|process)_\w+)(?:\{([^}]*)\})?`)
	// matcher is a label with its value in a selector.
	matcher = regexp.MustCompile(`(\w+)(=~?)"([^"]*)"`)
	// grouping is what an expression groups by.
	grouping = regexp.MustCompile(`by \(([^)]*)\)`)
)

// TestTheAlertsAndTheDashboardNameMetricsThatExist compares them with what a server shows.
// Prometheus says nothing of a name that no server has.
func TestTheAlertsAndTheDashboardNameMetricsThatExist(t *testing.T) {
	shown := everyMetric(t)
	for file, expressions := range map[string][]string{"alerts.yaml": alertExpressions(t), "dashboard.json": dashboardExpressions(t)} {
		if len(expressions) < 10 {
			t.Errorf("%s: got %d expressions", file, len(expressions))
		}
		for _, expression := range expressions {
			selectors := selector.FindAllStringSubmatch(expression, -1)
			if len(selectors) == 0 && !strings.Contains(expression, "up{") {
				t.Errorf("%s: got no metric in %s", file, expression)
			}
			for _, match := range selectors {
				series := seriesOf(shown, match[1])
				if len(series) == 0 {
					t.Errorf("%s: no server shows %s", file, match[1])
				}
				for _, label := range matcher.FindAllStringSubmatch(match[2], -1) {
					for value := range strings.SplitSeq(label[3], "|") {
						if label[1] != "job" && !regexp.MustCompile(`\b`+label[1]+`="(`+value+`)"`).MatchString(series) {
							t.Errorf("%s: no series of %s has %s=%q:\n%s", file, match[1], label[1], value, series)
						}
					}
				}
				for _, names := range grouping.FindAllStringSubmatch(expression, -1) {
					for _, name := range strings.Split(names[1], ", ") {
						if !strings.Contains(series, name+`="`) {
							t.Errorf("%s: no series of %s has the label %s", file, match[1], name)
						}
					}
				}
			}
		}
	}
}

// seriesOf are the lines of one metric.
func seriesOf(shown, metric string) string {
	return strings.Join(regexp.MustCompile(`(?m)^`+metric+`(\{.*)? .*$`).FindAllString(shown, -1), "\n")
}

// everyMetric returns the metrics of a server with a certificate that has talked to the help
// center, which is no help center.
func everyMetric(t *testing.T) string {
	t.Helper()
	center := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(center.Close)
	d := writeSettings(t, helpCenterSection(center.URL, "api")).deploy(t)
	if _, err := loadCertificate(newCertificate(t), d.log, d.counts); err != nil {
		t.Fatal(err)
	}
	d.mustLogIn()
	for _, path := range []string{"/login/status", "/login/api", "/login/form"} {
		d.get(path)
	}
	d.clock.compare(t.Context())
	return d.scrape()
}
