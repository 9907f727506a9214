package cputime

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of /proc: USER_HZ is 100 on every Linux that Go runs on.
const tick = 10 * time.Millisecond

// OfProcess returns the user and system time of a process, all threads
// together, in steps of 10 ms.
func OfProcess(pid int) (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	return parseProcess(string(text))
}

// Fields of /proc/PID/stat, counted from the one after the name.
const (
	fieldUser   = 11
	fieldSystem = 12
)

func parseProcess(text string) (time.Duration, error) {
	// The name is in parentheses and may itself hold spaces and parentheses.
	_, rest, found := cutLast(text, ")")
	f := strings.Fields(rest)
	if !found || len(f) <= fieldSystem {
		return 0, fmt.Errorf("unexpected line in /proc/PID/stat: %.80q", text)
	}
	return sum(f[fieldUser : fieldSystem+1])
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

func sum(words []string) (time.Duration, error) {
	var total time.Duration
	for _, w := range words {
		n, err := strconv.ParseInt(w, 10, 64)
		if err != nil {
			return 0, err
		}
		total += time.Duration(n) * tick
	}
	return total, nil
}

// OfMachine returns the time that all processors together were busy since
// boot, and the time they were stolen by other guests of the same host.
func OfMachine() (busy, stolen time.Duration, err error) {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, 0, err
	}
	return parseMachine(string(text))
}

func parseMachine(text string) (busy, stolen time.Duration, err error) {
	line, _, _ := strings.Cut(text, "\n")
	f := strings.Fields(line) // cpu user nice system idle iowait irq softirq steal ...
	if len(f) < 9 || f[0] != "cpu" {
		return 0, 0, fmt.Errorf("unexpected first line in /proc/stat: %.80q", line)
	}
	used, err := sum([]string{f[1], f[2], f[3], f[6], f[7]})
	if err != nil {
		return 0, 0, err
	}
	stolen, err = sum(f[8:9])
	return used, stolen, err
}
