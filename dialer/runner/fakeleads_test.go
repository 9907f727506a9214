package runner

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"strowger/dialer/campaign"
	"strowger/dialer/lead"
	"strowger/dialer/rule"
	"strowger/switch/calendar"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

var berlin = lead.ZoneSet{No: 1, Zones: []string{"Europe/Berlin"}}

// book is leads in memory, which outlives runners as a database does.
type book struct {
	mu      sync.Mutex
	leads   []*lead.Lead
	open    map[callmodel.CallID]lead.Claimed
	settled map[callmodel.CallID]lead.Settled
	twice   int
	claims  int
	down    bool  // the database is away
	barred  int64 // a lead that the rules forbid to call again
	runs    map[string]Run
	saves   int
	minutes []campaign.Minute
	first   time.Time
	shown   map[string]int
	lost    bool
	of      *exchange
	counted int           // times
	slow    bool          // counts take for ever
	takes   time.Duration // a claim, so long
}

func newBook(n int, of *exchange) *book {
	b := &book{open: map[callmodel.CallID]lead.Claimed{}, settled: map[callmodel.CallID]lead.Settled{}, runs: map[string]Run{}, of: of}
	for i := range n {
		number := lead.Number{E164: fmt.Sprintf("+4930%07d", i), Set: berlin}
		b.leads = append(b.leads, &lead.Lead{ID: int64(i + 1), List: "list", Ref: fmt.Sprint(i), Numbers: []lead.Number{number}})
	}
	return b
}

var errAway = fault.New(fault.Unavailable, "book", "", "the database is away")

func (b *book) Claim(_ context.Context, want lead.Want) ([]lead.Claimed, error) {
	b.mu.Lock()
	takes := b.takes
	b.mu.Unlock()
	time.Sleep(takes)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.claims++
	if b.down {
		return nil, errAway
	}
	var out []lead.Claimed
	for _, l := range b.leads {
		if len(out) == want.N {
			break
		}
		due := l.State == lead.Ready || l.State == lead.Later && !l.NextAt.After(want.Now)
		wanted := slices.ContainsFunc(want.Lists, func(s lead.Share) bool { return s.List == l.List })
		if l.Attempts > 0 && l.ID == b.barred || !due || !wanted || !want.Window(berlin, want.Now).Open || only(l) != "" && only(l) != want.Agent {
			continue
		}
		c := lead.Claimed{Attempt: want.NewID(), Lead: *l, Number: l.Numbers[0]}
		l.State, l.Attempt = lead.Taken, c.Attempt
		b.open[c.Attempt] = c
		out = append(out, c)
	}
	return out, nil
}

// only is the agent who alone may call a lead.
func only(l *lead.Lead) string { return cmp.Or(l.Callback.Agent, l.Owner) }

func (b *book) find(id callmodel.CallID) *lead.Lead {
	for _, l := range b.leads {
		if l.Attempt == id && l.State == lead.Taken {
			return l
		}
	}
	return nil
}

func (b *book) Release(_ context.Context, back []lead.Release) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.down {
		return errAway
	}
	for _, r := range back {
		if l := b.find(r.Attempt); l != nil {
			l.State, l.NextAt = lead.Later, r.Until
			delete(b.open, r.Attempt)
		}
	}
	return nil
}

func (b *book) Settle(_ context.Context, ends []lead.Settled) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.down {
		return errAway
	}
	for _, s := range ends {
		l := b.find(s.Attempt)
		if l == nil {
			b.twice++
			continue
		}
		b.settled[s.Attempt] = s
		delete(b.open, s.Attempt)
		l.State, l.NextAt, l.Result, l.Callback = lead.Later, s.Next, s.Result, s.Callback
		if s.Next.IsZero() {
			l.State = lead.Done
		}
		if s.Counted {
			l.Attempts++
		}
		l.Past = append([]lead.Past{{Lead: l.ID, Number: l.Numbers[0].E164, At: s.At, Result: s.Result, Counted: s.Counted}}, l.Past...)
	}
	return nil
}

func (b *book) Open(context.Context, string) (out []lead.Claimed, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.down {
		return nil, errAway
	}
	for _, c := range b.open {
		out = append(out, c)
	}
	return out, nil
}

func (b *book) Count(ctx context.Context, _ lead.Rules, now time.Time) (lead.Counts, error) {
	b.mu.Lock()
	slow := b.slow
	b.mu.Unlock()
	if slow {
		<-ctx.Done()
		return nil, errAway
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.counted++
	out := lead.Counts{}
	for _, l := range b.leads {
		switch {
		case l.State == lead.Done:
			out[lead.IsDone]++
		case l.State == lead.Taken:
			out[lead.Dialling]++
		case l.NextAt.After(now):
			out[lead.WaitsRetry]++
		case only(l) != "":
			out[lead.WaitsAgent]++
		default:
			out[lead.Now]++
		}
	}
	return out, nil
}

// counts is how often leads were counted.
func (b *book) counts() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.counted
}

func (b *book) Sweep(context.Context, time.Time) error { return nil }

func (b *book) Load(context.Context) (out []Run, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, r := range b.runs {
		out = append(out, r)
	}
	return out, nil
}

func (b *book) Save(_ context.Context, r Run) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.down {
		return errAway
	}
	b.runs[r.Campaign] = r
	b.saves++
	return nil
}

func (b *book) Overrides(_ context.Context, id string, _, _ time.Time) ([]campaign.Override, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return []campaign.Override{b.runs[id].Override}, nil
}

func (b *book) Ended(_ context.Context, seq uint64, ids []callmodel.CallID) (map[callmodel.CallID]Ended, error) {
	b.of.mu.Lock()
	defer b.of.mu.Unlock()
	out := map[callmodel.CallID]Ended{}
	for _, id := range ids {
		if e, there := b.of.ended[id]; there && e.Seq <= seq {
			out[id] = e
		}
	}
	return out, nil
}

func (b *book) Past(context.Context, string, time.Time, time.Time) (Past, error) {
	b.of.mu.Lock()
	defer b.of.mu.Unlock()
	b.mu.Lock()
	defer b.mu.Unlock()
	out := Past{Begun: b.first, Minutes: slices.Clone(b.minutes), Shown: b.shown}
	add := func(id callmodel.CallID, at time.Time, n campaign.Counts) {
		out.Minutes = append(out.Minutes, campaign.Minute{At: at, Counts: n})
		if _, open := b.open[id]; open && n != (campaign.Counts{}) {
			out.Counted = append(out.Counted, id)
		}
	}
	for id, e := range b.of.ended {
		add(id, e.At, e.Counts)
	}
	for id, c := range b.of.calls { // the records have what they are as soon as it is so
		add(id, time.Now(), countsNow(c))
	}
	return out, nil
}

func countsNow(c *callmodel.Call) campaign.Counts {
	if c.AnsweredAt == 0 {
		return campaign.Counts{}
	}
	return CountsOf(c.Outcome, c.Dial.Verdict, bridged(c) != nil)
}

func (b *book) Lost() bool { return b.lost }

// results counts how attempts were settled.
func (b *book) results() map[lead.Result]int {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := map[lead.Result]int{}
	for _, s := range b.settled {
		out[s.Result]++
	}
	return out
}

func (b *book) stillOpen() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.open)
}

// spring is a campaign that may call at any hour.
func spring(t *testing.T, mode callmodel.DialMode) Campaign {
	t.Helper()
	pack := rule.US()
	pack.Hours.Week = []calendar.Span{{Days: []string{"mon-sun"}, From: "00:00", To: "24:00"}}
	hours, err := rule.NewHours(&pack, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return Campaign{
		ID: "spring", Name: "Spring", Number: 1, Queue: "spring", Mode: mode, Lists: []lead.Share{{List: "list"}}, Weight: 1,
		Plan: rule.Plan{Pack: pack, Retries: rule.DefaultRetries(), Scope: "tenant"}, Hours: hours, Ring: ringTime,
		Budget: campaign.Rule{Limit: 0.03, Aim: 0.03, Window: campaign.Window{Kind: campaign.Successive, Length: campaign.Longest}},
	}
}
