package demo

import (
	"fmt"
	"strings"
	"sync"
	"time"
)

// maxProblems is how many problems are kept in words; all are counted.
const maxProblems = 20

// Summary is what a run saw.
type Summary struct {
	Seconds     float64 `json:"seconds"`
	Seed        uint64  `json:"seed"`
	Placed      int     `json:"placed"`
	Answered    int     `json:"answered"`    // by an agent
	Transferred int     `json:"transferred"` // of these, passed on to a second agent who has answered
	Abandoned   int     `json:"abandoned"`   // the caller gave up while waiting
	CutShort    int     `json:"cut_short"`   // the run ended first
	Skipped     int     `json:"skipped"`     // not placed, too many callers at once

	AudioChecks   int `json:"audio_checks"`    // conversations and retrieved calls
	AudioBothWays int `json:"audio_both_ways"` // of these, heard both ways

	CRMEvents      int `json:"crm_events"`      // received
	CRMOperations  int `json:"crm_operations"`  // requested
	CRMCalls       int `json:"crm_calls"`       // answered calls that ended
	CRMCompleted   int `json:"crm_completed"`   // of these, told from Alerting to Ended
	CRMAccepted    int `json:"crm_accepted"`    // offers accepted over ICI
	CRMHeld        int `json:"crm_held"`        // put on hold and retrieved over ICI
	CRMWrapUpEnded int `json:"crm_wrap_up_end"` // wrap-ups ended over ICI

	Problems     []string `json:"problems"` // the first ones
	ProblemCount int      `json:"problem_count"`
}

// OK reports whether everything worked that should have: there was a call,
// somebody answered, and nothing went wrong.
func (s *Summary) OK() bool { return s.ProblemCount == 0 }

// lines are the summary for people.
func (s *Summary) lines(sound bool) []string {
	audio := fmt.Sprintf("%d checks, %d heard both ways", s.AudioChecks, s.AudioBothWays)
	if !sound {
		audio = fmt.Sprintf("%d checks, %d joined both ways (a simulated exchange has no sound)", s.AudioChecks, s.AudioBothWays)
	}
	calls := fmt.Sprintf("%d placed, %d answered, %d given up by the caller", s.Placed, s.Answered, s.Abandoned)
	if s.Transferred > 0 {
		calls += fmt.Sprintf(", %d transferred to another queue and answered there", s.Transferred)
	}
	if s.CutShort > 0 {
		calls += fmt.Sprintf(", %d cut short by the end of the run", s.CutShort)
	}
	if s.Skipped > 0 {
		calls += fmt.Sprintf(", %d not placed (too many at once)", s.Skipped)
	}
	out := []string{
		fmt.Sprintf("Summary of %.0f s (--seed %d)", s.Seconds, s.Seed),
		"  calls   " + calls,
		"  audio   " + audio,
		fmt.Sprintf("  CRM     %d events; %d of %d answered calls told from Alerting to Ended", s.CRMEvents, s.CRMCompleted, s.CRMCalls),
		fmt.Sprintf("          %d requests; offers accepted: %d, calls held and retrieved: %d, wrap-ups ended: %d", s.CRMOperations, s.CRMAccepted, s.CRMHeld, s.CRMWrapUpEnded),
	}
	if s.ProblemCount == 0 {
		return append(out, "  errors  none")
	}
	out = append(out, fmt.Sprintf("  errors  %d", s.ProblemCount))
	for _, p := range s.Problems {
		out = append(out, "          "+p)
	}
	return out
}

// tally counts what the actors saw.
type tally struct {
	report *Reporter
	start  time.Time

	mu  sync.Mutex
	sum Summary
}

func (t *tally) count(f func(*Summary)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f(&t.sum)
}

// problem tells and counts something that should have worked and did not.
func (t *tally) problem(e Event) {
	e.Who = byError
	t.count(func(s *Summary) {
		s.ProblemCount++
		if len(s.Problems) < maxProblems {
			text := e.Text
			if e.Call != 0 {
				text = fmt.Sprintf("call %d: %s", e.Call, text)
			}
			s.Problems = append(s.Problems, strings.ReplaceAll(text, "\n", " "))
		}
	})
	t.report.tell(e)
}

func (t *tally) result() Summary {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.sum
	s.Seconds = time.Since(t.start).Seconds()
	s.Problems = append([]string{}, s.Problems...)
	return s
}
