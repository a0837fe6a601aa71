package member

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

// A row takes up one row of a query.
type row struct {
	targets []any                      // what to scan its columns into, in their order
	values  map[string]*sql.NullString // those of them that are ours, by the names of fields
}

// newRow prepares for a row with columns of these names. The error says which are missing or there twice.
func newRow(names []string) (row, error) {
	r := row{values: map[string]*sql.NullString{}}
	for _, field := range fields {
		r.values[field.name] = nil
	}
	var errs []error
	for _, name := range names {
		name = strings.ToLower(name)
		value, ours := r.values[name]
		if !ours {
			r.targets = append(r.targets, new(any))
			continue
		}
		if value != nil {
			errs = append(errs, fmt.Errorf("column %s is there twice", name))
		}
		r.values[name] = new(sql.NullString)
		r.targets = append(r.targets, r.values[name])
	}
	for _, name := range []string{"usercode", "password_hash"} {
		if r.values[name] == nil {
			errs = append(errs, fmt.Errorf("column %s is missing: name one with AS %s", name, name))
		}
	}
	return r, errors.Join(errs...)
}

// account returns what was scanned. A column that is NULL or isn't there is "".
func (r row) account() Account {
	var account Account
	for _, field := range fields {
		if value := r.values[field.name]; value != nil {
			*field.of(&account) = value.String
		}
	}
	return account
}

// columnFaults returns an error when an account out of a row can't be used. It names the columns and holds no values.
func columnFaults(account Account) error {
	var errs []error
	for _, field := range fields {
		if fault, _ := field.fault(*field.of(&account)); fault != "" {
			errs = append(errs, fmt.Errorf("column %s %s", field.name, fault))
		}
	}
	return errors.Join(errs...)
}
