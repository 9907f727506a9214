package test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"strowger/switch/callmodel"
)

// party is one person's end of one call, with a tone of its own.
type party struct {
	s     *scene
	name  string
	line  line
	voice sound
}

// voices are the tones of the parties, in order of appearance: multiples of
// 50 Hz, far from each other, from the sounds below and from the pairs that are digits.
var voices = []float64{300, 400, 500, 600, 1000, 1800, 1900, 2000, 2200, 2300, 2400}

// sound is something that can be heard. On a real line it is a tone, in the
// simulated exchange the name or the line.
type sound struct {
	name string
	hz   float64
	line line // of a party
}

// The sounds that the server makes. The real one is configured to make them of pure tones.
var (
	soundMusic = sound{name: "music", hz: 3000}
	soundRing  = sound{name: "ring", hz: 3200}
	soundFile  = sound{name: "file", hz: 3400} // mediaFile
)

// mediaFile is a sound that plays until it is stopped.
const mediaFile = "tone:busy"

// newParty names a line and has its person speak.
func (s *scene) newParty(name string, l line) *party {
	s.t.Helper()
	if len(s.parties) == len(voices) {
		s.t.Fatalf("more than %d parties", len(voices))
	}
	p := &party{s: s, name: name, line: l, voice: sound{name: name, hz: voices[len(s.parties)], line: l}}
	if err := l.say(p.voice.hz); err != nil {
		s.t.Fatal(err)
	}
	s.parties = append(s.parties, p)
	return p
}

// call has somebody outside call a number.
func (s *scene) call(name, number string, from caller) *party {
	s.t.Helper()
	l, err := s.b.place(number, from)
	if err != nil {
		s.t.Fatalf("%s calls %s: %v", name, number, err)
	}
	return s.newParty(name, l)
}

// customer calls a number with a number of their own.
func (s *scene) customer(number string) *party {
	s.t.Helper()
	return s.call("customer", number, caller{number: customerNumber})
}

const customerNumber = "4917055501"

// reached waits until a number outside is called.
func (s *scene) reached(number string) *party {
	s.t.Helper()
	var l line
	eventually(s.t, number+" is called", func() bool { l = s.b.rung(number); return l != nil })
	return s.newParty(number, l)
}

// act does something at a phone.
func (p *party) act(what string, err error) {
	p.s.t.Helper()
	if err != nil {
		p.s.t.Fatalf("%s: %s: %v", p.name, what, err)
	}
}

func (p *party) answer() *party {
	p.s.t.Helper()
	p.act("answer", p.line.answer())
	return p.is(lineUp)
}

func (p *party) reject()             { p.s.t.Helper(); p.act("reject", p.line.reject()) }
func (p *party) hangup()             { p.s.t.Helper(); p.act("hang up", p.line.hangup()) }
func (p *party) hold()               { p.s.t.Helper(); p.act("hold", p.line.hold()) }
func (p *party) resume()             { p.s.t.Helper(); p.act("resume", p.line.resume()) }
func (p *party) press(digits string) { p.s.t.Helper(); p.act("press", p.line.press(digits, keysRTP)) }
func (p *party) refer(to string)     { p.s.t.Helper(); p.act("refer", p.line.refer(to)) }
func (p *party) connect(with *party) { p.s.t.Helper(); p.act("connect", p.line.connect(with.line)) }

// listens has the person listen for a sound; what it returns waits until it has been heard.
func (p *party) listens(x sound) (wait func()) {
	p.s.t.Helper()
	heard, err := p.line.listenFor(x)
	p.act("listen", err)
	return func() {
		p.s.t.Helper()
		eventually(p.s.t, p.name+" has heard "+x.name, heard)
	}
}

// is waits until the person sees a state of the call.
func (p *party) is(want lineState) *party {
	p.s.t.Helper()
	var now lineState
	eventually(p.s.t, fmt.Sprintf("the line of %s is %s", p.name, want), func() bool { now = p.line.state(); return now == want }, &now)
	return p
}

// gets waits until the person has heard digits.
func (p *party) gets(digits string) {
	p.s.t.Helper()
	var got string
	eventually(p.s.t, p.name+" hears the digits "+digits, func() bool { got = p.line.digits(); return got == digits }, &got)
}

// desk is an agent at a phone.
type desk struct {
	s     *scene
	id    callmodel.AgentID
	phone handset
	lines int
}

// desk registers an agent's phone and logs the agent in, not ready.
func (s *scene) desk(id callmodel.AgentID) *desk {
	s.t.Helper()
	i := slices.IndexFunc(s.cfg.Agents, func(a callmodel.AgentConfig) bool { return a.ID == id })
	return s.seat(s.cfg.Agents[i].Station.Endpoint, callmodel.Login{Agent: id})
}

// seat registers a phone and logs an agent in at it.
func (s *scene) seat(endpoint string, in callmodel.Login) *desk {
	s.t.Helper()
	h, err := s.b.handset(endpoint)
	if err != nil {
		s.t.Fatalf("phone of %s: %v", in.Agent, err)
	}
	d := &desk{s: s, id: in.Agent, phone: h}
	s.desks = append(s.desks, d)
	s.do(in)
	d.reachable(true)
	return d
}

// reachable waits until the model knows whether the phone can be called.
func (d *desk) reachable(want bool) {
	d.s.t.Helper()
	eventually(d.s.t, fmt.Sprintf("that the phone of %s can be called is known to be %v", d.id, want), func() bool { return d.agent().PhoneOff != want })
}

// ready is desk for an agent who takes calls.
func (s *scene) ready(id callmodel.AgentID) *desk {
	s.t.Helper()
	d := s.desk(id)
	d.set(callmodel.Ready)
	return d
}

// set changes what the agent does.
func (d *desk) set(state callmodel.AgentState) {
	d.s.t.Helper()
	d.s.do(callmodel.SetAgentState{Agent: d.id, State: state})
}

// next is the next call at the phone, whatever its state.
func (d *desk) next() *party {
	d.s.t.Helper()
	var l line
	eventually(d.s.t, "the phone of "+string(d.id)+" is called", func() bool { l = d.phone.next(); return l != nil })
	return d.party(l)
}

func (d *desk) party(l line) *party {
	d.lines++
	name := string(d.id)
	if d.lines > 1 {
		name += fmt.Sprint(".", d.lines)
	}
	return d.s.newParty(name, l)
}

// rings is the next call, which must ring.
func (d *desk) rings() *party { d.s.t.Helper(); return d.next().is(lineRinging) }

// answers is the next call, which the agent takes.
func (d *desk) answers() *party { d.s.t.Helper(); return d.rings().answer() }

// dials calls from the phone; what is talked on goes on hold, as phones do it.
func (d *desk) dials(number string) *party {
	d.s.t.Helper()
	for _, p := range d.s.parties {
		if strings.HasPrefix(p.name, string(d.id)) && p.line.state() == lineUp {
			p.hold()
		}
	}
	l, err := d.phone.dial(number)
	if err != nil {
		d.s.t.Fatalf("%s dials %s: %v", d.id, number, err)
	}
	return d.party(l)
}

// agent is the model's picture of the agent.
func (d *desk) agent() *callmodel.Agent {
	d.s.t.Helper()
	for _, a := range d.s.view().Agents {
		if a.ID == d.id {
			return a
		}
	}
	d.s.t.Fatalf("no agent %s in the picture", d.id)
	return nil
}

// is waits until the agent is in a state.
func (d *desk) is(want callmodel.AgentState) {
	d.s.t.Helper()
	var now string
	eventually(d.s.t, fmt.Sprintf("%s is %s", d.id, want), func() bool {
		a := d.agent()
		now = a.State.String() + " " + a.Reason
		return a.State == want
	}, &now)
}

// items waits until the connections on the agent's line are in these states, oldest first.
func (d *desk) items(want ...callmodel.ConnState) {
	d.s.t.Helper()
	var now []string
	eventually(d.s.t, fmt.Sprintf("the line of %s has %v", d.id, want), func() bool {
		now = now[:0]
		v := d.s.view()
		same := []callmodel.ConnState{}
		for _, c := range d.conns(v) {
			now = append(now, c.State.String())
			same = append(same, c.State)
		}
		return slices.Equal(same, want)
	}, &now)
}

// conns are the live connections on the agent's line, the oldest first.
func (d *desk) conns(v *callmodel.View) (out []callmodel.Connection) {
	for _, a := range v.Agents {
		if a.ID != d.id {
			continue
		}
		for _, ref := range a.Items {
			for _, c := range v.Calls {
				if conn := c.Conn(ref.Conn); conn != nil && conn.State != callmodel.Ended {
					out = append(out, *conn)
				}
			}
		}
	}
	return out
}

// conn is the id of the nth live connection on the agent's line.
func (d *desk) conn(n int) callmodel.ConnID {
	d.s.t.Helper()
	c := d.conns(d.s.view())
	if n >= len(c) {
		d.s.t.Fatalf("%s has %d connections", d.id, len(c))
	}
	return c[n].ID
}

// talking brings up a call between a customer and an agent of sales.
func (s *scene) talking(id callmodel.AgentID) (*party, *desk, *party) {
	s.t.Helper()
	d := s.ready(id)
	c := s.customer("600")
	a := d.answers()
	c.is(lineUp)
	d.items(callmodel.Connected)
	s.audio(talk(c, a))
	return c, d, a
}

// hearing is what one party hears.
type hearing struct {
	who    *party
	sounds []sound
}

// talk is a conversation: everybody hears everybody else.
func talk(ps ...*party) []hearing {
	var out []hearing
	for _, p := range ps {
		h := hearing{who: p}
		for _, q := range ps {
			if q != p {
				h.sounds = append(h.sounds, q.voice)
			}
		}
		out = append(out, h)
	}
	return out
}

// hear is one party hearing something.
func hear(p *party, sounds ...sound) []hearing { return []hearing{{who: p, sounds: sounds}} }

func music(p *party) []hearing   { return hear(p, soundMusic) }
func ringing(p *party) []hearing { return hear(p, soundRing) }

// audio waits until everybody whose line is up hears exactly what is listed:
// who is not listed hears nothing at all.
func (s *scene) audio(lists ...[]hearing) {
	s.t.Helper()
	if err := s.listen(waitFor, lists...); err != nil {
		s.t.Fatal(err)
	}
}

// listen is audio with a limit and an error.
func (s *scene) listen(limit time.Duration, lists ...[]hearing) error {
	want := map[*party][]sound{}
	for _, h := range slices.Concat(lists...) {
		want[h.who] = append(want[h.who], h.sounds...)
	}
	all := []sound{soundMusic, soundRing, soundFile}
	var listeners []*party
	for _, p := range s.parties {
		if p.line.state() == lineUp {
			all = append(all, p.voice)
			listeners = append(listeners, p)
		} else if want[p] != nil {
			return fmt.Errorf("%s shall hear something, but the line is %s", p.name, p.line.state())
		}
	}
	ctx, cancel := context.WithTimeout(s.t.Context(), limit)
	defer cancel()
	results := make(chan error, len(listeners))
	for _, p := range listeners {
		not := slices.DeleteFunc(slices.Clone(all), func(x sound) bool {
			return slices.ContainsFunc(want[p], func(y sound) bool { return x.name == y.name })
		})
		go func() {
			if err := p.line.hears(ctx, want[p], not); err != nil {
				err = fmt.Errorf("%s shall hear %s and nothing else: %w", p.name, names(want[p]), err)
				results <- err
				return
			}
			results <- nil
		}()
	}
	var wrong error
	for range listeners {
		wrong = errors.Join(wrong, <-results)
	}
	return wrong
}

func names(sounds []sound) string {
	if len(sounds) == 0 {
		return "nothing"
	}
	var out []string
	for _, x := range sounds {
		out = append(out, x.name)
	}
	return strings.Join(out, ", ")
}
