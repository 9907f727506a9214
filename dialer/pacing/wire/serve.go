package wire

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"

	"strowger/dialer/pacing"
	"strowger/switch/fault"
)

// Options change what is answered.
type Options struct {
	Why    bool     // replies have the sentence and the figures
	Target *float64 // instead of the hello's
}

// Serve reads a hello and states from r and writes a reply to each state to w,
// until r ends. A line that is wrong ends it.
func Serve(r io.Reader, w io.Writer, o Options) error {
	in := newReader(r)
	hello, err := in.hello(o)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	enc := json.NewEncoder(out)
	p, err := hello.pacer()
	if err != nil {
		return err
	}
	scene, facts := pacing.Scene{}, []pacing.Fact(nil)
	for {
		l, err := in.next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case l.Dial != nil: // a reply of a recorded day
			continue
		}
		d := in.decide(p, &l.State, &hello, &o, &scene, &facts)
		if err := errors.Join(enc.Encode(replyOf(&d, o.Why)), out.Flush()); err != nil {
			return fault.Wrap(fault.Unavailable, "pacing: reply", "", err)
		}
	}
}

// Step is one decision of a recorded day, and what is decided instead now.
type Step struct {
	State *State // until the next step
	Then  int    // dialled then; -1: not recorded
	Now   pacing.Decision
}

// Replay decides a recorded day again and shows each step. What would have come
// of other lines is not known: each state is the one that was.
func Replay(r io.Reader, o Options, see func(Step) error) error {
	in := newReader(r)
	hello, err := in.hello(o)
	if err != nil {
		return err
	}
	p, err := hello.pacer()
	if err != nil {
		return err
	}
	scene, facts := pacing.Scene{}, []pacing.Fact(nil)
	var open *Step
	show := func() error {
		if open == nil {
			return nil
		}
		s := *open
		open = nil
		return see(s)
	}
	for {
		l, err := in.next()
		switch {
		case errors.Is(err, io.EOF):
			return show()
		case err != nil:
			return err
		case l.Dial != nil:
			if open != nil {
				open.Then = *l.Dial
			}
			continue
		}
		if err := show(); err != nil {
			return err
		}
		state := l.State
		open = &Step{State: &state, Then: -1, Now: in.decide(p, &state, &hello, &o, &scene, &facts)}
	}
}

// reader reads lines of the protocol.
type reader struct {
	scan    *bufio.Scanner
	n       int
	greeted bool
}

func newReader(r io.Reader) *reader {
	s := bufio.NewScanner(r)
	s.Buffer(make([]byte, 0, 64<<10), MaxLine)
	return &reader{scan: s}
}

// next returns the next line that is not empty; io.EOF at the end.
func (r *reader) next() (line, error) {
	for r.scan.Scan() {
		r.n++
		if text := r.scan.Bytes(); len(text) > 0 {
			l, err := parse(r.n, text)
			switch {
			case err != nil:
				return l, err
			case l.Hello != nil && r.greeted:
				return l, wrong(r.n, "hello is said once, in the first line: begin a new process for another shift")
			case l.Hello == nil && l.Dial == nil:
				err = l.State.check(r.n)
			}
			return l, err
		}
	}
	switch err := r.scan.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return line{}, wrong(r.n+1, "it is longer than %d bytes", MaxLine)
	case err != nil:
		return line{}, fault.Wrap(fault.Unavailable, "pacing: read", "", err)
	}
	return line{}, io.EOF
}

func (r *reader) hello(o Options) (Hello, error) {
	l, err := r.next()
	switch {
	case errors.Is(err, io.EOF):
		return Hello{}, wrong(1, "there is no hello")
	case err != nil:
		return Hello{}, err
	case l.Hello == nil:
		return Hello{}, wrong(r.n, `the first line must be the hello: {"hello":{"agents":25,...}}`)
	}
	r.greeted = true
	h := *l.Hello
	if o.Target != nil {
		h.Target = *o.Target
	}
	return h, h.check(r.n)
}

// pacer is a new one, or one that knows what the hello says.
func (h *Hello) pacer() (*pacing.Pacer, error) {
	p := pacing.New(pacing.Settings{Grace: duration(h.Grace)})
	if len(h.Memory) == 0 {
		return p, nil
	}
	return p, p.Remember(h.Memory)
}

func (r *reader) decide(p *pacing.Pacer, s *State, h *Hello, o *Options, scene *pacing.Scene, facts *[]pacing.Fact) pacing.Decision {
	*facts = s.facts((*facts)[:0])
	p.Learn(*facts)
	s.scene(h, o, scene)
	return p.Decide(scene)
}
