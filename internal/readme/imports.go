package main

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
)

// An imports is what one package may import beside the standard library.
type imports struct {
	dir          string
	ours, others []string
}

// importsOf reads the variable table of package archtest. It is Go, and in a test, where no other package can ask for it.
func importsOf(source []byte) ([]imports, error) {
	file, err := parser.ParseFile(token.NewFileSet(), "", source, 0)
	if err != nil {
		return nil, err
	}
	for _, declaration := range file.Decls {
		variables, ok := declaration.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, spec := range variables.Specs {
			value, ok := spec.(*ast.ValueSpec)
			if ok && value.Names[0].Name == "table" && len(value.Values) == 1 {
				return readTable(value.Values[0])
			}
		}
	}
	return nil, errors.New("there is no variable table")
}

func readTable(table ast.Expr) ([]imports, error) {
	var rows []imports
	err := eachPair(table, func(key, value ast.Expr) error {
		dir, err := text(key)
		if err != nil {
			return err
		}
		row := imports{dir: dir}
		err = eachPair(value, func(key, value ast.Expr) (err error) {
			switch name, _ := key.(*ast.Ident); name.String() {
			case "ours":
				row.ours, err = texts(value)
			case "others":
				row.others, err = texts(value)
			default:
				err = fmt.Errorf("%s has the field %s", dir, name)
			}
			return err
		})
		rows = append(rows, row)
		return err
	})
	return rows, err
}

// eachPair calls do for each "key: value" of a composite literal.
func eachPair(literal ast.Expr, do func(key, value ast.Expr) error) error {
	composite, ok := literal.(*ast.CompositeLit)
	if !ok {
		return errors.New("the table is not written out")
	}
	for _, element := range composite.Elts {
		pair, ok := element.(*ast.KeyValueExpr)
		if !ok {
			return errors.New("the table has an element without its key")
		}
		if err := do(pair.Key, pair.Value); err != nil {
			return err
		}
	}
	return nil
}

func texts(literal ast.Expr) ([]string, error) {
	composite, ok := literal.(*ast.CompositeLit)
	if !ok {
		return nil, errors.New("the table is not written out")
	}
	var list []string
	for _, element := range composite.Elts {
		item, err := text(element)
		if err != nil {
			return nil, err
		}
		list = append(list, item)
	}
	return list, nil
}

func text(literal ast.Expr) (string, error) {
	basic, ok := literal.(*ast.BasicLit)
	if !ok {
		return "", errors.New("the table has something other than text")
	}
	return strconv.Unquote(basic.Value)
}

// importsTable is the rows in Markdown.
func importsTable(dir, ours, others string, rows []imports) string {
	table := tableRow(dir, ours, others) + "|---|---|---|\n"
	for _, row := range rows {
		table += tableRow("`"+row.dir+"`", codes(row.ours), codes(row.others))
	}
	return table
}

// codes is a list of names, "–" for none.
func codes(names []string) string {
	if len(names) == 0 {
		return "–"
	}
	return "`" + strings.Join(names, "`, `") + "`"
}
