package config

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A Rate is how often something may happen: Count times, 1 to 100000, in each Per, 1 s to 24 h. As text it is "30/1m".
type Rate struct {
	Count int
	Per   time.Duration
}

// parseRate reads a Rate, whatever its bounds.
func parseRate(text string) (Rate, error) {
	count, per, _ := strings.Cut(text, "/")
	n, err := strconv.Atoi(count)
	if err != nil {
		return Rate{}, err
	}
	d, err := time.ParseDuration(per)
	return Rate{n, d}, err
}

// String returns the text that a setting can have. Load reads it back as the same Rate.
func (r Rate) String() string { return fmt.Sprintf("%d/%v", r.Count, r.Per) }

// MarshalText returns the same text as String. YAML comes here.
func (r Rate) MarshalText() ([]byte, error) { return []byte(r.String()), nil }
