package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// compareRows lets go-cmp look into them.
var compareRows = cmp.AllowUnexported(row{}, setting{}, imports{})

const sampleExample = `# About the file.

server:
  # Where it listens. And more.
  # Default: :80
  listen: ":80"

  # Two files, in
  # one comment. Default: none
  tls:
    cert: ""
    key: ""

# For nobody in particular.
store:
  # Whom to ask. Default: as here
  names: {id: sub, list: [a, "b"]}

  # A secret. No default
  secret: ""
`

func sampleRows() []row {
	return []row{
		{[]setting{{"server.listen", `":80"`}}, "Where it listens"},
		{[]setting{{"server.tls.cert", `""`}, {"server.tls.key", `""`}}, "Two files, in one comment"},
		{[]setting{{"store.names.id", "sub"}, {"store.names.list", `[a, "b"]`}}, "Whom to ask"},
		{[]setting{{"store.secret", ""}}, "A secret"},
	}
}

func TestSettingsHaveTheCommentAboveThem(t *testing.T) {
	got, err := settingsOf([]byte(sampleExample))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(sampleRows(), got, compareRows); diff != "" {
		t.Errorf("settings differ (-want +got):\n%s", diff)
	}
}

func TestASettingWithoutACommentIsNamed(t *testing.T) {
	_, err := settingsOf([]byte("server:\n  listen: x\n"))
	if err == nil || err.Error() != "server.listen has no comment" {
		t.Errorf("got error %v, want that server.listen has no comment", err)
	}
}

func TestTheTableHasARowForEachComment(t *testing.T) {
	got := settingsTable("setting", "default", "meaning", sampleRows()[1:])
	want := "| setting | default | meaning |\n|---|---|---|\n" +
		"| `server.tls.cert`<br>`server.tls.key` | `\"\"`<br>`\"\"` | Two files, in one comment |\n" +
		"| `store.names.id`<br>`store.names.list` | `sub`<br>`[a, \"b\"]` | Whom to ask |\n" +
		"| `store.secret` | – | A secret |\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("table differs (-want +got):\n%s", diff)
	}
}

const sampleKorean = `
server.listen: {en: Where it listens, ko: 주소}
server.tls.cert: {en: "Two files, in one comment", ko: 파일}
store.names.id: {en: Whom to ask, ko: 이름}
store.secret: {en: A secret, ko: 비밀}
`

func TestTheKoreanTakesTheMeaningsPlace(t *testing.T) {
	got, err := inKorean(sampleRows(), []byte(sampleKorean))
	if err != nil {
		t.Fatal(err)
	}
	want := sampleRows()
	for i, meaning := range []string{"주소", "파일", "이름", "비밀"} {
		want[i].meaning = meaning
	}
	if diff := cmp.Diff(want, got, compareRows); diff != "" {
		t.Errorf("rows differ (-want +got):\n%s", diff)
	}
}

func TestKoreanThatDoesNotFitIsNamed(t *testing.T) {
	file := strings.NewReplacer("server.listen:", "server.lisen:", "A secret", "An older secret").Replace(sampleKorean)
	_, err := inKorean(sampleRows(), []byte(file))
	want := `server.lisen is left over: no comment of the example begins there
server.listen is missing: it means "Where it listens"
store.secret: the English is "A secret" by now: see whether the Korean still fits`
	if err == nil || err.Error() != want {
		t.Errorf("got error\n%v\nwant\n%s", err, want)
	}
}

func TestTheImportTableIsReadFromArchtest(t *testing.T) {
	got, err := importsOf([]byte(`package archtest
type rule struct { ours, others []string }
var table = map[string]rule{
	"static": {},
	"web": {ours: []string{"static", "templates"}, others: []string{"example.com/chi"}}, // why
}
`))
	if err != nil {
		t.Fatal(err)
	}
	want := []imports{{dir: "static"}, {"web", []string{"static", "templates"}, []string{"example.com/chi"}}}
	if diff := cmp.Diff(want, got, compareRows); diff != "" {
		t.Errorf("rows differ (-want +got):\n%s", diff)
	}
	if got, want := importsTable("package", "of ours", "of others", got), "| package | of ours | of others |\n|---|---|---|\n"+
		"| `static` | – | – |\n| `web` | `static`, `templates` | `example.com/chi` |\n"; got != want {
		t.Errorf("got the table\n%s\nwant\n%s", got, want)
	}
}

func TestATableThatIsNotWrittenOutIsAnError(t *testing.T) {
	for _, source := range []string{
		"package a", "package a; var table = make()", "package a; var table = map[string]rule{name: {}}",
		`package a; var table = map[string]rule{"a": {theirs: nil}}`, `package a; var table = map[string]rule{"a": {ours: list}}`,
	} {
		if rows, err := importsOf([]byte(source)); err == nil {
			t.Errorf("%s: got %v, want an error", source, rows)
		}
	}
}

// tree makes a module with the files that write needs, and returns its folder.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const sampleREADME = "# A\n<!-- configuration: made by make generate -->\nold\n<!-- end of configuration -->\n" +
	"text\n<!-- imports: made by make generate -->\n<!-- end of imports -->\nend\n"

func sampleFiles() map[string]string {
	return map[string]string{
		"README.md": sampleREADME, "README.ko.md": sampleREADME, exampleFile: sampleExample, koreanFile: sampleKorean,
		tableFile: "package a\nvar table = map[string]rule{\"static\": {}}\n",
	}
}

func TestWritePutsTheTablesBetweenTheirMarks(t *testing.T) {
	dir := tree(t, sampleFiles())
	for range 2 { // the second time changes nothing
		if err := write(dir); err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string]string{"README.md": "| Where it listens |", "README.ko.md": "| 주소 |"} {
			data, err := os.ReadFile(filepath.Join(dir, name))
			got := string(data)
			if err != nil || strings.Count(got, want) != 1 || strings.Count(got, "| `static` | – | – |") != 1 {
				t.Errorf("%s: got %v and\n%s\nwant both tables, with %q", name, err, got, want)
			}
			if !strings.HasPrefix(got, "# A\n") || !strings.HasSuffix(got, "\nend\n") || strings.Contains(got, "old") {
				t.Errorf("%s: got\n%s\nwant what is around the tables untouched", name, got)
			}
		}
	}
}

func TestWriteSaysWhatIsWrongAndWritesNothing(t *testing.T) {
	for file, content := range map[string]string{exampleFile: "a: {b", koreanFile: "a: b", tableFile: "package a"} {
		files := sampleFiles()
		files[file] = content
		dir := tree(t, files)
		if err := write(dir); err == nil || !strings.Contains(err.Error(), file) {
			t.Errorf("got error %v, want one that names %s", err, file)
		}
		if data, err := os.ReadFile(filepath.Join(dir, "README.md")); err != nil || string(data) != sampleREADME {
			t.Errorf("got %v and\n%s\nwant the README untouched", err, data)
		}
	}
}

func TestAREADMEWithoutAMarkIsNamed(t *testing.T) {
	files := sampleFiles()
	files["README.ko.md"] = "# A\n"
	if err := write(tree(t, files)); err == nil || !strings.Contains(err.Error(), "README.ko.md: there is no place for the configuration") {
		t.Errorf("got error %v, want one that names README.ko.md and the mark", err)
	}
}
