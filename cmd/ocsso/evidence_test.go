package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ocsso/internal/config"
)

// evidence has for every flag and every setting the test, or the script in testdata/script, that shows what it does. What
// has none isn't worth having.
var evidence = map[string]string{
	"ocsso check --also-origin":          "TestCheckIsToldWhatIsUnusual",
	"ocsso check --config":               "TestCheckFillsItselfFromTheConfiguration",
	"ocsso check --cookie-env":           "TestCheckIsToldWhatIsUnusual",
	"ocsso check --format":               "TestOurServerMeetsTheContractInEachHandoff",
	"ocsso check --frame-url":            "TestOurServerMeetsTheContractInEachHandoff",
	"ocsso check --help-center":          "TestOurServerMeetsTheContractInEachHandoff",
	"ocsso check --insecure":             "TestCheckIsToldWhatIsUnusual",
	"ocsso check --link-url":             "TestOurServerMeetsTheContractInEachHandoff",
	"ocsso check --list":                 "TestCheckListsItsCases",
	"ocsso check --listen-help-center":   "TestCheckIsTheHelpCenterOfAnAPIHandoff",
	"ocsso check --login-status-url":     "TestCheckFailsWhereAMustIsNotMet",
	"ocsso check --login-url":            "TestOurServerMeetsTheContractInEachHandoff",
	"ocsso check --logout-url":           "TestOurServerMeetsTheContractInEachHandoff",
	"ocsso check --only":                 "TestCheckFailsWhereAMustIsNotMet",
	"ocsso check --organization-key-env": "TestOurServerMeetsTheContractInEachHandoff",
	"ocsso check --password-env":         "TestCheckThatCannotRunSaysWhy",
	"ocsso check --password-field":       "TestCheckIsToldWhatIsUnusual",
	"ocsso check --service":              "TestOurServerMeetsTheContractInEachHandoff",
	"ocsso check --timeout":              "TestCheckIsToldWhatIsUnusual",
	"ocsso check --token-verify-url":     "TestOurServerMeetsTheContractInEachHandoff",
	"ocsso check --usercode":             "TestOurServerMeetsTheContractInEachHandoff",
	"ocsso check --username-field":       "TestCheckIsToldWhatIsUnusual",

	"ocsso config check --config":     "config.txtar",
	"ocsso config init --config":      "init.txtar",
	"ocsso config init --domain":      "init.txtar",
	"ocsso config init --environment": "init.txtar",
	"ocsso config init --public-url":  "init.txtar",
	"ocsso config init --service":     "init.txtar",
	"ocsso config show --config":      "config.txtar",

	"ocsso demo --handoff":         "TestOurServerMeetsTheContractInEachHandoff",
	"ocsso demo --helpcenter-port": "TestDemoPrintsOneLineOfJSON",
	"ocsso demo --json":            "TestDemoPrintsOneLineOfJSON",
	"ocsso demo --port":            "TestDemoSaysWhenAPortIsTaken",
	"ocsso demo --tls":             "TestDemoPrintsOneLineOfJSON",

	"ocsso healthcheck --timeout": "TestHealthcheckWaitsAsLongAsItIsTold",
	"ocsso healthcheck --url":     "TestHealthcheck",

	"ocsso serve --config": "config.txtar",

	"ocsso simulate --guests":               "TestSimulateIsSetUpByItsFlags",
	"ocsso simulate --listen":               "TestSimulateIsSetUpByItsFlags",
	"ocsso simulate --login-status-url":     "TestSimulateIsSetUpByItsFlags",
	"ocsso simulate --login-url":            "TestSimulateIsSetUpByItsFlags",
	"ocsso simulate --organization-key-env": "TestSimulateIsSetUpByItsFlags",
	"ocsso simulate --parameter":            "TestSimulateIsSetUpByItsFlags",
	"ocsso simulate --service":              "TestSimulateIsSetUpByItsFlags",
	"ocsso simulate --token-verify-url":     "TestSimulateIsSetUpByItsFlags",
	"ocsso simulate --type":                 "TestSimulateIsSetUpByItsFlags",

	"ocsso token explain --email":                 "token.txtar",
	"ocsso token explain --handoff":               "token.txtar",
	"ocsso token explain --memberno":              "token.txtar",
	"ocsso token explain --organization-key-file": "token.txtar",
	"ocsso token explain --phone":                 "token.txtar",
	"ocsso token explain --return-url":            "token.txtar",
	"ocsso token explain --service":               "token.txtar",
	"ocsso token explain --time":                  "token.txtar",
	"ocsso token explain --token":                 "token.txtar",
	"ocsso token explain --usercode":              "token.txtar",
	"ocsso token explain --username":              "token.txtar",
	"ocsso token sign --email":                    "token.txtar",
	"ocsso token sign --memberno":                 "token.txtar",
	"ocsso token sign --organization-key-file":    "token.txtar",
	"ocsso token sign --phone":                    "token.txtar",
	"ocsso token sign --return-url":               "token.txtar",
	"ocsso token sign --service":                  "token.txtar",
	"ocsso token sign --time":                     "token.txtar",
	"ocsso token sign --usercode":                 "token.txtar",
	"ocsso token sign --username":                 "token.txtar",

	"help_center.base_url":              "TestTheHelpCenterIsWhereItsSettingsSay",
	"help_center.domain":                "TestTheHelpCenterIsWhereItsSettingsSay",
	"help_center.environment":           "TestTheHelpCenterIsWhereItsSettingsSay",
	"help_center.extra_origins":         "TestFurtherOriginsMayReadTheStatus",
	"help_center.handoff":               "TestAStopLetsTheRequestInFlightFinish",
	"help_center.organization_key":      "TestAHangUpReadsTheOrganizationKeyAgain",
	"help_center.organization_key_file": "TestHandoffsAreSignedWithTheKeyInItsFile",
	"help_center.request_timeout":       "TestAHelpCenterOutOfOrderIsAPage",
	"help_center.services":              "TestTheHelpCenterIsWhereItsSettingsSay",
	"issued_tokens.lifetime":            "TestATokenIsVouchedForAsLongAsItsSettingSays",
	"links_api.keys":                    "TestBackendsWithAKeyMayMakeLinks",
	"log.format":                        "TestTheLogIsInTheFormAndFromTheLevelOfItsSettings",
	"log.level":                         "TestTheLogIsInTheFormAndFromTheLevelOfItsSettings",
	"login.limits.per_address":          "TestTriesAreLimitedByAddressAndByMember",
	"login.limits.per_member":           "TestTriesAreLimitedByAddressAndByMember",
	"login.oidc.claims.email":           "TestAProviderIsAskedAndReadAsItsSettingsSay",
	"login.oidc.claims.memberno":        "TestAProviderIsAskedAndReadAsItsSettingsSay",
	"login.oidc.claims.phone":           "TestAProviderIsAskedAndReadAsItsSettingsSay",
	"login.oidc.claims.usercode":        "TestAProviderIsAskedAndReadAsItsSettingsSay",
	"login.oidc.claims.username":        "TestAProviderIsAskedAndReadAsItsSettingsSay",
	"login.oidc.client_id":              "TestAProviderIsAskedAndReadAsItsSettingsSay",
	"login.oidc.client_secret":          "TestAProviderIsAskedAndReadAsItsSettingsSay",
	"login.oidc.client_secret_file":     "TestAProviderIsAskedAndReadAsItsSettingsSay",
	"login.oidc.issuer":                 "TestAProviderIsAskedAndReadAsItsSettingsSay",
	"login.oidc.scopes":                 "TestAProviderIsAskedAndReadAsItsSettingsSay",
	"login.proxy.from":                  "TestAProxyNamesTheMemberInItsHeaders",
	"login.proxy.headers.email":         "TestAProxyNamesTheMemberInItsHeaders",
	"login.proxy.headers.memberno":      "TestAProxyNamesTheMemberInItsHeaders",
	"login.proxy.headers.phone":         "TestAProxyNamesTheMemberInItsHeaders",
	"login.proxy.headers.usercode":      "TestAProxyNamesTheMemberInItsHeaders",
	"login.proxy.headers.username":      "TestAProxyNamesTheMemberInItsHeaders",
	"login.with":                        "TestAProxyNamesTheMemberInItsHeaders",
	"members.file.path":                 "TestAHangUpReadsTheMembersAgain",
	"members.kind":                      "TestServeWithMembersInADatabase",
	"members.sql.conn_lifetime":         "TestADatabaseOfMembersIsOpenedAsItsSettingsSay",
	"members.sql.driver":                "TestADatabaseOfMembersIsOpenedAsItsSettingsSay",
	"members.sql.dsn":                   "TestServeWithMembersInADatabase",
	"members.sql.dsn_file":              "TestADatabaseOfMembersIsOpenedAsItsSettingsSay",
	"members.sql.max_idle":              "TestADatabaseOfMembersIsOpenedAsItsSettingsSay",
	"members.sql.max_open":              "TestADatabaseOfMembersIsOpenedAsItsSettingsSay",
	"members.sql.query":                 "TestServeWithMembersInADatabase",
	"members.sql.timeout":               "TestADatabaseOfMembersIsOpenedAsItsSettingsSay",
	"server.admin_listen":               "TestHealthIsOnTheAdminListenerAlone",
	"server.listen":                     "TestHealthIsOnTheAdminListenerAlone",
	"server.public_url":                 "TestServeTakesTheCertificateOfItsSettings",
	"server.tls.cert_file":              "TestServeTakesTheCertificateOfItsSettings",
	"server.tls.key_file":               "TestServeTakesTheCertificateOfItsSettings",
	"server.trusted_proxies":            "TestTriesAreLimitedByAddressAndByMember",
	"session.idle":                      "TestASessionEndsIdleOrAtTheEndOfItsLifetime",
	"session.keys":                      "TestAHangUpReadsTheKeysAgain",
	"session.keys_file":                 "TestSessionsOutliveARestartByTheirStoreAndKeys",
	"session.lifetime":                  "TestASessionEndsIdleOrAtTheEndOfItsLifetime",
	"store.kind":                        "TestSessionsOutliveARestartByTheirStoreAndKeys",
	"store.redis.addresses":             "TestAFleetIsOneServer",
	"store.redis.key_prefix":            "TestRedisIsOpenedAsItsSettingsSay",
	"store.redis.master":                "TestRedisIsOpenedAsItsSettingsSay",
	"store.redis.mode":                  "TestRedisIsOpenedAsItsSettingsSay",
	"store.redis.password":              "TestRedisIsOpenedAsItsSettingsSay",
	"store.redis.password_file":         "TestRedisIsOpenedAsItsSettingsSay",
	"store.redis.tls":                   "TestRedisIsOpenedAsItsSettingsSay",
	"store.redis.username":              "TestRedisIsOpenedAsItsSettingsSay",
	"store.sqlite.path":                 "TestSessionsOutliveARestartByTheirStoreAndKeys",
	"ui.default_language":               "TestPagesHaveTheNameAndTheLanguageOfTheSettings",
	"ui.site_name":                      "TestPagesHaveTheNameAndTheLanguageOfTheSettings",
}

func TestEveryFlagAndSettingHasATestThatShowsWhatItDoes(t *testing.T) {
	texts := testTexts(t)
	known := append(flagsOf(newRootCommand(terminal{})), settingsOf(reflect.TypeFor[config.Config](), "")...)
	for _, name := range known {
		test, ok := evidence[name]
		switch {
		case !ok:
			t.Errorf("%s: no test shows what it does: name one here", name)
		case texts[test] == "":
			t.Errorf("%s: there is no test %s", name, test)
		case !mentionOf(name, test).MatchString(texts[test]):
			t.Errorf("%s: %s doesn't mention it", name, test)
		}
	}
	for name := range evidence {
		if !slices.Contains(known, name) {
			t.Errorf("%s: there is no such flag or setting", name)
		}
	}
}

// flagsOf are the flags of a command and all below it, as "ocsso serve --config".
func flagsOf(command *cobra.Command) (names []string) {
	command.LocalFlags().VisitAll(func(flag *pflag.Flag) {
		names = append(names, command.CommandPath()+" --"+flag.Name)
	})
	for _, child := range command.Commands() {
		names = append(names, flagsOf(child)...)
	}
	return names
}

// settingsOf are the settings of a section and all below it, as "log.level". What has yaml tags is a section.
func settingsOf(section reflect.Type, prefix string) (paths []string) {
	for i := range section.NumField() {
		field := section.Field(i)
		path := prefix + field.Tag.Get("yaml")
		if field.Type.Kind() == reflect.Struct && field.Type.NumField() > 0 && field.Type.Field(0).Tag.Get("yaml") != "" {
			paths = append(paths, settingsOf(field.Type, path+".")...)
		} else {
			paths = append(paths, path)
		}
	}
	return paths
}

// mentionOf finds where a test gives the flag, or the setting: in YAML below its sections, or by its variable. A script's
// line has the command, too.
func mentionOf(name, test string) *regexp.Regexp {
	command, flag, isFlag := strings.Cut(name, " --")
	switch {
	case isFlag && filepath.Ext(test) == ".txtar":
		return regexp.MustCompile(`(?m)^!? ?` + command + ` (.* )?--` + flag + `( |$)`)
	case isFlag:
		return regexp.MustCompile(`(?m)^--` + flag + `$`)
	}
	variable := "OCSSO_" + strings.ToUpper(strings.ReplaceAll(name, ".", "_"))
	return regexp.MustCompile(`\b` + variable + `\b|(?s)\b` + strings.ReplaceAll(name, ".", `:.*\b`) + `:`)
}

// testTexts are the scripts by name, and the tests of this package by name: each text that is in one, or in a function that
// one calls, a line each.
func testTexts(t *testing.T) map[string]string {
	t.Helper()
	texts, functions := map[string]string{}, map[string]*ast.FuncDecl{}
	for _, pattern := range []string{"testdata/script/*.txtar", "*_test.go"} {
		names, err := fs.Glob(os.DirFS("."), pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if filepath.Ext(name) == ".txtar" {
				texts[filepath.Base(name)] = string(data)
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), name, data, 0)
			if err != nil {
				t.Fatal(err)
			}
			for _, declaration := range file.Decls {
				if function, ok := declaration.(*ast.FuncDecl); ok {
					functions[function.Name.Name] = function
				}
			}
		}
	}
	for name := range functions {
		if strings.HasPrefix(name, "Test") {
			texts[name] = textsIn(functions, name, map[string]bool{})
		}
	}
	return texts
}

// textsIn are the texts in a function and in those of this package that it names, once each.
func textsIn(functions map[string]*ast.FuncDecl, name string, seen map[string]bool) string {
	function := functions[name]
	if function == nil || seen[name] {
		return ""
	}
	seen[name] = true
	var lines strings.Builder
	ast.Inspect(function.Body, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.BasicLit:
			if text, err := strconv.Unquote(node.Value); err == nil && node.Kind == token.STRING {
				fmt.Fprintln(&lines, text)
			}
		case *ast.Ident:
			lines.WriteString(textsIn(functions, node.Name, seen))
		}
		return true
	})
	return lines.String()
}
