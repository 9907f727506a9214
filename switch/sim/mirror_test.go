package sim

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"strowger/switch/callmodel"
)

// foreign is another program's queue in virtual time: callers wait in order,
// the phone of the first free member rings, talks, and is free again. Its
// members' phones are those of our agents. It tells of everything by facts,
// which may be lost with the link, late, or told again by a listing.
type foreign struct {
	h       *harness
	callers []*foreignCaller // waiting, in order
	talks   []*foreignCaller
	members []callmodel.MirrorMemberFact
	moved   []callmodel.ChannelID // became calls of ours
	next    int
	up      bool
	calm    bool
	gained  uint64
}

type foreignCaller struct {
	channel callmodel.ChannelID
	joined  time.Time
	rings   string
	member  string
}

const (
	foreignNode  = "sim"
	foreignQueue = "support"
)

func newForeign(h *harness) *foreign {
	f := &foreign{h: h}
	for i := 1; i <= 3; i++ {
		f.members = append(f.members, callmodel.MirrorMemberFact{
			Queue: foreignQueue, Interface: "phone/" + strconv.Itoa(i), Endpoint: "p" + strconv.Itoa(i), Phone: callmodel.MirrorPhoneFree, Source: "static",
		})
	}
	return f
}

// tell hands a fact on, unless the link is down.
func (f *foreign) tell(in callmodel.Input) {
	if f.up && f.h.alive && f.h.err == nil {
		f.gained++
		f.h.step(in)
	}
}

func (f *foreign) move(c *foreignCaller, what callmodel.MirrorMove, iface string) {
	f.tell(callmodel.MirrorCallerMoved{Node: foreignNode, Queue: foreignQueue, Channel: c.channel, What: what, Interface: iface})
}

func (f *foreign) id() callmodel.CallID {
	f.next++
	var id callmodel.ID
	id[0] = 0x0f
	binary.BigEndian.PutUint64(id[8:], uint64(f.next))
	return callmodel.CallID{ID: id}
}

// listing is everything that there is.
func (f *foreign) listing() callmodel.MirrorListing {
	now := f.h.clock.Now()
	in := callmodel.MirrorListing{Node: foreignNode, Kind: "app_queue", AsOf: f.h.Now(), Queues: []callmodel.MirrorFigures{{Name: foreignQueue}}, Members: slices.Clone(f.members)}
	for i, c := range f.callers {
		fact := callmodel.MirrorCallerFact{Queue: foreignQueue, Channel: c.channel, Call: f.id(), Position: i + 1, Waited: now.Sub(c.joined).Truncate(time.Second), Rings: []string{}}
		if c.rings != "" {
			fact.Rings = []string{c.rings}
		}
		in.Callers = append(in.Callers, fact)
	}
	for _, c := range f.talks {
		in.Callers = append(in.Callers, callmodel.MirrorCallerFact{Queue: foreignQueue, Channel: c.channel, Call: f.id(), Member: c.member})
	}
	return in
}

func (f *foreign) connect() {
	f.up = true
	f.tell(f.listing())
}

func (f *foreign) cut() {
	f.tell(callmodel.MirrorDown{Node: foreignNode, Kind: "app_queue", Cause: "cut"})
	f.up = false
}

// later schedules the next act.
func (f *foreign) later() {
	f.h.clock.AfterFunc(100*time.Millisecond+f.h.jitter(700*time.Millisecond), func() {
		if f.calm || f.h.err != nil {
			return
		}
		f.act()
		f.h.drain()
		f.later()
	})
}

func (f *foreign) act() {
	switch n := f.h.rng.IntN(100); {
	case n < 25:
		f.join()
	case n < 45:
		f.ring()
	case n < 60:
		f.answer()
	case n < 75:
		f.end()
	case n < 85:
		f.leave()
	case n < 88:
		f.pause()
	case n < 92 && f.up:
		f.cut()
	case n < 96 && !f.up:
		f.connect()
	case n < 98 && f.up:
		f.tell(f.listing()) // a drift check
	}
}

func (f *foreign) join() {
	f.next++
	c := &foreignCaller{channel: callmodel.ChannelID("foreign-" + strconv.Itoa(f.next)), joined: f.h.clock.Now()}
	f.callers = append(f.callers, c)
	f.tell(callmodel.MirrorCallerJoined{Node: foreignNode, MirrorCallerFact: callmodel.MirrorCallerFact{Queue: foreignQueue, Channel: c.channel, Call: f.id(), Caller: "55" + strconv.Itoa(f.next), Position: len(f.callers)}})
}

func (f *foreign) busy(iface string) bool {
	at := func(c *foreignCaller) bool { return c.rings == iface || c.member == iface }
	return slices.ContainsFunc(f.callers, at) || slices.ContainsFunc(f.talks, at)
}

// ring calls the first free member for the first caller who has nobody.
func (f *foreign) ring() {
	for _, c := range f.callers {
		if c.rings != "" {
			continue
		}
		for _, m := range f.members {
			if !m.Paused && !f.busy(m.Interface) {
				c.rings = m.Interface
				f.move(c, callmodel.MirrorRings, m.Interface)
				return
			}
		}
	}
}

func (f *foreign) answer() {
	for i, c := range f.callers {
		if c.rings == "" {
			continue
		}
		if f.h.rng.IntN(4) == 0 {
			was := c.rings
			c.rings = ""
			f.move(c, callmodel.MirrorNoAnswer, was)
			return
		}
		f.callers = slices.Delete(f.callers, i, i+1)
		c.member, c.rings = c.rings, ""
		f.talks = append(f.talks, c)
		f.move(c, callmodel.MirrorLeft, "")
		f.move(c, callmodel.MirrorTalks, c.member)
		f.memberIn(c.member, true)
		return
	}
}

func (f *foreign) memberIn(iface string, in bool) {
	for i := range f.members {
		if m := &f.members[i]; m.Interface == iface {
			m.InCall, m.Phone = in, callmodel.MirrorPhoneFree
			if in {
				m.Phone = callmodel.MirrorPhoneInUse
			}
			f.tell(callmodel.MirrorMemberSeen{Node: foreignNode, MirrorMemberFact: *m})
		}
	}
}

func (f *foreign) end() {
	if len(f.talks) == 0 {
		return
	}
	c := f.talks[0]
	f.talks = f.talks[1:]
	f.move(c, callmodel.MirrorOver, c.member)
	f.memberIn(c.member, false)
}

// leave has a caller give up, leave by a key, or come to us.
func (f *foreign) leave() {
	if len(f.callers) == 0 {
		return
	}
	i := f.h.rng.IntN(len(f.callers))
	c := f.callers[i]
	f.callers = slices.Delete(f.callers, i, i+1)
	switch f.h.rng.IntN(3) {
	case 0:
		f.move(c, callmodel.MirrorAbandoned, "")
		f.move(c, callmodel.MirrorLeft, "")
	case 1:
		f.move(c, callmodel.MirrorLeft, "")
	default:
		if f.h.alive && f.h.err == nil {
			f.moved = append(f.moved, c.channel)
			f.h.step(callmodel.ChannelArrived{Node: f.h.ex.opt.Node, Channel: c.channel, Call: f.id(), Dialled: "999", Caller: "55"})
			f.h.step(callmodel.ChannelGone{Channel: c.channel, Cause: callmodel.CauseNormal})
		}
		f.move(c, callmodel.MirrorLeft, "")
	}
}

func (f *foreign) pause() {
	m := &f.members[f.h.rng.IntN(len(f.members))]
	m.Paused = !m.Paused
	f.tell(callmodel.MirrorMemberSeen{Node: foreignNode, MirrorMemberFact: *m})
}

// picture is what is mirrored, or is to be, in lines.
func (f *foreign) picture() []string {
	var out []string
	for i, c := range f.callers {
		out = append(out, fmt.Sprintf("%s waits %d %s", c.channel, i+1, c.rings))
	}
	for _, c := range f.talks {
		out = append(out, fmt.Sprintf("%s talks %s", c.channel, c.member))
	}
	for _, m := range f.members {
		out = append(out, fmt.Sprintf("%s paused=%v in=%v", m.Interface, m.Paused, m.InCall))
	}
	slices.Sort(out)
	return out
}

func mirrorPicture(v *callmodel.MirrorView) []string {
	var out []string
	for _, c := range v.Calls {
		if c.Phase == callmodel.PhaseTalking {
			out = append(out, fmt.Sprintf("%s talks %s", c.Channel, c.Member))
			continue
		}
		rings := ""
		if len(c.Rings) > 0 {
			rings = c.Rings[0]
		}
		out = append(out, fmt.Sprintf("%s waits %d %s", c.Channel, c.Position, rings))
	}
	for _, m := range v.Members {
		out = append(out, fmt.Sprintf("%s paused=%v in=%v", m.Interface, m.Paused, m.InCall))
	}
	slices.Sort(out)
	return out
}

// checkMirrored compares the mirror with what is mirrored: the same callers,
// places, talks and members, and waiting times within a second.
func (f *foreign) checkMirrored(v *callmodel.View) error {
	if v.Mirror == nil {
		return bad("the mirror is true", "there is no mirror")
	}
	if got, want := mirrorPicture(v.Mirror), f.picture(); !slices.Equal(got, want) {
		return bad("the mirror is true", "it shows %q, there is %q", got, want)
	}
	now := f.h.clock.Now()
	for _, c := range v.Mirror.Calls {
		i := slices.IndexFunc(f.callers, func(o *foreignCaller) bool { return o.channel == c.Channel })
		if i < 0 {
			continue
		}
		ours, theirs := f.h.Now().Sub(c.JoinedAt), now.Sub(f.callers[i].joined)
		if d := theirs - ours; d < -time.Second || d > 1100*time.Millisecond {
			return bad("waiting times are kept", "%s waits for %s, the mirror says %s", c.Channel, theirs, ours)
		}
	}
	return nil
}

// checkOnePhone is the rule for phones that serve both: while another program's
// call is known to be at a phone, no offer of ours begins there.
func checkOnePhone(in callmodel.Input, out callmodel.Output, v *callmodel.View) error {
	for _, e := range out.Effects {
		o, is := e.(callmodel.Originate)
		if !is || o.Dial != "" || v.Mirror == nil {
			continue
		}
		for _, a := range v.Agents {
			if a.Elsewhere != "" && a.Station.Endpoint == o.Endpoint && a.State == callmodel.Reserved && a.Station.Mode == callmodel.Handset {
				return bad("one phone, one offer", "agent %s is called while %s has a call at the phone, after %s", a.ID, a.Elsewhere, in.Tag())
			}
		}
	}
	return nil
}

// TestMirrorInRandomRuns: another program's queue beside the random calls of
// TestRandom. With its link up, a listing, and everything told, the mirror shows
// what there is; nothing leaks.
func TestMirrorInRandomRuns(t *testing.T) {
	t.Parallel()
	facts, talks := uint64(0), 0
	for seed := uint64(1); seed <= 60; seed++ {
		h := newHarness(seed, profiles[seed%uint64(len(profiles))].opt)
		f := mirrorRun(h, profiles[seed%uint64(len(profiles))])
		facts += f.gained
		talks += h.check.seen[callmodel.EvMirrorCall]
		if h.err != nil {
			t.Fatalf("seed %d: %v", seed, h.err)
		}
	}
	t.Logf("%d facts of the mirror, %d events of its callers", facts, talks)
	if facts < 1000 || talks < 500 {
		t.Error("the runs have hardly any mirror in them")
	}
}

func mirrorRun(h *harness, p profile) *foreign {
	f := newForeign(h)
	h.foreign = f
	h.step(callmodel.WallClock{UnixMicro: h.start.UnixMicro()})
	h.step(callmodel.ConfigLoaded{Config: h.config()})
	h.world()
	for i := 1; i <= siteAgents+1; i++ {
		h.phones = append(h.phones, h.ex.Phone("p"+strconv.Itoa(i), h.policy()))
	}
	h.err = firstErr(h.err, h.ex.attach(feed{h}, func() {}))
	h.drain()
	for i := 1; i <= siteAgents; i++ {
		h.step(callmodel.Login{Agent: agentID(i), State: callmodel.Ready})
	}
	f.connect()
	f.later()
	h.later(p)
	h.run(30 * time.Second)
	f.calm, h.calm = true, true
	h.ex.SetFaults(Faults{})
	h.run(12 * time.Second)
	f.connect()
	h.run(3 * time.Second) // who is missing is looked for until then
	f.tell(f.listing())
	if h.err == nil {
		h.err = f.checkMirrored(h.st.View())
	}
	h.run(time.Second)
	f.callers, f.talks, f.members = nil, nil, nil
	f.tell(f.listing())
	h.run(3 * time.Second)
	if h.err == nil {
		h.err = f.checkMirrored(h.st.View())
	}
	for _, a := range h.st.View().Agents {
		if a.Elsewhere != "" && h.err == nil {
			h.err = bad("the mirror is true", "agent %s is elsewhere at %s, where nothing is", a.ID, a.Elsewhere)
		}
	}
	h.settle()
	return f
}

// TestMirrorChecksAreRed: the rules notice a leak, a lost place and an offer too many.
func TestMirrorChecksAreRed(t *testing.T) {
	t.Parallel()
	h := newHarness(1, profiles[0].opt)
	f := newForeign(h)
	h.step(callmodel.ConfigLoaded{Config: h.config()})
	f.connect()
	f.join()
	f.join()
	if err := f.checkMirrored(h.st.View()); err != nil {
		t.Fatalf("a true mirror: %v", err)
	}
	gone := f.callers
	f.callers = f.callers[1:]
	if f.checkMirrored(h.st.View()) == nil {
		t.Error("a caller who leaked was not noticed")
	}
	f.callers = gone
	f.callers[0].joined = f.callers[0].joined.Add(-5 * time.Second)
	if f.checkMirrored(h.st.View()) == nil {
		t.Error("a lost waiting time was not noticed")
	}
	v := &callmodel.View{Mirror: &callmodel.MirrorView{}, Agents: []*callmodel.Agent{{ID: "a", Elsewhere: "x@y", State: callmodel.Reserved, Station: callmodel.Station{Endpoint: "p1", Mode: callmodel.Handset}}}}
	out := callmodel.Output{Effects: []callmodel.Effect{callmodel.Originate{Endpoint: "p1"}}}
	if checkOnePhone(callmodel.WallClock{}, out, v) == nil {
		t.Error("an offer to a phone that is in another call was not noticed")
	}
}
