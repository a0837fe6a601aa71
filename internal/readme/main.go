// Command readme writes the parts of README.md and README.ko.md that are made from something else: the configuration table
// from the comments of config.example.yaml, and the import table from package archtest. make generate runs it, and make check
// fails where it hasn't been run.
//
// Its tests hold the two READMEs to each other and to the tree: the same headings, commands and tables, and no link that leads
// nowhere.
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	if err := write("."); err != nil {
		fmt.Fprintf(os.Stderr, "readme: %v\n", err)
		os.Exit(1)
	}
}

// Where things are, from the module's root.
const (
	exampleFile = "config.example.yaml"
	koreanFile  = "internal/readme/config.ko.yaml"
	tableFile   = "internal/archtest/archtest_test.go"
)

// write brings both READMEs of the module at root up to date. It writes neither when something is wrong.
func write(root string) error {
	example, err := os.ReadFile(filepath.Join(root, exampleFile))
	if err != nil {
		return err
	}
	english, err := settingsOf(example)
	if err != nil {
		return fmt.Errorf("%s: %w", exampleFile, err)
	}
	meanings, err := os.ReadFile(filepath.Join(root, koreanFile))
	if err != nil {
		return err
	}
	korean, err := inKorean(english, meanings)
	if err != nil {
		return fmt.Errorf("%s: %w", koreanFile, err)
	}
	source, err := os.ReadFile(filepath.Join(root, tableFile))
	if err != nil {
		return err
	}
	imports, err := importsOf(source)
	if err != nil {
		return fmt.Errorf("%s: %w", tableFile, err)
	}
	return errors.Join(
		rewrite(filepath.Join(root, "README.md"),
			settingsTable("setting", "default", "meaning", english), importsTable("package", "of ours", "of others", imports)),
		rewrite(filepath.Join(root, "README.ko.md"),
			settingsTable("설정", "기본값", "설명", korean), importsTable("패키지", "이 저장소의 패키지", "외부 패키지", imports)),
	)
}

// rewrite puts the tables into a README.
func rewrite(file, configuration, imports string) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	text, err := insert(string(data), "configuration", configuration)
	if err == nil {
		text, err = insert(text, "imports", imports)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return os.WriteFile(file, []byte(text), 0o644)
}

// insert puts content between the two comments that mark a part.
func insert(text, part, content string) (string, error) {
	begin, end := "<!-- "+part+": made by make generate -->\n", "<!-- end of "+part+" -->\n"
	before, rest, found := strings.Cut(text, begin)
	_, after, ended := strings.Cut(rest, end)
	if !found || !ended {
		return "", fmt.Errorf("there is no place for the %s between %q and %q", part, begin, end)
	}
	return before + begin + "\n" + content + "\n" + end + after, nil
}

// tableRow is one row of a Markdown table. A cell's lines become lines of the cell, and its pipes pipes.
func tableRow(cells ...string) string {
	for i, cell := range cells {
		cells[i] = strings.NewReplacer("|", `\|`, "\n", "<br>").Replace(cell)
	}
	return "| " + strings.Join(cells, " | ") + " |\n"
}
