package sipp

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// read takes the figures from the files of a run.
func (t *Tool) read(name string) (*Result, error) {
	var r Result
	if err := withFile(filepath.Join(t.dir, name+".stat"), r.readStat); err != nil {
		return nil, err
	}
	if err := withFile(filepath.Join(t.dir, name+".messages"), r.readMessages); err != nil {
		return nil, err
	}
	return &r, nil
}

func withFile(path string, read func(io.Reader) error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // read only
	if err := read(f); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// readStat reads SIPp's statistics: a line of names, and lines of figures, the
// last of which are the totals.
func (r *Result) readStat(in io.Reader) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<20)
	if !lines.Scan() {
		return fmt.Errorf("no statistics: %w", io.ErrUnexpectedEOF)
	}
	column := map[string]int{}
	for i, n := range strings.Split(lines.Text(), ";") {
		column[n] = i
	}
	var last []string
	for lines.Scan() {
		last = strings.Split(lines.Text(), ";")
	}
	if err := lines.Err(); err != nil {
		return err
	}
	for name, to := range map[string]*int{"TotalCallCreated": &r.Calls, "FailedCall(C)": &r.Failed, "Retransmissions(C)": &r.Resent} {
		i, ok := column[name]
		if !ok || i >= len(last) {
			return fmt.Errorf("the statistics lack %s", name)
		}
		n, err := strconv.Atoi(last[i])
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		*to = n
	}
	return nil
}

// Columns of SIPp's message log, separated by tabs.
const (
	colSeconds   = 2 // since 1970, with microseconds
	colDirection = 3 // S or R
	colCall      = 4
	colCSeq      = 5
	colStart     = 6 // start line
	columns      = 7
)

// readMessages pairs each call's first INVITE with its first 200.
func (r *Result) readMessages(in io.Reader) error {
	asked := map[string]float64{}
	var first, last float64
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		f := strings.Split(lines.Text(), "\t")
		if len(f) < columns || !strings.HasSuffix(f[colCSeq], " INVITE") {
			continue
		}
		at, err := strconv.ParseFloat(f[colSeconds], 64)
		if err != nil {
			return fmt.Errorf("time of a message: %w", err)
		}
		id := f[colCall]
		began, known := asked[id]
		switch {
		case f[colDirection] == "S" && !known && strings.HasPrefix(f[colStart], "INVITE "):
			asked[id], last = at, at
			if first == 0 {
				first = at
			}
		case f[colDirection] == "R" && strings.HasPrefix(f[colStart], "INVITE "):
			r.Changed++
		case f[colDirection] == "R" && began > 0 && strings.HasPrefix(f[colStart], "SIP/2.0 200"):
			asked[id] = -1 // answered: a repeated 200 does not count
			took := time.Duration((at - began) * float64(time.Second)).Round(time.Microsecond)
			r.Connect = append(r.Connect, took)
			if took > late {
				r.Late++
			}
		}
	}
	if n := len(asked); n > 1 && last > first {
		r.Rate = float64(n-1) / (last - first)
	}
	return lines.Err()
}
