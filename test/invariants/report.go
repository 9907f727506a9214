package invariants

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// maxFindings bounds how many findings of a rule are kept.
const maxFindings = 50

// Result is what a rule has found.
type Result struct {
	Checked  int      `json:"checked"` // things that were looked at
	Findings []string `json:"findings,omitempty"`
	More     int      `json:"more,omitempty"` // findings above the bound
}

func (r *Result) look(n int) { r.Checked += n }

func (r *Result) find(format string, args ...any) {
	if len(r.Findings) >= maxFindings {
		r.More++
		return
	}
	r.Findings = append(r.Findings, fmt.Sprintf(format, args...))
}

// Report is the outcome of one fault.
type Report struct {
	Fault    string            `json:"fault"`
	Seed     int64             `json:"seed"`
	Bitten   int               `json:"bitten"` // frames, calls or bytes that the fault touched
	Detect   time.Duration     `json:"detect_ns"`
	Recover  time.Duration     `json:"recover_ns"`
	WorstGap time.Duration     `json:"worst_gap_ns"`
	Rules    map[string]Result `json:"rules"`
}

// rules are all rules by name.
var rules = []struct {
	name string
	run  func(*Evidence, *Result)
}{
	{"N1", calls},
	{"N2", both(outcomes, attempts)},
	{"N3", both(dials, sinks)},
	{"N4", both(items, leads)},
	{"N5", agents},
	{"N6", queues},
	{"N7", subscribers},
	{"N8", acknowledged},
	{"N9", recordings},
	{"N10", resources},
	{"N11", talks},
	{"N12", audit},
}

// both is a rule in two parts.
func both(a, b func(*Evidence, *Result)) func(*Evidence, *Result) {
	return func(e *Evidence, r *Result) {
		a(e, r)
		b(e, r)
	}
}

// Check runs every rule.
func Check(e *Evidence) Report {
	r := Report{Fault: e.Fault, Seed: e.Seed, Rules: map[string]Result{}}
	for _, rule := range rules {
		var res Result
		rule.run(e, &res)
		r.Rules[rule.name] = res
	}
	for _, t := range e.Witness.Talks {
		r.WorstGap = max(r.WorstGap, t.Gap)
	}
	return r
}

// Problems lists what is wrong, a line each; a fault that did not bite is wrong.
func (r Report) Problems() []string {
	var out []string
	if r.Bitten == 0 {
		out = append(out, "the fault "+r.Fault+" has touched nothing: the run shows nothing")
	}
	for _, rule := range rules {
		res := r.Rules[rule.name]
		for _, f := range res.Findings {
			out = append(out, rule.name+": "+f)
		}
		if res.More > 0 {
			out = append(out, fmt.Sprintf("%s: and %d more", rule.name, res.More))
		}
	}
	return out
}

// JSON is the report as one line.
func (r Report) JSON() string {
	b, err := json.Marshal(r)
	if err != nil {
		return err.Error() // plain fields always encode
	}
	return string(b)
}

// Summary is the report for people: what was looked at, and the times.
func (r Report) Summary() string {
	var b strings.Builder
	fmt.Fprintf(&b, "fault %s: touched %d, detected after %v, recovered after %v, worst audio gap %v; looked at",
		r.Fault, r.Bitten, r.Detect.Round(time.Millisecond), r.Recover.Round(time.Millisecond), r.WorstGap.Round(time.Millisecond))
	var blind []string
	for _, rule := range rules {
		if n := r.Rules[rule.name].Checked; n > 0 {
			fmt.Fprintf(&b, " %s:%d", rule.name, n)
		} else {
			blind = append(blind, rule.name)
		}
	}
	if len(blind) > 0 {
		b.WriteString("; nothing to look at for " + strings.Join(blind, " "))
	}
	return b.String()
}
