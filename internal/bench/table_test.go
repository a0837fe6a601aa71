package bench

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// A table is printed as plain text.
type table struct{ rows []string }

// ratio compares two loads, which return their rates, in alternating slices. keep says what the
// ratio should be, or nothing.
func (t *table) ratio(what, keep string, ours, base func(time.Duration) float64, long time.Duration) {
	ours(warmUp)
	base(warmUp)
	var rates, baseRates, ratios []float64
	for i := range *pairs {
		var a, b float64
		if i%2 == 0 { // take turns in coming first
			a, b = ours(long), base(long)
		} else {
			b, a = base(long), ours(long)
		}
		rates, baseRates, ratios = append(rates, a), append(baseRates, b), append(ratios, a/b)
	}
	_, rate, _ := quartiles(rates)
	_, baseRate, _ := quartiles(baseRates)
	low, ratio, high := quartiles(ratios)
	t.rows = append(t.rows, fmt.Sprintf("%s\t%.0f/s\t%.0f/s\t%.2f\t%.2f to %.2f\t%s",
		what, rate, baseRate, ratio, low, high, keep))
}

// figure adds one without a ratio.
func (t *table) figure(what, keep string, values []float64) {
	low, figure, high := quartiles(values)
	t.rows = append(t.rows, fmt.Sprintf("%s\t%.1f\t\t\t%.1f to %.1f\t%s", what, figure, low, high, keep))
}

func (t *table) print() {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "\nwhat\tfigure\tagainst\tratio\tquartiles\tkeep")
	fmt.Fprintln(w, strings.Join(t.rows, "\n"))
	w.Flush()
}

// quartiles sorts the values, of which there is at least one.
func quartiles(values []float64) (low, median, high float64) {
	slices.Sort(values)
	n := len(values)
	return values[n/4], values[n/2], values[n*3/4]
}
