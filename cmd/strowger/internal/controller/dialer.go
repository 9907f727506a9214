package controller

import (
	"context"
	"sync"
	"time"

	"strowger/dialer/campaign"
	"strowger/dialer/daylog"
	"strowger/dialer/lead"
	"strowger/dialer/list"
	"strowger/dialer/runner"
	"strowger/dialer/zone"
	"strowger/switch/callmodel"
	"strowger/switch/numbering"
	"strowger/switch/objects"
	"strowger/switch/records"
	"strowger/switch/store"
)

// startDialer runs the campaigns. They dial when the telephony server has been
// there for a while.
func (c *Controller) startDialer(ctx context.Context) error {
	cfg := c.opt.Config.Dialer
	c.lists = list.New(list.Options{Tables: c.store, Plan: func() numbering.Plan { return c.objects.inForce().Config().Plan }, Place: zone.New().Of})
	days, err := daylog.New(daylog.Options{Dir: cfg.LogDir, Keep: cfg.LogKeep, Logger: c.log})
	if err != nil {
		return err
	}
	days.Start()
	c.onStop("record of decisions", days.Stop)
	form := c.newDialerForm()
	c.dialer = runner.New(runner.Options{
		Switch: c.engine, Leads: leadBook{c.lists}, Runs: runner.Table{DB: c.store}, Records: attemptBook{c}, Days: days, Logger: c.log,
		Config: form.config, Hold: c.dialerHold, Observe: c.metrics.dialerTook, Labels: c.samples.Labels,
	})
	if err := c.dialer.Start(ctx); err != nil {
		return err
	}
	c.onStop("dialer", func(context.Context) error { c.dialer.Stop(); return nil })
	c.metrics.registerDialer(c.dialer, days)
	reading, err := startImports(ctx, c.lists, cfg.ImportDir, c.log)
	if err != nil {
		return err
	}
	c.onStop("imports of leads", reading.stop)
	c.listDesk = listDesk{lists: c.lists, imports: reading, dialer: c.dialer, campaigns: c.newDialerForm().shared()}
	return nil
}

// dialerForm makes the dialer's configuration of the objects, once for each version.
type dialerForm struct {
	objects func() *objects.Set
	zone    *time.Location
	kept    time.Duration // for how long records of attempts are; 0: for ever
	set     *objects.Set
	made    *runner.Config
}

func (c *Controller) newDialerForm() *dialerForm {
	return &dialerForm{objects: c.objects.inForce, zone: daysOf(c.opt.Config.Statistics).Zone, kept: c.opt.Config.Statistics.Keep.Attempts}
}

// config is asked by one goroutine.
func (f *dialerForm) config() *runner.Config {
	if set := f.objects(); f.made == nil || set != f.set {
		f.set, f.made = set, dialerConfig(set, f)
	}
	return f.made
}

// shared is config for any number of goroutines.
func (f *dialerForm) shared() func() *runner.Config {
	var mu sync.Mutex
	return func() *runner.Config {
		mu.Lock()
		defer mu.Unlock()
		return f.config()
	}
}

// dialerHold says what of the whole machine forbids to dial.
func (c *Controller) dialerHold() runner.Reason {
	switch {
	case c.engine.Stats().JournalFailed:
		return runner.Journal
	case c.pressure.level() >= shedDials:
		return runner.Pressure
	}
	return ""
}

// triesKept is how long tries are kept beside the records of calls: longer than
// any cap looks back.
const triesKept = 35 * 24 * time.Hour

// leadBook keeps leads for the runner.
type leadBook struct{ *list.Store }

// Open implements [runner.Leads].
func (b leadBook) Open(ctx context.Context, id string) ([]lead.Claimed, error) {
	return b.Taken(ctx, id, time.Now())
}

// Sweep implements [runner.Leads].
func (b leadBook) Sweep(ctx context.Context, now time.Time) error {
	for {
		_, more, err := b.Wake(ctx, now)
		if err != nil {
			return err
		}
		if !more {
			break
		}
	}
	_, err := b.Forget(ctx, now.Add(-triesKept))
	return err
}

// attemptBook is what the records of calls know of attempts.
type attemptBook struct{ c *Controller }

// Ended implements [runner.Records].
func (b attemptBook) Ended(ctx context.Context, seq uint64, attempts []callmodel.CallID) (map[callmodel.CallID]runner.Ended, error) {
	if err := b.c.writer.WaitProjected(ctx, seq); err != nil {
		return nil, err
	}
	out := map[callmodel.CallID]runner.Ended{}
	for len(attempts) > 0 {
		n := min(len(attempts), store.MaxPage)
		rows, err := b.c.store.AttemptsOf(ctx, attempts[:n])
		if err != nil {
			return nil, err
		}
		for id, row := range rows {
			if row.Dialer.Result == "" {
				continue
			}
			e := endedAttempt(&row)
			if e.Codes, err = b.codes(ctx, id); err != nil {
				return nil, err
			}
			out[id] = e
		}
		attempts = attempts[n:]
	}
	return out, nil
}

// codes are the dispositions of a call, the main one first.
func (b attemptBook) codes(ctx context.Context, id callmodel.CallID) (out []string, err error) {
	rows, _, err := b.c.store.Dispositions(ctx, records.Filter{Call: id.String()})
	for _, row := range rows {
		out = append(out, row.Code)
	}
	return out, err
}

func endedAttempt(row *records.Attempt) runner.Ended {
	d := &row.Dialer
	e := runner.Ended{
		Outcome: callmodel.Outcome(d.Result), Own: d.Own, Cause: row.Cause, Tech: row.TechCause, Agent: row.Agent, Block: d.DoNotCall, At: row.Ended, Seq: row.Seq,
		Rang:   runner.RangFor(callmodel.Outcome(d.Result), d.CutShort, row.Ring),
		Counts: countsOf(row),
		Digit:  d.DoNotCall && row.Agent == "", // without an agent it is the customer's own key
	}
	if e.At.IsZero() {
		e.At = time.Now()
	}
	if !d.Again.IsZero() {
		e.Callback = &callmodel.CallbackAt{At: d.Again, Mine: d.AgainBy != "", Number: d.AgainAt}
		if d.AgainBy != "" {
			e.Agent = d.AgainBy
		}
	}
	return e
}

// countsOf is how an attempt was answered, for the ledger. With an agent who sees
// the customer first, and without any, the law counts nothing.
func countsOf(row *records.Attempt) campaign.Counts {
	d := &row.Dialer
	if row.Answered.IsZero() || d.Mode != string(callmodel.DialPredictive) && d.Mode != string(callmodel.DialProgressive) {
		return campaign.Counts{}
	}
	return runner.CountsOf(callmodel.Outcome(d.Result), callmodel.ScreenVerdict(d.Verdict), !d.Bridged.IsZero())
}

// Past implements [runner.Records].
func (b attemptBook) Past(ctx context.Context, id string, from, midnight time.Time) (runner.Past, error) {
	view, err := b.c.engine.View(ctx)
	if err != nil {
		return runner.Past{}, err
	}
	if err := b.c.writer.WaitProjected(ctx, view.Events); err != nil {
		return runner.Past{}, err
	}
	past, err := runner.Table{DB: b.c.store}.Past(ctx, id, from, midnight)
	past.Shown = b.c.shownBy(id, past.Shown)
	return past, err
}

// shownBy counts the numbers that a campaign's calls have shown as its
// configuration writes them: records have them as each trunk wants them.
func (c *Controller) shownBy(campaign string, sent map[string]int) map[string]int {
	set := c.objects.inForce()
	plan := set.Config().Plan
	key := func(text string) string {
		n := plan.E164(text)
		if n.Kind == numbering.KindLocal { // of an international number without its plus
			return n.Text
		}
		return n.Key()
	}
	byKey := map[string]int{}
	for text, n := range sent {
		byKey[key(text)] += n
	}
	out := map[string]int{}
	for _, o := range set.Campaigns() {
		for _, one := range o.CallerIDs {
			for _, number := range one.Numbers {
				if o.ID == campaign {
					out[number] = byKey[key(number)]
				}
			}
		}
	}
	return out
}

// Lost implements [runner.Records].
func (b attemptBook) Lost() bool { return b.c.journalLost }
