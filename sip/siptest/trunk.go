package siptest

import (
	"context"
	"maps"
	"sync"
	"testing"
	"time"

	"strowger/media/tone"
	"strowger/sip/ua"
)

// Script is what the outside world does with a call to one number. The zero
// value rings until the caller gives up.
type Script struct {
	Reject      int           // refuse with this status: 404, 480, 486, 603
	Answer      bool          // answer after AnswerAfter
	AnswerAfter time.Duration // ringing time
	RefuseAfter time.Duration // Reject comes after ringing so long, not at once
	Early       float64       // Hz of a tone before the answer: 183 instead of 180; 0 for none
	Greet       Clip          // what is played once after the answer, before Say
	Say         float64       // Hz of a tone after the answer; 0 goes on with Early, or is silent
	Listen      float64       // Hz whose beginning the log notes; 0: any sound
	HangupAfter time.Duration // after the answer; 0 leaves it to the caller
}

// AnswerAfter rings for d and answers.
func AnswerAfter(d time.Duration) Script { return Script{Answer: true, AnswerAfter: d} }

// RingOnly rings until the caller gives up.
func RingOnly() Script { return Script{} }

// Refuse refuses with a status.
func Refuse(code int) Script { return Script{Reject: code} }

// EarlyTone plays a tone before the answer, which never comes.
func EarlyTone(hz float64) Script { return Script{Early: hz} }

// TrunkConfig describes the outside world of a test.
type TrunkConfig struct {
	// Phone is the UA beneath. AnyUser and Policy belong to the trunk. Set Port
	// when the switch must know the address beforehand. User is who a Dial comes
	// from unless it says otherwise; default "trunk". MaxCalls: default 100.
	Phone   ua.Config
	Default Script            // of numbers that Numbers does not have
	Numbers map[string]Script // by the user part of the request URI
}

// Arrival is one INVITE that came to the trunk, refused ones included.
type Arrival struct {
	Dialed   string   // user part of the request URI
	From     ua.Party // From header
	Asserted ua.Party // P-Asserted-Identity, zero without one
	Headers  []ua.Header
}

// Header returns the first header of that name, "" if there is none.
func (a Arrival) Header(name string) string { return ua.HeaderOf(a.Headers, name) }

// MaxArrivals bounds what a trunk remembers; later ones are only counted.
const MaxArrivals = 10_000

// Trunk is the world outside: a UA that is not registered and takes calls to
// any number. It also places calls: [Phone.Dial], [Phone.DialAs]. Its
// goroutines, one plus one per call, end with the test.
type Trunk struct {
	*Phone
	calls chan *Leg

	mu      sync.Mutex // guards everything below
	def     Script
	numbers map[string]Script
	log     []*Entry
	byID    map[string]*Entry // of log, by Call-ID
	count   int               // of all arrivals
	seen    int               // arrivals given out by MustArrive
	changed chan struct{}
}

// NewTrunk starts a trunk that ends with the test.
func NewTrunk(t testing.TB, cfg TrunkConfig) *Trunk {
	t.Helper()
	tr := &Trunk{def: cfg.Default, numbers: maps.Clone(cfg.Numbers), calls: make(chan *Leg, MaxArrivals), byID: make(map[string]*Entry), changed: make(chan struct{})}
	if tr.numbers == nil {
		tr.numbers = make(map[string]Script)
	}
	phone := cfg.Phone
	phone.AnyUser, phone.Policy = true, tr.decide
	if phone.User == "" {
		phone.User = "trunk"
	}
	if phone.MaxCalls == 0 {
		phone.MaxCalls = 100
	}
	var wg sync.WaitGroup
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(wg.Wait) // runs last, after the phone's own cleanup
	tr.Phone = NewCaller(t, phone)
	t.Cleanup(cancel)
	wg.Go(func() { tr.serve(ctx, &wg) })
	return tr
}

// Script changes what happens to later calls to a number.
func (tr *Trunk) Script(number string, s Script) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.numbers[number] = s
}

func (tr *Trunk) script(number string) Script {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	if s, ok := tr.numbers[number]; ok {
		return s
	}
	return tr.def
}

// decide is the UA's policy: it notes the arrival.
func (tr *Trunk) decide(in ua.Invite) ua.Decision {
	a := Arrival{Dialed: in.Dialed, From: in.From, Headers: in.Headers}
	a.Asserted, _ = ua.PartyOf(a.Header("P-Asserted-Identity"))
	s := tr.script(in.Dialed)
	refused := 0
	if s.RefuseAfter == 0 {
		refused = s.Reject
	}
	tr.mu.Lock()
	if tr.count++; len(tr.log) < MaxArrivals {
		tr.arrived(a, refused)
	}
	tr.wake()
	tr.mu.Unlock()
	switch {
	case refused != 0:
		return ua.Decision{Action: ua.Reject, Code: refused}
	case s.Early != 0:
		return ua.Decision{Action: ua.Progress}
	}
	return ua.Decision{Action: ua.Ring}
}

// wake tells who waits that something has changed; the caller holds mu.
func (tr *Trunk) wake() {
	close(tr.changed)
	tr.changed = make(chan struct{})
}

// serve plays each call's script until the test ends.
func (tr *Trunk) serve(ctx context.Context, wg *sync.WaitGroup) {
	for {
		c, err := tr.WaitIncoming(ctx)
		if err != nil {
			return
		}
		select {
		case tr.calls <- &Leg{Call: c, phone: tr.Phone, t: tr.t}:
		default: // nobody reads them; the script runs all the same
		}
		wg.Go(func() { tr.play(ctx, c, tr.script(c.Dialed())) })
	}
}

// play runs one script, and notes the end. Errors mean that the call ended,
// which the test sees at the other end.
func (tr *Trunk) play(ctx context.Context, c *ua.Call, s Script) {
	tr.act(ctx, c, s)
	select {
	case <-c.Ended():
		tr.closed(c)
	case <-ctx.Done():
	}
}

func (tr *Trunk) act(ctx context.Context, c *ua.Call, s Script) {
	tr.say(c, nil, s.Early)
	if s.Reject != 0 {
		if after(ctx, c, s.RefuseAfter) {
			_ = c.Reject(ctx, s.Reject) // the other side may be quicker
		}
		return
	}
	if !s.Answer || !after(ctx, c, s.AnswerAfter) {
		return
	}
	tr.listen(c, s.Listen)
	at := time.Now()
	if c.Answer(ctx) != nil {
		return
	}
	tr.note(c, func(e *Entry) { e.Answered = at })
	tr.say(c, s.Greet, s.Say)
	if s.HangupAfter > 0 && after(ctx, c, s.HangupAfter) {
		_ = c.Hangup(ctx) // the other side may be quicker
	}
}

// say plays a clip and then a tone; without either it changes nothing.
func (tr *Trunk) say(c *ua.Call, clip Clip, hz float64) {
	if hz == 0 {
		if len(clip) > 0 {
			c.SendSource(&playback{left: clip})
		}
		return
	}
	g, err := tone.NewGenerator(hz, tone.DefaultLevel)
	if err != nil {
		tr.t.Errorf("trunk: %v", err)
		return
	}
	c.SendSource(&playback{left: clip, after: g})
}

// after waits for d; false when the call or the test ended first.
func after(ctx context.Context, c *ua.Call, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-c.Ended():
		return false
	case <-ctx.Done():
		return false
	}
}

// Expect returns the next call that was not refused, its script running.
func (tr *Trunk) Expect() *Leg {
	tr.t.Helper()
	ctx, cancel := tr.ctx()
	defer cancel()
	select {
	case l := <-tr.calls:
		return l
	case <-ctx.Done():
		tr.t.Fatalf("trunk: nobody called; so far: %+v", tr.Arrivals())
		return nil
	}
}

// Arrivals are the INVITEs that came, in order, the first [MaxArrivals].
func (tr *Trunk) Arrivals() []Arrival {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	out := make([]Arrival, len(tr.log))
	for i, e := range tr.log {
		out[i] = e.Arrival
	}
	return out
}

// Count is how many INVITEs came.
func (tr *Trunk) Count() int {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	return tr.count
}

// MustArrive returns the next INVITE that came, refused ones included.
func (tr *Trunk) MustArrive() Arrival {
	tr.t.Helper()
	ctx, cancel := tr.ctx()
	defer cancel()
	for {
		tr.mu.Lock()
		changed := tr.changed
		if tr.seen < len(tr.log) {
			a := tr.log[tr.seen].Arrival
			tr.seen++
			tr.mu.Unlock()
			return a
		}
		tr.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			tr.t.Fatalf("trunk: no further INVITE came; so far: %+v", tr.Arrivals())
		}
	}
}
