package test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"strowger/switch/acd"
	"strowger/switch/callmodel"
	"strowger/switch/engine"
	"strowger/switch/fault"
	"strowger/switch/port"
	"strowger/switch/store/journal"
)

// scenario is one description of what people and commands do. It runs on
// every backend and expects the same of each.
type scenario struct {
	name string
	site func(*callmodel.Config) // what differs from backendSite; nil: nothing
	run  func(*scene)
}

// backend is a telephony server together with the people at its phones.
type backend interface {
	port.Effector
	// start connects the server to the switch; stop ends that.
	start(ctx context.Context, feed port.Feed) error
	stop()
	// away is the controller's death: the connection is gone, everything lives on. start comes back.
	away()
	// doubt asks for a resync.
	doubt()
	// handset is the phone of a station, registered.
	handset(endpoint string) (handset, error)
	// place has somebody outside call.
	place(number string, from caller) (line, error)
	// outside says what a number outside does when it is called.
	outside(number string, does outsideScript)
	// rung returns the next call that has come to a number outside, nil while there is none.
	rung(number string) line
	// decides says what the server of every decision answers: where the call shall go; "" is no answer.
	decides(to string)
	// left tells what lives in the server.
	left() string
}

// caller is somebody outside.
type caller struct {
	number, name string
	diversion    string // value of a Diversion header
	inband       bool   // a line whose digits are tones
}

// outsideScript is what a number outside does: one of these, or a SIP status
// with which it refuses.
type outsideScript uint16

const (
	noSuchOutside outsideScript = iota
	ringsOutside                // until somebody does something
	busyOutside
)

// refusesOutside refuses with a SIP status; the simulated exchange has not all of them.
func refusesOutside(code int) outsideScript { return outsideScript(code) }

// handset is a phone at which a person sits.
type handset interface {
	next() line // the next call that has come, nil while there is none
	dial(number string) (line, error)
	register(on bool) error
}

// lineState is what a person sees of a call at the phone.
type lineState string

const (
	lineCalling lineState = "calling"
	lineRinging lineState = "ringing"
	lineUp      lineState = "up"
	lineOver    lineState = "over"
)

// keyWay is how digits travel.
type keyWay uint8

const (
	keysRTP keyWay = iota // RFC 4733
	keysInfo
	keysInband
)

// line is one call at somebody's phone.
type line interface {
	state() lineState
	say(hz float64) error
	answer() error
	reject() error
	hangup() error
	hold() error
	resume() error
	press(digits string, way keyWay) error
	refer(to string) error   // blind transfer by phone
	connect(with line) error // attended transfer by phone
	digits() string          // that have been heard
	// listenFor tells later whether a sound was heard since, however short.
	listenFor(x sound) (heard func() bool, err error)
	// hears waits until all of want and none of not is heard. It may be called from several goroutines.
	hears(ctx context.Context, want, not []sound) error
}

// scene is a scenario that runs: the switch's engine on a backend.
type scene struct {
	t       *testing.T
	b       backend
	cfg     *callmodel.Config
	engine  *engine.Engine
	journal *journal.Journal
	dir     string
	log     *logBuffer
	sub     port.Subscription
	desks   []*desk
	parties []*party
	faults  bool // incidents are expected
	secrets []string

	mu     sync.Mutex
	events []port.Stamped
	read   chan struct{} // closed when the reader has ended
}

// logBuffer keeps what the controller logs.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// newScene starts an engine on a backend and waits until both are in step.
func newScene(t *testing.T, sc scenario, begin func(*scene) (backend, error)) *scene {
	t.Helper()
	s := &scene{t: t, cfg: backendSite(), dir: t.TempDir(), log: &logBuffer{}, read: make(chan struct{})}
	if sc.site != nil {
		sc.site(s.cfg)
	}
	b, err := begin(s)
	if err != nil {
		t.Fatal(err)
	}
	s.b = b
	s.begin()
	t.Cleanup(s.close)
	s.connect()
	return s
}

// begin starts the switch from its journal.
func (s *scene) begin() {
	s.t.Helper()
	logger := slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	var err error
	if s.journal, _, err = journal.Open(s.dir, journal.Options{Logger: logger}); err != nil {
		s.t.Fatal(err)
	}
	s.engine = engine.New(engine.Config{Router: acd.Router{}, Journal: s.journal, Effector: s.b, Logger: logger, OnDoubt: s.b.doubt})
	if err := s.engine.Start(s.t.Context(), s.cfg); err != nil {
		s.t.Fatal(err)
	}
}

// connect joins the switch and the backend, and waits until they are in step.
func (s *scene) connect() {
	s.t.Helper()
	err := s.b.start(s.t.Context(), s.engine)
	if err != nil {
		s.t.Fatal(err)
	}
	if _, s.sub, err = s.engine.Watch(s.t.Context(), "scene"); err != nil {
		s.t.Fatal(err)
	}
	s.read = make(chan struct{})
	go s.follow()
	eventually(s.t, "the backend is in step", func() bool {
		v := s.view()
		return len(v.Nodes) > 0 && !slices.ContainsFunc(v.Nodes, func(n callmodel.Node) bool { return !n.Up })
	})
}

// restart ends the controller and starts it again from its journal.
func (s *scene) restart() {
	s.t.Helper()
	s.idle()
	ctx, cancel := context.WithTimeout(context.Background(), waitFor)
	defer cancel()
	if err := s.engine.Stop(ctx); err != nil {
		s.t.Fatal(err)
	}
	s.b.away()
	<-s.read
	s.sub.Close()
	if err := s.journal.Close(); err != nil {
		s.t.Fatal(err)
	}
	s.begin()
	s.connect()
}

// follow keeps every event.
func (s *scene) follow() {
	defer close(s.read)
	for {
		batch, err := s.sub.Next(context.Background())
		if err != nil {
			return
		}
		s.mu.Lock()
		s.events = append(s.events, batch...)
		s.mu.Unlock()
	}
}

// view is the model's picture.
func (s *scene) view() *callmodel.View {
	s.t.Helper()
	v, err := s.engine.View(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	return v
}

// do gives a command that must be accepted.
func (s *scene) do(cmd callmodel.Command) {
	s.t.Helper()
	if err := s.engine.Do(s.t.Context(), cmd); err != nil {
		s.t.Fatalf("%s: %v", cmd.Tag(), err)
	}
}

// refused gives a command that must be refused.
func (s *scene) refused(kind fault.Kind, cmd callmodel.Command) {
	s.t.Helper()
	if err := s.engine.Do(s.t.Context(), cmd); !fault.Is(err, kind) {
		s.t.Fatalf("%s: got %v, want a refusal of kind %v", cmd.Tag(), err, kind)
	}
}

// newCall mints the id of a call that a command makes.
func (s *scene) newCall() callmodel.CallID { return callmodel.CallID{ID: s.engine.NewID()} }

// saw waits for an event and returns it.
func (s *scene) saw(what string, fits func(*port.Stamped) bool) port.Stamped {
	s.t.Helper()
	var found port.Stamped
	eventually(s.t, "there is an event: "+what, func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		i := slices.IndexFunc(s.events, func(e port.Stamped) bool { return fits(&e) })
		if i >= 0 {
			found = s.events[i]
		}
		return i >= 0
	})
	return found
}

// event waits for an event of a kind.
func (s *scene) event(kind callmodel.EventKind) port.Stamped {
	s.t.Helper()
	return s.saw(kind.String(), func(e *port.Stamped) bool { return e.Kind == kind })
}

// outcome waits for the end of the call from a number, and checks how it ended.
func (s *scene) outcome(number string, want callmodel.Outcome) {
	s.t.Helper()
	e := s.saw("the end of the call from "+number, func(e *port.Stamped) bool {
		return e.Kind == callmodel.EvCallEnded && e.Call.Caller == number
	})
	if e.Call.Outcome != want {
		s.t.Errorf("the call from %s ended as %q, want %q", number, e.Call.Outcome, want)
	}
}

// finish has everybody hang up, and looks for what is left and should not be.
func (s *scene) finish() {
	s.t.Helper()
	for _, d := range s.desks {
		if err := s.engine.Do(s.t.Context(), callmodel.PanicLogout{Agent: d.id}); err != nil {
			s.t.Errorf("log %s out: %v", d.id, err)
		}
	}
	for _, p := range s.parties {
		if err := p.line.hangup(); err != nil {
			s.t.Errorf("%s hangs up: %v", p.name, err)
		}
	}
	var calls []string
	eventually(s.t, "no call is left in the model", func() bool {
		calls = calls[:0]
		for _, c := range s.view().Calls {
			calls = append(calls, fmt.Sprintf("%s from %s, %s", c.Kind, c.Caller, c.Phase))
		}
		return len(calls) == 0
	}, &calls)
	var left string
	eventually(s.t, "nothing is left in the telephony server", func() bool { left = s.b.left(); return left == "" }, &left)
	s.idle()
	s.checkRun()
}

// idle waits until no order is under way.
func (s *scene) idle() {
	s.t.Helper()
	eventually(s.t, "no order is under way", func() bool { return s.engine.Stats().EffectsWaiting == 0 })
}

// checkRun looks at what must hold of every run.
func (s *scene) checkRun() {
	s.t.Helper()
	if st := s.engine.Stats(); st.Panics > 0 || st.JournalFailed || st.EffectsShed > 0 {
		s.t.Errorf("engine: %+v", st)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.events {
		if e.Kind == callmodel.EvIncident && !s.faults {
			s.t.Errorf("incident: %s", e.Reason)
		}
	}
	for _, secret := range s.secrets {
		s.checkSecret(secret)
	}
}

// checkSecret looks for a secret wherever the controller leaves something.
func (s *scene) checkSecret(secret string) {
	s.t.Helper()
	places := map[string]string{"the log": s.log.String()}
	var events, inputs strings.Builder
	for _, e := range s.events {
		b, err := json.Marshal([]any{e.Call, e.Agent, e.Queue, e.Callback})
		if err != nil {
			s.t.Error(err)
		}
		fmt.Fprintf(&events, "%s %s\n", e.String(), b)
	}
	places["the events"] = events.String()
	if err := s.replay(func(r engine.Record, out callmodel.Output) {
		body, err := callmodel.EncodeInput(r.Input)
		if err != nil {
			s.t.Error(err)
		}
		fmt.Fprintf(&inputs, "%s %s\n", r.Input.Tag(), body)
		for _, e := range out.Effects {
			fmt.Fprintf(&inputs, "%s\n", callmodel.AppendEffect(nil, e))
		}
	}); err != nil {
		s.t.Error(err)
	}
	places["the journal, decoded"] = inputs.String()
	typed, err := typedDigits(s.journal)
	if err != nil {
		s.t.Error(err)
	}
	places["the digits of the journal"] = typed
	for where, text := range places {
		if text == "" {
			s.t.Errorf("%s is empty: the search for a secret saw nothing", where)
		}
		if strings.Contains(text, secret) {
			s.t.Errorf("the secret %q stands in %s", secret, where)
		}
	}
	if file := findSecret(s.t, s.dir, secret); file != "" {
		s.t.Errorf("the secret %q stands in %s", secret, file)
	}
}

// typedDigits are the digits that a journal tells of, one after the other: a
// secret that was journaled digit by digit is found in them only.
func typedDigits(j *journal.Journal) (string, error) {
	var typed strings.Builder
	err := j.Replay(0, func(_ uint64, raw []byte) error {
		r, err := engine.DecodeRecord(raw)
		if d, is := r.Input.(callmodel.DigitReceived); is {
			typed.WriteString(d.Digit)
		}
		return err
	})
	return typed.String(), err
}

// replay steps the journal anew; its outputs must be those of the first time.
func (s *scene) replay(see func(engine.Record, callmodel.Output)) error {
	var bad error
	_, _, err := engine.Replay(context.Background(), s.journal, acd.Router{}, func(r engine.Record, out callmodel.Output, _ []port.Stamped) {
		if hash, _ := out.Hash(nil); hash != r.Hash && bad == nil {
			bad = fmt.Errorf("replay differs at record %d: %s", r.Seq, r.Input.Tag())
		}
		see(r, out)
	})
	return errors.Join(err, bad)
}

// close ends the run; what happened is shown where it failed.
func (s *scene) close() {
	s.b.stop()
	ctx, cancel := context.WithTimeout(context.Background(), waitFor)
	defer cancel()
	if s.t.Failed() {
		s.t.Logf("what happened:\n%s", s.story())
	} else if err := s.replay(func(engine.Record, callmodel.Output) {}); err != nil {
		s.t.Error(err)
	}
	if err := s.engine.Stop(ctx); err != nil {
		s.t.Errorf("engine: %v", err)
	}
	if s.sub != nil {
		<-s.read
		s.sub.Close()
	}
	if err := s.journal.Close(); err != nil {
		s.t.Errorf("journal: %v", err)
	}
}

// story is the journal in words.
func (s *scene) story() string {
	var out strings.Builder
	var first time.Time
	err := s.replay(func(r engine.Record, o callmodel.Output) {
		if first.IsZero() {
			first = r.Wall
		}
		body, err := callmodel.EncodeInput(r.Input)
		if err != nil || r.Input.Tag() == "config" {
			return
		}
		fmt.Fprintf(&out, "%8.3f > %s %s\n", r.Wall.Sub(first).Seconds(), r.Input.Tag(), body)
		for i := range o.Events {
			fmt.Fprintf(&out, "             %s\n", o.Events[i].String())
		}
		for _, e := range o.Effects {
			fmt.Fprintf(&out, "           %s\n", callmodel.AppendEffect(nil, e))
		}
		if o.Fault != nil {
			fmt.Fprintf(&out, "           refused: %v\n", o.Fault)
		}
	})
	if err != nil {
		fmt.Fprintln(&out, err)
	}
	fmt.Fprintf(&out, "log:\n%s", s.log.String())
	return out.String()
}
