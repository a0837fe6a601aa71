package main

import (
	"database/sql"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"ocsso/internal/cli"
	"ocsso/internal/member/memberdb/postgrestest"
)

// membersIn are the settings of members in a database, in the table customers.
func membersIn(dsn, query string) string {
	return anyHelpCenter + fmt.Sprintf("members: {kind: sql, sql: {dsn: %q, query: %q, timeout: 10s}}\n", dsn, query)
}

const customersQuery = "SELECT login AS usercode, pw AS password_hash FROM customers WHERE login = $1"

// TestMembersCanBeInADatabase starts the server before the database, as a reboot may.
func TestMembersCanBeInADatabase(t *testing.T) {
	postgres := postgrestest.Create(t)
	d := writeSettings(t, membersIn(postgres.DSN(), customersQuery)).deploy(t)
	d.usercode = "jiu"
	if got := d.must(t, "POST", d.site+"/login", credentials("jiu", testPassword)); got.code != http.StatusServiceUnavailable {
		t.Errorf("a login while the database isn't there: got %d, want 503", got.code)
	}
	if err := postgres.Run(); err != nil {
		t.Fatal(err)
	}
	database, err := sql.Open("pgx", postgres.DSN())
	if err != nil {
		t.Fatal(err)
	}
	defer database.Close()
	if _, err := database.Exec("CREATE TABLE customers (login TEXT, pw TEXT)"); err != nil {
		t.Fatal(err)
	}
	if _, err := database.Exec("INSERT INTO customers VALUES ('jiu', $1)", cheapHash); err != nil {
		t.Fatal(err)
	}
	d.mustLogIn()
	d.wantStatus(loggedIn("jiu"))

	for _, test := range []struct {
		name, dsn, query string
		code             int
		says             string
	}{
		{"a wrong password", strings.Replace(postgres.DSN(), postgrestest.Password, "another", 1), customersQuery, cli.ExitUnavailable, "hint: check user and password in members.sql.dsn"},
		{"a wrong query", postgres.DSN(), strings.Replace(customersQuery, "login", "name", 1), cli.ExitUsage, "hint: members.sql.query takes one parameter"},
	} {
		s := writeSettings(t, membersIn(test.dsn, test.query))
		_, err := deploy(t.Context(), s.load(t), slog.New(slog.DiscardHandler), s.read)
		var stderr strings.Builder
		if code := (cli.Terminal{Stderr: &stderr, Environ: noEnvironment}).Report("ocsso", err); code != test.code || !strings.Contains(stderr.String(), test.says) {
			t.Errorf("%s: got exit code %d and %q, want %d and %q", test.name, code, &stderr, test.code, test.says)
		}
	}
}
