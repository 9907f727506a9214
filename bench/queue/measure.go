package queue

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"slices"
	"time"

	"strowger/bench/cputime"
	"strowger/bench/rig"
	"strowger/bench/sipp"
)

// side is one of the two that are compared.
type side struct {
	name   string
	number string
	clean  int // highest clean rate so far
	over   bool
}

// sample is what was measured of one side at one rate, over its slices.
type sample struct {
	calls, failed, late  int
	resent, changed      int // messages sent again; INVITEs within a call
	connect              []time.Duration
	asterisk, controller time.Duration // processor time
	callers, phones      float64       // part of one processor that SIPp used, the highest of the slices
	others               float64       // part of the machine that was used by none of ours, the highest
	mended               int           // agents that had to be made ready again
	rate                 float64       // lowest rate as placed
	medians              []float64     // connect time in ms, by slice
}

func (s *sample) add(n *sample) {
	s.calls += n.calls
	s.failed += n.failed
	s.late += n.late
	s.resent += n.resent
	s.changed += n.changed
	s.connect = append(s.connect, n.connect...)
	s.asterisk += n.asterisk
	s.controller += n.controller
	s.callers, s.phones, s.others = max(s.callers, n.callers), max(s.phones, n.phones), max(s.others, n.others)
	s.mended += n.mended
	s.medians = append(s.medians, n.percentile(50))
	if s.rate == 0 || n.rate < s.rate {
		s.rate = n.rate
	}
}

// valid reports whether every call went as planned, however late.
func (s *sample) valid() bool { return s.failed == 0 && len(s.connect) == s.calls }

func (s *sample) clean() bool { return s.valid() && s.late == 0 }

// median returns the median connect time of the better slice: other programs
// on the machine can only make a slice slower, and never faster.
func (s *sample) median() float64 {
	if len(s.medians) == 0 {
		return s.percentile(50)
	}
	return slices.Min(s.medians)
}

// percentile returns the connect time in ms that p percent of the calls did not exceed.
func (s *sample) percentile(p float64) float64 {
	if len(s.connect) == 0 {
		return 0
	}
	slices.Sort(s.connect)
	i := min(int(p/100*float64(len(s.connect))), len(s.connect)-1)
	return ms(s.connect[i])
}

// perCall returns processor time in ms per call.
func (s *sample) perCall(d time.Duration) float64 {
	if s.calls == 0 {
		return 0
	}
	return ms(d) / float64(s.calls)
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func (s *sample) String() string {
	return fmt.Sprintf("%d calls, p50 %.2f ms, p99 %.2f ms, %d failed, %d late, %d sent again, %d re-INVITEs; CPU a call: Asterisk %.2f ms, controller %.2f ms; busy: callers %.0f %%, phones %.0f %%, others %.0f %%",
		s.calls, s.percentile(50), s.percentile(99), s.failed, s.late, s.resent, s.changed, s.perCall(s.asterisk), s.perCall(s.controller), 100*s.callers, 100*s.phones, 100*s.others)
}

// clocks are readings of processor time.
type clocks struct {
	at                                 time.Time
	asterisk, controller, phones, mine time.Duration
	machine, stolen                    time.Duration
}

func readClocks(r *rig.Rig) (c clocks, err error) {
	c.at = time.Now()
	for pid, to := range map[int]*time.Duration{r.Asterisk.PID(): &c.asterisk, r.Controller.PID(): &c.controller, os.Getpid(): &c.mine} {
		if *to, err = cputime.OfProcess(pid); err != nil {
			return c, fmt.Errorf("a process has ended: %w", err)
		}
	}
	if c.phones, err = r.Phones.CPU(); err != nil {
		return c, fmt.Errorf("the phones have ended: %w", err)
	}
	c.machine, c.stolen, err = cputime.OfMachine()
	return c, err
}

// slice places calls on one side for a while and waits until all is quiet again.
func slice(ctx context.Context, r *rig.Rig, s *side, rate int, length time.Duration) (*sample, error) {
	before, err := readClocks(r)
	if err != nil {
		return nil, err
	}
	res, err := r.Tool.Call(ctx, sipp.Load{
		Target: r.Asterisk.SIPAddr(), Number: s.number, Rate: rate, Calls: max(2, int(float64(rate)*length.Seconds())),
	})
	if err != nil {
		return nil, err
	}
	forced, err := r.Drain(ctx)
	if err != nil {
		return nil, err
	}
	after, err := readClocks(r)
	if err != nil {
		return nil, err
	}
	took := after.at.Sub(before.at).Seconds()
	out := &sample{
		calls: res.Calls, failed: res.Failed, late: res.Late, resent: res.Resent, changed: res.Changed, connect: res.Connect, rate: res.Rate,
		asterisk: after.asterisk - before.asterisk, controller: after.controller - before.controller,
		callers: res.Busy, phones: (after.phones - before.phones).Seconds() / took,
	}
	ours := out.asterisk + out.controller + (after.phones - before.phones) + (after.mine - before.mine) + time.Duration(res.Busy*took*float64(time.Second))
	out.others = max(0, (after.machine-before.machine+after.stolen-before.stolen-ours).Seconds()/took/float64(runtime.NumCPU()))
	if forced && out.failed == 0 {
		out.failed = 1 // a call that did not end by itself
	}
	out.mended, err = r.Controller.Mend(ctx)
	return out, err
}
