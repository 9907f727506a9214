package demo

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// Who says something.
const (
	bySetup  = "setup"
	byCaller = "caller"
	bySwitch = "switch"
	byAudio  = "audio"
	byCRM    = "CRM"
	byError  = "error"
	byResult = "result"
)

// Event is one line of output.
type Event struct {
	At        time.Time `json:"at"`
	Who       string    `json:"who"`            // setup, caller, switch, audio, CRM, error or result
	Call      int64     `json:"call,omitempty"` // the call's number
	Caller    string    `json:"caller,omitempty"`
	Agent     string    `json:"agent,omitempty"` // number of the agent's line
	What      string    `json:"what"`            // a stable word
	Text      string    `json:"text"`            // for people
	Simulated bool      `json:"simulated,omitempty"`
	Summary   *Summary  `json:"summary,omitempty"`
}

// Reporter writes events, one per line, from any goroutine.
type Reporter struct {
	json bool
	now  func() time.Time

	mu        sync.Mutex // guards what follows
	out       io.Writer
	simulated bool
}

// NewReporter writes to out: lines for people, or JSON lines.
func NewReporter(out io.Writer, asJSON bool) *Reporter {
	return &Reporter{out: out, json: asJSON, now: time.Now}
}

// Simulated marks every line from now on.
func (r *Reporter) Simulated() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.simulated = true
}

// Setup tells a step before, between or after the calls.
func (r *Reporter) Setup(what, format string, args ...any) {
	r.tell(Event{Who: bySetup, What: what, Text: fmt.Sprintf(format, args...)})
}

// Error tells something that should not have happened.
func (r *Reporter) Error(what, text string) { r.tell(Event{Who: byError, What: what, Text: text}) }

// Fact is something to know about a run: where to look, how to stop.
type Fact struct{ What, Label, Value string }

// Facts tells facts as a block for people, or as one event each.
func (r *Reporter) Facts(facts []Fact) {
	if r.json {
		for _, f := range facts {
			r.tell(Event{Who: bySetup, What: f.What, Text: f.Value})
		}
		return
	}
	lines := []string{""}
	for _, f := range facts {
		lines = append(lines, fmt.Sprintf("  %-14s %s", f.Label, f.Value))
	}
	r.block(append(lines, ""))
}

func (r *Reporter) block(lines []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var b strings.Builder
	for _, l := range lines {
		b.WriteString(strings.TrimRight(r.mark()+l, " ") + "\n")
	}
	_, _ = io.WriteString(r.out, b.String()) // a terminal that is gone has nobody to be told
}

// Result tells the summary of a run. sound says whether audio was checked.
func (r *Reporter) Result(s Summary, sound bool) {
	if r.json {
		r.tell(Event{Who: byResult, What: "summary", Text: "summary", Summary: &s})
		return
	}
	r.block(append([]string{""}, s.lines(sound)...))
}

func (r *Reporter) mark() string {
	if r.simulated {
		return "SIMULATED  "
	}
	return ""
}

func (r *Reporter) tell(e Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e.At, e.Simulated = r.now(), r.simulated
	if r.json {
		line, err := json.Marshal(e)
		if err == nil {
			_, _ = r.out.Write(append(line, '\n'))
		}
		return
	}
	call := ""
	if e.Call != 0 {
		call = fmt.Sprintf("call %d", e.Call)
	}
	text := strings.ReplaceAll(strings.TrimSpace(e.Text), "\n", " | ")
	_, _ = fmt.Fprintf(r.out, "%s%s  %-9s %-6s  %s\n", r.mark(), e.At.Format(time.TimeOnly), call, e.Who, text)
}
