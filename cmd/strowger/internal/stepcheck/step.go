package stepcheck

import (
	"cmp"
	"os"
	"strings"
	"time"

	"strowger/switch/fault"
)

// Results of a step.
const (
	OK      = "ok"
	Warning = "warning"
	Failed  = "failed"
	Skipped = "skipped"
)

// Essential marks steps without which the others make no sense.
const Essential = true

// Step is one line of a report.
type Step struct {
	Name   string  `json:"name"`
	Result string  `json:"result"`
	Millis float64 `json:"ms"`
	Detail string  `json:"detail,omitempty"`
}

// Skip and Warn are the ends of steps that are no failures.
type (
	Skip string
	Warn string
)

func (s Skip) Error() string { return string(s) }
func (w Warn) Error() string { return string(w) }

// Do carries a step out: what do returns is its detail, or why it has not
// worked.
func Do(name string, do func() (string, error)) Step {
	began := time.Now()
	detail, err := do()
	s := Step{Name: name, Result: OK, Millis: float64(time.Since(began).Microseconds()) / 1000, Detail: detail}
	switch err.(type) {
	case nil:
		return s
	case Skip:
		s.Result = Skipped
	case Warn:
		s.Result = Warning
	default:
		s.Result = Failed
	}
	s.Detail = cmp.Or(fault.ReasonOf(err), err.Error())
	return s
}

// Password reads a file with a password; no file is none.
func Password(op, file string) (string, error) {
	if file == "" {
		return "", nil
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		return "", fault.Wrap(fault.Invalid, op, file, err)
	}
	return strings.TrimRight(string(raw), "\r\n"), nil
}
