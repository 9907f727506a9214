package test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/port"
	"strowger/switch/sim"
)

// TestBackendSim runs every scenario on the simulated exchange in virtual
// time: on one that does everything at once, and on two where orders and facts
// cross each other on their way.
func TestBackendSim(t *testing.T) {
	lags := map[string]sim.Range{"prompt": {}, "lag": sim.Exactly(15 * time.Millisecond), "uneven": {Max: 60 * time.Millisecond}}
	for name, lag := range lags {
		for _, sc := range backendScenarios() {
			t.Run(name+"/"+sc.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := newScene(t, sc, func(*scene) (backend, error) { return newSimBackend(lag), nil })
					sc.run(s)
					s.finish()
				})
			})
		}
	}
}

// simBackend is the simulated exchange.
type simBackend struct {
	ctx     context.Context // of the scenario
	ex      *sim.Exchange
	phones  map[string]*simHandset // of stations
	numbers map[string]*simHandset // outside
}

func newSimBackend(lag sim.Range) *simBackend {
	b := &simBackend{
		ex:     sim.New(sim.Options{EffectDelay: lag, EventDelay: lag}),
		phones: map[string]*simHandset{}, numbers: map[string]*simHandset{},
	}
	b.ex.Trunk("trunk", 0)
	return b
}

func (b *simBackend) start(ctx context.Context, feed port.Feed) error {
	b.ctx = ctx
	return b.ex.Start(ctx, feed)
}

func (b *simBackend) stop()  { b.ex.Stop() }
func (b *simBackend) away()  { b.ex.Detach() }
func (b *simBackend) doubt() { b.ex.Resync() }

func (b *simBackend) Apply(ctx context.Context, e callmodel.Effect) port.EffectResult {
	return b.ex.Apply(ctx, e)
}

func (b *simBackend) handset(endpoint string) (handset, error) {
	h := &simHandset{b: b, phone: b.ex.Phone(endpoint, simPhone)}
	b.phones[endpoint] = h
	return h, nil
}

// simPhone is a phone as good as those of the real side.
var simPhone = sim.PhonePolicy{Lines: 4}

func (b *simBackend) place(number string, from caller) (line, error) {
	c := sim.Caller{Number: from.number, Name: from.name, Trunk: "trunk"}
	if from.diversion != "" {
		c.Headers = &callmodel.Headers{Diversion: from.diversion}
	}
	leg, err := b.ex.Place(number, c)
	if err != nil {
		return nil, err
	}
	return &simLine{b: b, ch: leg.Channel(), leg: leg}, nil
}

func (b *simBackend) outside(number string, does outsideScript) {
	modes := map[outsideScript]sim.PhoneMode{ringsOutside: sim.Manual, busyOutside: sim.Busy, noSuchOutside: sim.NoSuchNumber}
	b.numbers[number] = &simHandset{b: b, phone: b.ex.Outside(number, sim.PhonePolicy{Mode: modes[does]})}
}

func (b *simBackend) decides(dest string) {
	b.ex.SetDecider(func(callmodel.Decide) (callmodel.Decision, time.Duration) {
		if dest == "" {
			return callmodel.Decision{Outcome: callmodel.Failed}, lookAt
		}
		return callmodel.Decision{To: dest}, lookAt
	})
}

func (b *simBackend) rung(number string) line {
	if h := b.numbers[number]; h != nil {
		return h.next()
	}
	return nil
}

func (b *simBackend) left() string {
	inv := b.ex.Inventory()
	if len(inv.Legs)+len(inv.Bridges)+inv.Vaults == 0 {
		return ""
	}
	return inv.String()
}

// simHandset is a phone; it remembers the legs that were seen.
type simHandset struct {
	b     *simBackend
	phone *sim.Phone
	seen  []callmodel.ChannelID
}

func (h *simHandset) next() line {
	for _, ch := range h.phone.Legs() {
		leg, ok := h.b.ex.Inventory().Leg(ch)
		if !ok || slices.Contains(h.seen, ch) || leg.State != callmodel.LegRinging && leg.State != callmodel.LegUp {
			continue
		}
		h.seen = append(h.seen, ch)
		return &simLine{b: h.b, ch: ch, phone: h.phone}
	}
	return nil
}

func (h *simHandset) dial(number string) (line, error) {
	ch, err := h.phone.Dial(number)
	if err != nil {
		return nil, err
	}
	h.seen = append(h.seen, ch)
	return &simLine{b: h.b, ch: ch, phone: h.phone}, nil
}

func (h *simHandset) register(on bool) error {
	p := simPhone
	if !on {
		p.Mode = sim.Unregistered
	}
	h.phone.SetPolicy(p)
	return nil
}

// simLine is a leg: at a phone, or of somebody who has called in.
type simLine struct {
	b     *simBackend
	ch    callmodel.ChannelID
	phone *sim.Phone
	leg   *sim.CallerLeg
	heard string // digits, as of the last look
}

func (l *simLine) state() lineState {
	leg, ok := l.b.ex.Inventory().Leg(l.ch)
	switch {
	case !ok:
		return lineOver
	case leg.State == callmodel.LegUp:
		return lineUp
	case leg.State == callmodel.LegRinging || leg.Ringing:
		return lineRinging
	}
	return lineCalling
}

func (l *simLine) say(float64) error { return nil } // whoever is up speaks

// active fails where the phone's keys would do something with another line.
func (l *simLine) active(do func() error) error {
	if at := l.phone.Channel(); at != l.ch {
		return fault.New(fault.Conflict, "sim line", string(l.ch), "the phone's keys work on line "+string(at))
	}
	return do()
}

func (l *simLine) answer() error { return l.phone.Answer() }
func (l *simLine) reject() error { return l.phone.Reject() }

func (l *simLine) hangup() error {
	if l.state() == lineOver {
		return nil
	}
	if l.leg != nil {
		l.leg.Hangup()
		return nil
	}
	if l.state() == lineRinging && l.phone.Reject() == nil {
		return nil
	}
	if err := l.phone.Hangup(); err != nil && l.state() != lineOver {
		return err
	}
	return nil
}

func (l *simLine) hold() error {
	if l.leg != nil {
		return l.leg.Hold()
	}
	return l.active(l.phone.Hold)
}

func (l *simLine) resume() error {
	if l.leg != nil {
		return l.leg.Resume()
	}
	return l.active(l.phone.Resume)
}

func (l *simLine) press(digits string, _ keyWay) error {
	if l.leg != nil {
		return l.leg.Press(digits)
	}
	return l.active(func() error { return l.phone.Press(digits) })
}

func (l *simLine) refer(to string) error {
	return l.active(func() error { return l.phone.Transfer(to) })
}

func (l *simLine) connect(line) error { return l.phone.Connect() }

func (l *simLine) digits() string {
	if l.leg != nil {
		return l.leg.Heard()
	}
	if l.phone.Channel() == l.ch {
		l.heard = l.phone.Heard()
	}
	return l.heard
}

// listenFor looks until the line ends or the sound was there.
func (l *simLine) listenFor(x sound) (func() bool, error) {
	var heard atomic.Bool
	go func() {
		tick := time.NewTicker(lookAt)
		defer tick.Stop()
		for l.state() != lineOver && !heard.Load() {
			heard.Store(slices.Contains(l.hearing(), soundName(x)))
			select {
			case <-tick.C:
			case <-l.b.ctx.Done():
				return
			}
		}
	}()
	return heard.Load, nil
}

func (l *simLine) hears(ctx context.Context, want, _ []sound) error {
	tick := time.NewTicker(lookAt)
	defer tick.Stop()
	var expected []string
	for _, x := range want {
		expected = append(expected, soundName(x))
	}
	slices.Sort(expected)
	for {
		now := l.hearing()
		if slices.Equal(now, expected) {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("%s hears %q; the exchange: %s", l.ch, now, l.b.ex.Inventory())
		}
	}
}

// soundName is how the simulated exchange tells what is heard.
func soundName(x sound) string {
	if l, ok := x.line.(*simLine); ok {
		return string(l.ch)
	}
	return x.name
}

func (l *simLine) hearing() (out []string) {
	h := l.b.ex.Hears(l.ch)
	for _, ch := range h.Legs {
		out = append(out, string(ch))
	}
	if h.Music != "" {
		out = append(out, soundMusic.name)
	}
	if h.Ring {
		out = append(out, soundRing.name)
	}
	for _, m := range h.Media {
		name := m
		switch {
		case m == mediaFile:
			name = soundFile.name
		case strings.HasPrefix(m, "tone:ring"):
			name = soundRing.name
		}
		out = append(out, name)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
