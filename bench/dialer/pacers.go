package dialer

import (
	"math"
	"time"

	"strowger/dialer/campaign"
	"strowger/dialer/pacing"
)

// Kinds are the pacers, in the order of the published table.
func Kinds() []string {
	return []string{"preview", "progressive", "vicidial", "supply", "erlang", "hazard", "ours"}
}

// New makes a pacer of a kind; nil where there is none of that name.
func New(kind string, target float64, c Cell) Pacer {
	switch kind {
	case "preview":
		return &preview{reads: map[int]time.Duration{}}
	case "progressive":
		return progressive{}
	case "vicidial":
		return &vicidial{level: 1}
	case "erlang":
		return newErlang(target, c.Grace)
	case "supply":
		return newSupply(target)
	case "hazard": // the rule as it was published: it keeps more back, and lets every line ring
		return &ours{p: pacing.New(pacing.Settings{Grace: duration(c.Grace), Reserve: 2}), target: target, wait: true}
	case "patient": // ours, which lets every line ring
		o := newOurs(target, c)
		o.wait = true
		return o
	case "ours":
		return newOurs(target, c)
	}
	return nil
}

// ours is the product's pacer.
type ours struct {
	p      *pacing.Pacer
	target float64
	wait   bool             // lines are not given up: they ring until they end
	ledger *campaign.Ledger // where people are taken for machines
	last   pacing.Decision
}

// epoch is when shifts begin, for who wants to know.
var epoch = time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)

func newOurs(target float64, c Cell) *ours {
	o := &ours{p: pacing.New(pacing.Settings{Grace: duration(c.Grace)}), target: target}
	if c.Deaf > 0 { // labelled samples have said how many of the machines are people
		wrong := c.Rate * c.Deaf
		rule := campaign.Rule{Limit: target, Aim: target, Window: campaign.Window{Kind: campaign.Day}, Prior: wrong / (wrong + (1-c.Rate)*machines)}
		o.ledger = campaign.NewLedger(rule, epoch)
	}
	return o
}

func (o *ours) Decide(s *pacing.Scene, ended []pacing.Fact) int {
	o.p.Learn(ended)
	if s.Target = o.target; o.ledger != nil {
		for _, f := range ended {
			o.ledger.Add(epoch.Add(f.At), counted(f))
		}
		s.Today, _, s.Target = o.ledger.Pace(epoch.Add(s.Now))
	}
	o.last = o.p.Decide(s)
	return o.last.Dial
}

// counted is what a fact is in the campaign's ledger.
func counted(f pacing.Fact) campaign.Counts {
	switch {
	case f.Kind == pacing.Bridged:
		return campaign.Counts{Connected: 1}
	case f.Kind == pacing.Abandoned:
		return campaign.Counts{Dropped: 1}
	case f.Kind == pacing.DialEnded && f.Outcome == pacing.Machine:
		return campaign.Counts{Machines: 1}
	}
	return campaign.Counts{}
}

// GiveUp is the Canceller's.
func (o *ours) GiveUp() (oldest, newest int) {
	if o.wait {
		return 0, 0
	}
	return o.last.Late, o.last.Cancel
}

// team counts agents by what they do.
func team(s *pacing.Scene) (idle, talking, there int) {
	for i := range s.Agents {
		switch s.Agents[i].Status {
		case pacing.Idle:
			idle++
			there++
		case pacing.Talking:
			talking++
			there++
		case pacing.Wrapping:
			there++
		case pacing.Offline:
		}
	}
	return idle, talking, there
}

// progressive dials a line for each free agent.
type progressive struct{}

func (progressive) Decide(s *pacing.Scene, _ []pacing.Fact) int {
	idle, _, _ := team(s)
	return max(0, idle-len(s.Ringing)-s.Waiting)
}

// preview lets each free agent read for a quarter of a minute before each line.
type preview struct {
	reads map[int]time.Duration // until when, by agent
}

const (
	reading = 15 * time.Second
	oneLine = 18 * time.Second // that a line takes, on average
)

func (p *preview) Decide(s *pacing.Scene, _ []pacing.Fact) int {
	idle, _, _ := team(s)
	room, n := idle-len(s.Ringing)-s.Waiting, 0
	for i := range s.Agents {
		if s.Agents[i].Status != pacing.Idle {
			delete(p.reads, i)
			continue
		}
		until, reads := p.reads[i]
		switch {
		case !reads:
			p.reads[i] = s.Now + reading
		case room > n && s.Now >= until:
			p.reads[i] = s.Now + oneLine + reading
			n++
		}
	}
	return n
}

// vicidial is the adaptive level with a hard limit, as it comes: a level that is
// changed every 15 s by how many agents were ready on average, and that is set
// to 1 while the day's drops are above 3 %; lines are placed every 2.5 s.
type vicidial struct {
	level               float64
	place, adapt, count time.Duration // when next
	sampled             time.Duration
	ready, all          []float64 // of the last 15 s
	ends, drops         []time.Duration
	dials, humans, lost int
	share               float64 // of drops, as it was counted last, in percent
}

const (
	viciMost  = 3.0 // highest level
	viciLimit = 3.0 // percent
)

func (v *vicidial) Decide(s *pacing.Scene, ended []pacing.Fact) int {
	for _, f := range ended {
		switch f.Kind {
		case pacing.DialEnded:
			v.dials++
			v.ends = append(v.ends, f.At)
			if f.Outcome == pacing.Human {
				v.humans++
			}
		case pacing.Abandoned:
			v.lost++
			v.drops = append(v.drops, f.At)
		case pacing.Bridged, pacing.TalkEnded, pacing.WrapEnded:
		}
	}
	idle, talking, there := team(s)
	if s.Now == 0 || s.Now-v.sampled >= time.Second {
		v.sampled = s.Now
		v.ready, v.all = append(v.ready, float64(idle-s.Waiting)), append(v.all, float64(there))
		if len(v.ready) > 15 {
			v.ready, v.all = v.ready[1:], v.all[1:]
		}
	}
	if s.Now >= v.count {
		v.count = s.Now + time.Minute
		v.share = 100 * float64(v.lost) / math.Max(1, float64(v.humans))
	}
	if s.Now >= v.adapt {
		v.adapt = s.Now + 15*time.Second
		v.change(s.Now)
	}
	if s.Now < v.place {
		return 0
	}
	v.place = s.Now + 2500*time.Millisecond
	return max(0, int(math.Round(v.level*float64(idle+talking)))-len(s.Ringing)-s.Waiting-talking)
}

func (v *vicidial) change(now time.Duration) {
	if d, a := mean(v.ready), mean(v.all); d != 0 && a != 0 {
		v.level = math.Round(v.level*(1+d/a)*1000) / 1000
	}
	v.level = math.Min(viciMost, math.Max(1, v.level))
	v.ends, v.drops = since(v.ends, now-time.Minute), since(v.drops, now-time.Minute)
	if n := len(v.ends); n > 20 && 2*len(v.drops) > n {
		v.level /= 2
	}
	if v.dials > 50 && v.share > viciLimit {
		v.level = 1
	}
	v.level = math.Max(1, v.level)
}

func since(times []time.Duration, from time.Duration) []time.Duration {
	for len(times) > 0 && times[0] < from {
		times = times[1:]
	}
	return times
}

func mean(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	return sum / math.Max(1, float64(len(x)))
}
