package dialer

import (
	"slices"
	"time"

	"strowger/bench/report"
	"strowger/dialer/pacing"
)

// runCost enters what a decision takes; nothing else should run then.
func runCost(book *report.Book) {
	p50, p99 := Cost()
	book.Add("decision_us_p50", micro(p50), "us", nil)
	book.AtMost("decision_us_p99", micro(p99), "us", nil, 1000)
}

func micro(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

// Cost measures decisions of a team of 300 with 1,500 lines that ring.
func Cost() (p50, p99 time.Duration) {
	const decisions = 2000
	p := pacing.New(pacing.Settings{})
	s := pacing.Scene{Now: 4 * time.Hour, End: 8 * time.Hour, LineLimit: 3000, Target: 0.03, Today: pacing.Counts{Humans: 9000, Abandoned: 250}}
	for i := range 300 {
		a := pacing.Agent{Status: pacing.Talking, Since: s.Now - time.Duration(i)*time.Second/2}
		if i%15 == 0 {
			a.Status = pacing.Idle
		}
		s.Agents = append(s.Agents, a)
	}
	s.Ringing, s.Lines = make([]time.Duration, 1500), 1500
	for i := range 2000 {
		f := pacing.Fact{At: s.Now, Kind: pacing.DialEnded, Outcome: pacing.NoAnswer, Took: 24 * time.Second}
		if i%10 == 0 {
			f.Outcome, f.Took = pacing.Human, time.Duration(6+i%9)*time.Second
		}
		p.Learn([]pacing.Fact{f})
	}
	took := make([]time.Duration, decisions)
	for i := range took {
		s.Now += 500 * time.Millisecond
		for i := range s.Ringing { // as many as before have been dialled meanwhile
			s.Ringing[i] = s.Now - time.Duration(len(s.Ringing)-i)*14*time.Millisecond
		}
		p.Learn([]pacing.Fact{{At: s.Now, Kind: pacing.TalkEnded, Took: time.Duration(30+i%200) * time.Second}})
		began := time.Now()
		p.Decide(&s)
		took[i] = time.Since(began)
	}
	slices.Sort(took)
	return took[decisions/2], took[decisions*99/100]
}
