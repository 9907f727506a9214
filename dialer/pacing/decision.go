package pacing

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// Reason says why not more lines are dialled.
type Reason uint8

// The reasons.
const (
	NoAgents  Reason = 1 // nobody is there who could take a call
	OneEach   Reason = 2 // a line for each free agent, no more
	TooRisky  Reason = 3 // one more answer might find nobody
	LinesFull Reason = 4 // all lines are in use
	Unknown   Reason = 5 // how many answer is not known yet: a line for each free agent, no more
)

// Decision is what to do, and why.
type Decision struct {
	Dial   int // lines to dial now
	Cancel int // lines that ring, the newest first, that may be given up when the law allows it: agents have gone
	Late   int // lines that ring, the oldest first, that may be given up: who answers so late would find nobody
	Why    Reason

	Agents      int // who are there
	Reachable   int // of them, who are not about to leave
	Idle        int
	Ringing     int
	Waiting     int
	Rate        float64       // share of attempts that a human answers
	Within      time.Duration // in which half of the answers come
	FreeSoon    float64       // busy agents who should be free by then
	AnswersSoon float64       // of the lines that ring, answered by then
	Risk        float64       // that the next line is one too many, given that a human answers it
	Threshold   float64       // risk that one more may have
	Allowed     float64       // Threshold, held back where a line gains little
	Headroom    float64       // drops that may still happen now
	Today       Counts
	Target      float64
}

// String puts the decision into a sentence for a supervisor.
func (d Decision) String() string {
	if d.Why == NoAgents {
		text := "Dial none: no agent is there who could take a call"
		if d.Cancel > 0 {
			text += fmt.Sprintf("; %s may be given up", lines(d.Cancel))
		}
		return text + "."
	}
	var b strings.Builder
	fmt.Fprintf(&b, "Dial %s: %d of %s free", number(d.Dial), d.Idle, agents(d.Agents))
	if d.FreeSoon >= 0.05 {
		fmt.Fprintf(&b, ", and %.1f more should be within %.0f s", d.FreeSoon, d.Within.Seconds())
	}
	if d.Ringing > 0 {
		fmt.Fprintf(&b, "; %s should bring %.1f answers by then", ringing(d.Ringing), d.AnswersSoon)
	}
	if d.Waiting > 0 {
		fmt.Fprintf(&b, "; %d wait for an agent", d.Waiting)
	}
	fmt.Fprintf(&b, "; %s answer", percent(d.Rate))
	switch d.Why {
	case OneEach:
		b.WriteString("; one line for each free agent, because nobody may be dropped")
	case TooRisky:
		fmt.Fprintf(&b, "; the next answer would find nobody with a chance of %s, %s is allowed", percent(d.Risk), percent(d.Allowed))
	case LinesFull:
		b.WriteString("; all lines are in use")
	case Unknown:
		b.WriteString("; one line for each free agent until it is known how many answer")
	case NoAgents:
	}
	if d.Target > 0 {
		fmt.Fprintf(&b, "; %d of %.1f drops used today", d.Today.Abandoned, d.Target*float64(d.Today.Humans))
	}
	if d.Cancel > 0 {
		fmt.Fprintf(&b, "; %s may be given up, because agents have gone", lines(d.Cancel))
	}
	if d.Late > 0 {
		fmt.Fprintf(&b, "; of the oldest %s given up, because who answers so late would find nobody", are(d.Late))
	}
	return b.String() + "."
}

func number(n int) string {
	if n == 0 {
		return "none"
	}
	return fmt.Sprint(n)
}

func agents(n int) string {
	if n == 1 {
		return "1 agent is"
	}
	return fmt.Sprintf("%d agents are", n)
}

func lines(n int) string {
	if n == 1 {
		return "1 line"
	}
	return fmt.Sprintf("%d lines", n)
}

func are(n int) string {
	if n == 1 {
		return "1 is"
	}
	return fmt.Sprintf("%d are", n)
}

func ringing(n int) string {
	if n == 1 {
		return "1 ringing line"
	}
	return fmt.Sprintf("%d ringing lines", n)
}

// percent writes a share with two digits that say something.
func percent(share float64) string {
	if p := 100 * share; math.Abs(p) < 9.95 {
		return fmt.Sprintf("%.1f %%", p)
	}
	return fmt.Sprintf("%.0f %%", 100*share)
}
