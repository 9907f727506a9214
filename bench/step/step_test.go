package step

import (
	"slices"
	"strings"
	"testing"

	"strowger/bench/report"
)

const output = `goos: linux
pkg: strowger/switch/callmodel
BenchmarkStep-2       	  676162	      1535 ns/op	    1228 B/op	       7 allocs/op
BenchmarkStep-2       	  676162	      1435 ns/op	    1228 B/op	       7 allocs/op
BenchmarkStepTail-2   	  898468	      1248 ns/op	       431.0 p50-ns	      7741 p99-ns	    1228 B/op	       7 allocs/op
PASS
`

func TestParse(t *testing.T) {
	t.Parallel()
	got := parse([]byte(output))
	for name, want := range map[string][]float64{
		"BenchmarkStep ns/op": {1535, 1435}, "BenchmarkStep allocs/op": {7, 7}, "BenchmarkStepTail p99-ns": {7741},
	} {
		if !slices.Equal(got[name], want) {
			t.Errorf("%s: got %v, want %v", name, got[name], want)
		}
	}
}

// TestMissingFigure: a benchmark that is gone must not go unnoticed.
func TestMissingFigure(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	book := report.NewBook("step")
	if err := enter(book, parse([]byte(output))); err == nil || !strings.Contains(err.Error(), "BenchmarkEncode") {
		t.Errorf("got %v, want an error that names BenchmarkEncode", err)
	}
	if err := book.Print(&out); err != nil || !strings.Contains(out.String(), "step_p99_ns") {
		t.Errorf("table %q, %v", out.String(), err)
	}
}
