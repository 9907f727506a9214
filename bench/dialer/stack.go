package dialer

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"strowger/bench/report"
)

// stackFarthest is how many points the whole dialer's busy time may be below its
// pacer's alone.
const stackFarthest = 2.0

// Both is a shift as the whole dialer works it, and as the pacer alone does in
// the simulated team.
type Both struct {
	Agents int
	Whole  Result
	Alone  Result
}

// stackCells are four kinds of work from seldom answers to many, half a day each.
func stackCells(agents int) []Cell {
	cells := []Cell{Usual(agents, 0.10, 120, 15), Usual(agents, 0.25, 60, 15), Usual(agents, 0.25, 120, 45), Usual(agents, 0.40, 240, 15)}
	for i := range cells {
		cells[i].Hours = 4
	}
	return cells
}

// runStack compares shifts of the whole dialer with those of its pacer alone.
// The time of testing/synctest, in which four hours are seconds, there is in a test only.
func runStack(ctx context.Context, o Options, book *report.Book) error {
	sizes, seeds := "5,10,25", max(1, o.Seeds/2)
	if o.Quick {
		sizes, seeds = "5", 1
	}
	dir, err := os.MkdirTemp("", "strowger-bench")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }() // a folder of temporary files
	out := filepath.Join(dir, "shifts.jsonl")
	o.Progress("teams of %s, %d shifts of four hours each, by runner, engine and simulated exchange, and by the pacer alone", sizes, 4*seeds)
	cmd := exec.CommandContext(ctx, "go", "test", "-count=1", "-timeout=1h", "-run=^TestStack$", "strowger/bench/dialer",
		"-args", "-stack.out="+out, "-stack.sizes="+sizes, "-stack.seeds="+strconv.Itoa(seeds))
	text, err := cmd.CombinedOutput()
	shifts, read := readBoth(out)
	if err = errors.Join(err, read); err != nil {
		return fmt.Errorf("%w: %s", err, strings.TrimSpace(string(text)))
	}
	for _, size := range []int{5, 10, 25} {
		if whole, alone := trials(size, shifts); len(whole.Shifts) > 0 {
			enterStack(book, size, whole, alone)
		}
	}
	return nil
}

func enterStack(book *report.Book, size int, whole, alone Trial) {
	book.Add(fmt.Sprintf("stack_busy_%d", size), whole.Mean(busy), "%", report.Ref(alone.Mean(busy)))
	diff, within := Difference(whole, alone, busy)
	book.AtMost(fmt.Sprintf("stack_below_%d", size), -diff, "points", nil, stackFarthest)
	book.Add(fmt.Sprintf("stack_dropped_%d", size), whole.Together(), "%", report.Ref(alone.Together()))
	book.Add(fmt.Sprintf("stack_over_%d", size), float64(whole.Beyond()), "shifts", report.Ref(float64(alone.Beyond())))
	book.Note("%d agents, the whole dialer: busy %+.2f points (+- %.2f, 95 %%, %d pairs) beside the pacer alone; %.1f lines per call, %.1f alone",
		size, diff, within, len(whole.Shifts), whole.Mean(lines), alone.Mean(lines))
}

// trials are the shifts of a size.
func trials(size int, shifts []Both) (whole, alone Trial) {
	whole, alone = Trial{Kind: "whole", Target: stackTarget}, Trial{Kind: "ours", Target: stackTarget}
	for _, b := range shifts {
		if b.Agents == size {
			whole.Shifts, alone.Shifts = append(whole.Shifts, b.Whole), append(alone.Shifts, b.Alone)
		}
	}
	return whole, alone
}

// stackTarget is the share of people who may be dropped.
const stackTarget = 0.03

func readBoth(path string) (out []Both, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // only read from
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var b Both
		if err := json.Unmarshal(lines.Bytes(), &b); err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, lines.Err()
}
