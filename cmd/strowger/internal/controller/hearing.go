package controller

import (
	"context"
	"time"

	"strowger/cmd/strowger/internal/config"
	"strowger/cti/rest"
	"strowger/dialer/sample"
	"strowger/media/ears"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// newEars makes what hears who has answered; nil where nobody does.
func (c *Controller) newEars() (*ears.Ears, error) {
	cfg := c.opt.Config.Dialer
	if cfg.EarsListen == "" {
		return nil, nil
	}
	return ears.New(ears.Options{
		Listen: cfg.EarsListen, Address: cfg.EarsAddress, Logger: c.log,
		Tell: func(ctx context.Context, in callmodel.Input) error { return c.engine.Put(ctx, in) },
		Campaign: func(ctx context.Context, call callmodel.CallID) string {
			v, err := c.engine.View(ctx)
			if err != nil {
				return ""
			}
			for _, x := range v.Calls {
				if x.ID == call {
					return x.Campaign
				}
			}
			return ""
		},
		Keep: func(ctx context.Context, h ears.Heard) error {
			return c.samples.Add(ctx, sample.Sample{Attempt: h.Call, Campaign: h.Campaign, Verdict: h.Verdict, At: h.At}, h.Sound)
		},
	})
}

// startHearing opens the samples and listens.
func (c *Controller) startHearing(ctx context.Context) (err error) {
	cfg := c.opt.Config.Dialer
	if c.samples, err = sample.New(sample.Options{Tables: c.store, Dir: cfg.SamplesDir}); err != nil {
		return err
	}
	old := newSampleKeep(c.samples, cfg, c)
	old.start(ctx)
	c.onStop("samples", old.stop)
	if c.ears == nil {
		return nil
	}
	if err := c.ears.Start(ctx); err != nil {
		return err
	}
	c.onStop("ears", func(context.Context) error { c.ears.Stop(); return nil })
	c.metrics.registerEars(c.ears)
	return nil
}

// newSampleKeep removes samples whose days are over.
func newSampleKeep(s *sample.Store, cfg config.Dialer, c *Controller) *pruner {
	return &pruner{prune: func(ctx context.Context, now time.Time) {
		if cfg.SamplesKeep == 0 {
			return
		}
		for n := sample.MaxList; n == sample.MaxList; {
			var err error
			if n, err = s.Expire(ctx, now.Add(-cfg.SamplesKeep)); err != nil {
				if !fault.Is(err, fault.Stopped) {
					c.log.Warn("old samples could not be removed", "error", err)
				}
				return
			}
			if n > 0 {
				c.log.Info("old samples were removed", "samples", n)
			}
		}
	}}
}

// registerEars adds the figures of what hears who has answered.
func (m *metrics) registerEars(e *ears.Ears) {
	count := func(name, help string, read func(ears.Counts) uint64) {
		m.count("ears_"+name, help, func() uint64 { return read(e.Counts()) })
	}
	m.gauge("ears_connections", "Calls that are heard.", func() float64 { return float64(e.Counts().Conns) })
	m.gauge("ears_expected", "Calls that are to be heard and have not come yet.", func() float64 { return float64(e.Counts().Waiting) })
	count("heard_total", "Calls that were heard.", func(c ears.Counts) uint64 { return c.Heard })
	count("frames_total", "Frames of 20 ms that were heard.", func(c ears.Counts) uint64 { return c.Frames })
	count("unknown_total", "Connections of calls that nobody expected; they were closed.", func(c ears.Counts) uint64 { return c.Unknown })
	count("refused_total", "Calls that could not be heard: too many at once.", func(c ears.Counts) uint64 { return c.Refused })
	count("broken_total", "Connections that broke, or did not speak the protocol.", func(c ears.Counts) uint64 { return c.Broken })
	count("missed_total", "Calls that were to be heard and did not come.", func(c ears.Counts) uint64 { return c.Missed })
	count("beeps_total", "Machines whose beep was heard.", func(c ears.Counts) uint64 { return c.Beeps })
	count("samples_kept_total", "Samples of machines that were kept.", func(c ears.Counts) uint64 { return c.Kept })
	count("samples_lost_total", "Samples of machines that could not be kept.", func(c ears.Counts) uint64 { return c.Lost })
	for _, v := range []callmodel.ScreenVerdict{
		callmodel.VerdictHuman, callmodel.VerdictMachine, callmodel.VerdictUnsure, callmodel.VerdictFax, callmodel.VerdictSIT, callmodel.VerdictSilence, callmodel.VerdictGone, callmodel.VerdictRings,
	} {
		m.countOf("ears_verdicts_total", "Verdicts on who has answered.", map[string]string{"verdict": string(v)}, func() uint64 { return e.Counts().Verdicts[v] })
	}
}

// sampleDesk gives samples to people who judge them. It implements [rest.Samples].
type sampleDesk struct{ *sample.Store }

var _ rest.Samples = sampleDesk{}

// List implements [rest.Samples].
func (d sampleDesk) List(ctx context.Context, campaign string, unjudged bool, limit int) ([]rest.ScreenSample, error) {
	all, err := d.Store.List(ctx, campaign, unjudged, limit)
	out := make([]rest.ScreenSample, len(all))
	for i := range all {
		out[i] = shownSample(all[i])
	}
	return out, err
}

// Label implements [rest.Samples].
func (d sampleDesk) Label(ctx context.Context, attempt, truth, by string) (rest.ScreenSample, error) {
	m, err := d.Store.Label(ctx, attempt, sample.Truth(truth), by, time.Now())
	return shownSample(m), err
}

func shownSample(m sample.Sample) rest.ScreenSample {
	return rest.ScreenSample{Attempt: m.Attempt.String(), Campaign: m.Campaign, Verdict: string(m.Verdict), At: m.At, Truth: string(m.Truth), By: m.By}
}
