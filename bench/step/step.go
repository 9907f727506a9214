package step

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strconv"
	"strings"

	"strowger/bench/report"
)

// goalTail is the bound of DESIGN.md 7 for the 99th percentile, in ns.
const goalTail = 100_000

// rows says which figure of which benchmark becomes which row. Never changed.
var rows = []struct {
	name, benchmark, unit string // unit as `go test` prints it
	as                    string // unit in the table
	divide                float64
}{
	{"step_ns", "BenchmarkStep", "ns/op", "ns", 1},
	{"step_allocs", "BenchmarkStep", "allocs/op", "", 1},
	{"step_bytes", "BenchmarkStep", "B/op", "B", 1},
	{"step_p50_ns", "BenchmarkStepTail", "p50-ns", "ns", 1},
	{"step_p99_ns", "BenchmarkStepTail", "p99-ns", "ns", 1},
	{"encode_ns", "BenchmarkEncode", "ns/op", "ns", 1},
	{"engine_call_us", "BenchmarkCall", "ns/op", "us", 1000},
	{"engine_answer_us", "BenchmarkCall", "answer-ns", "us", 1000},
	{"engine_call_allocs", "BenchmarkCall", "allocs/op", "", 1},
	{"engine_busy_call_us", "BenchmarkCalls", "ns/op", "us", 1000},
}

// Run runs the benchmarks and enters the median of each figure. quick runs
// each once instead of five times.
func Run(ctx context.Context, book *report.Book, quick bool, progress func(format string, a ...any)) error {
	count := 5
	if quick {
		count = 1
	}
	progress("running the benchmarks of switch/callmodel and switch/engine, %d times each", count)
	cmd := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", "^Benchmark(Step|StepTail|Encode|Call|Calls)$", "-benchmem",
		"-count", strconv.Itoa(count), "strowger/switch/callmodel", "strowger/switch/engine")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("go test: %w\n%s", err, out)
	}
	return enter(book, parse(out))
}

func enter(book *report.Book, figures map[string][]float64) error {
	var missing []error
	for _, r := range rows {
		values := figures[r.benchmark+" "+r.unit]
		if len(values) == 0 {
			missing = append(missing, fmt.Errorf("%s did not print %s", r.benchmark, r.unit))
			continue
		}
		slices.Sort(values)
		v := values[len(values)/2] / r.divide
		if r.name == "step_p99_ns" {
			book.AtMost(r.name, v, r.as, nil, goalTail)
		} else {
			book.Add(r.name, v, r.as, nil)
		}
	}
	return errors.Join(missing...)
}

// parse collects the figures of all runs: "BenchmarkX unit" to values.
func parse(out []byte) map[string][]float64 {
	figures := map[string][]float64{}
	lines := bufio.NewScanner(bytes.NewReader(out))
	for lines.Scan() {
		f := strings.Fields(lines.Text())
		if len(f) < 4 || !strings.HasPrefix(f[0], "Benchmark") {
			continue
		}
		name, _, _ := strings.Cut(f[0], "-") // without the number of processors
		for i := 2; i+1 < len(f); i += 2 {
			if v, err := strconv.ParseFloat(f[i], 64); err == nil {
				figures[name+" "+f[i+1]] = append(figures[name+" "+f[i+1]], v)
			}
		}
	}
	return figures
}
