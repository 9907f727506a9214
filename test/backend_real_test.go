package test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"strowger/ari/link"
	"strowger/ari/sandbox"
	"strowger/configs"
	"strowger/media/codec"
	"strowger/media/rtpio"
	"strowger/media/tone"
	"strowger/sip/siptest"
	"strowger/sip/ua"
	"strowger/switch/callmodel"
	"strowger/switch/decide"
	"strowger/switch/port"
)

// backendInstances is how many Asterisks share the scenarios.
const backendInstances = 3

// TestBackendReal runs every scenario on a real Asterisk with real SIP phones.
// Each instance takes the next scenario that nobody has begun.
func TestBackendReal(t *testing.T) {
	testProgram(t)
	siptest.CheckGoroutines(t)
	pacer := siptest.NewPacer(t)
	waiting := make(chan scenario)
	var workers sync.WaitGroup
	for range backendInstances {
		ex := newRealExchange(t, pacer)
		workers.Go(func() {
			for sc := range waiting {
				t.Run(sc.name, func(t *testing.T) {
					s := newScene(t, sc, ex.backend)
					sc.run(s)
					s.finish()
				})
			}
		})
	}
	for _, sc := range backendScenarios() {
		waiting <- sc
	}
	close(waiting)
	workers.Wait()
}

// realExchange is an Asterisk whose own sounds are pure tones.
type realExchange struct {
	in      *sandbox.Instance
	pacer   *rtpio.Pacer
	carrier uint16 // UDP port of the world outside
}

const (
	inbandPhone = "112" // its digits are tones
	talkUser    = "backend-notify"
	talkSecret  = "backend-talk"
)

func newRealExchange(t *testing.T, pacer *rtpio.Pacer) *realExchange {
	t.Helper()
	ex := &realExchange{pacer: pacer, carrier: freeUDPPort(t)}
	tones := fmt.Sprintf(`[general]
country = test
[test]
description = pure tones
ringcadence = 2000,4000
dial = 425
ring = %g/3000,0/50
busy = %g/3000,0/50
congestion = 425
`, soundRing.hz, soundFile.hz)
	ex.in = ownAsterisk(t, func(o *sandbox.Options) {
		o.Name, o.Agents = "backend", 12
		o.Values = configs.Values{TrunkContact: fmt.Sprintf("sip:carrier@127.0.0.1:%d", ex.carrier)}
		o.Extra = map[string]string{
			"indications.conf":   tones,
			"pjsip_local.conf":   "[" + inbandPhone + "](+)\ndtmf_mode=inband\ncontext=strowger-in\n",
			"manager_local.conf": "[" + talkUser + "]\nsecret=" + talkSecret + "\npermit=127.0.0.1/255.255.255.255\nread=\nwrite=system\n",
		}
	})
	if err := ex.pureMusic(t.Context()); err != nil {
		t.Fatal(err)
	}
	return ex
}

func freeUDPPort(t *testing.T) uint16 {
	t.Helper()
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }() // its port is all that was wanted
	addr, _ := c.LocalAddr().(*net.UDPAddr)
	return addr.AddrPort().Port()
}

// pureMusic replaces the music on hold by a tone.
func (ex *realExchange) pureMusic(ctx context.Context) error {
	dir := filepath.Join(ex.in.Dir(), "moh")
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	g, err := tone.NewGenerator(soundMusic.hz, tone.DefaultLevel)
	if err != nil {
		return err
	}
	pcm := make([]int16, 30*codec.SampleRate)
	for i := 0; i < len(pcm); i += codec.FrameSamples {
		g.Fill(pcm[i : i+codec.FrameSamples])
	}
	f, err := os.OpenFile(filepath.Join(dir, "tone.wav"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // the writer's Close tells of errors
	w, err := codec.NewWAVWriter(f, len(pcm))
	if err != nil {
		return err
	}
	if err := w.Write(pcm); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	inside := strings.TrimPrefix(dir, ex.in.Program().Root)
	conf := filepath.Join(ex.in.Dir(), "etc", "musiconhold.conf")
	if err := os.WriteFile(conf, []byte("[default]\nmode = files\ndirectory = "+inside+"\n"), 0o644); err != nil {
		return err
	}
	_, err = ex.in.CLI(ctx, "moh reload")
	return err
}

// realBackend is such an Asterisk during one scenario, with the people at its phones.
type realBackend struct {
	*link.Link
	t       *testing.T
	ex      *realExchange
	options link.Options
	carrier *ua.UA
	asking  *decide.Client
	orders  port.Effector // Asterisk's, and the decisions
	pending []*ua.Call    // calls to the outside that nobody has asked for

	mu       sync.Mutex // guards what follows
	script   map[string]outsideScript
	decision string
}

func (ex *realExchange) backend(s *scene) (backend, error) {
	b := &realBackend{t: s.t, ex: ex, script: map[string]outsideScript{}}
	v := ex.in.Values()
	b.options = link.Options{
		Stream:    link.Config{URL: ex.in.ARIURL(), User: v.ARIUser, Password: v.ARIPassword, App: "strowger"},
		Node:      "a1",
		Endpoints: func() (out []string) { return endpointsOf(s.cfg) },
		Notify:    link.NotifyConfig{Addr: ex.in.AMIAddr(), User: talkUser, Secret: talkSecret},
		Logger:    slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	if err := b.controller(); err != nil {
		return nil, err
	}
	server := httptest.NewServer(http.HandlerFunc(b.serveDecision))
	s.t.Cleanup(server.Close)
	for i := range s.cfg.Decisions {
		s.cfg.Decisions[i].URL = server.URL
	}
	var err error
	b.carrier, err = b.phone(ua.Config{User: "carrier", Port: ex.carrier, AnyUser: true, MaxCalls: 20, Policy: b.answerOutside})
	return b, err
}

// controller makes the parts that end with the controller.
func (b *realBackend) controller() (err error) {
	b.Link, err = link.New(b.options)
	b.asking = decide.New(decide.Options{})
	b.orders = b.asking.Split(b.Link)
	return err
}

func endpointsOf(cfg *callmodel.Config) (out []string) {
	for _, a := range cfg.Agents {
		out = append(out, a.Station.Endpoint)
	}
	for _, d := range cfg.Stations {
		out = append(out, d.Endpoint)
	}
	return out
}

// serveDecision is the server of every decision.
func (b *realBackend) serveDecision(w http.ResponseWriter, _ *http.Request) {
	b.mu.Lock()
	dest := b.decision
	b.mu.Unlock()
	if dest == "" {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]string{"to": dest}) // who asked sees what is missing
}

func (b *realBackend) decides(dest string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.decision = dest
}

// Apply implements port.Effector.
func (b *realBackend) Apply(ctx context.Context, e callmodel.Effect) port.EffectResult {
	return b.orders.Apply(ctx, e)
}

// answerOutside is how the world outside takes a call.
func (b *realBackend) answerOutside(in ua.Invite) ua.Decision {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch does := b.script[in.Dialed]; {
	case does == ringsOutside:
		return ua.Decision{Action: ua.Ring}
	case does == busyOutside:
		return ua.Decision{Action: ua.Reject, Code: 486}
	case does != noSuchOutside:
		return ua.Decision{Action: ua.Reject, Code: int(does)}
	}
	return ua.Decision{Action: ua.Reject, Code: 404}
}

// phone starts a phone that ends with the scenario.
func (b *realBackend) phone(cfg ua.Config) (*ua.UA, error) {
	cfg.Server, cfg.Pacer = b.ex.in.SIPAddr(), b.ex.pacer
	u, err := ua.New(cfg)
	if err != nil {
		return nil, err
	}
	if err := u.Start(b.t.Context()); err != nil {
		return nil, err
	}
	b.t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), waitFor)
		defer cancel()
		if err := u.Stop(ctx); err != nil {
			b.t.Errorf("phone %s: stop: %v", cfg.User, err)
		}
		if n := u.Stats().Panics; n > 0 {
			b.t.Errorf("phone %s: %d handlers panicked", cfg.User, n)
		}
	})
	return u, nil
}

func (b *realBackend) start(ctx context.Context, feed port.Feed) error {
	b.asking.Start(feed)
	return b.Start(ctx, feed)
}

func (b *realBackend) away() {
	b.stop()
	if err := b.controller(); err != nil {
		b.t.Error(err)
	}
}

func (b *realBackend) stop() {
	b.Stop()
	ctx, cancel := context.WithTimeout(context.Background(), waitFor)
	defer cancel()
	if err := b.asking.Stop(ctx); err != nil {
		b.t.Errorf("decisions: %v", err)
	}
}

func (b *realBackend) doubt() { b.Doubt() }

func (b *realBackend) handset(endpoint string) (handset, error) {
	return b.registered(ua.Config{User: endpoint, Talk: true})
}

func (b *realBackend) registered(cfg ua.Config) (*realHandset, error) {
	for _, p := range b.ex.in.Values().Phones {
		if p.Number == cfg.User {
			cfg.Password = p.Password
		}
	}
	u, err := b.phone(cfg)
	if err != nil {
		return nil, err
	}
	h := &realHandset{b: b, u: u}
	return h, h.register(true)
}

func (b *realBackend) place(number string, from caller) (line, error) {
	opt := ua.CallOptions{FromUser: from.number, DisplayName: from.name}
	if from.diversion != "" {
		opt.Headers = append(opt.Headers, ua.Header{Name: "Diversion", Value: from.diversion})
	}
	u := b.carrier
	if from.inband {
		h, err := b.registered(ua.Config{User: inbandPhone})
		if err != nil {
			return nil, err
		}
		u, opt.FromUser = h.u, ""
	}
	return dialLine(b.t.Context(), u, number, opt)
}

func dialLine(ctx context.Context, u *ua.UA, number string, opt ua.CallOptions) (line, error) {
	c, err := u.Call(ctx, number, opt)
	if err != nil {
		return nil, err
	}
	return newRealLine(ctx, c), nil
}

func (b *realBackend) outside(number string, does outsideScript) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.script[number] = does
}

func (b *realBackend) rung(number string) line {
	for more := true; more; {
		select {
		case c := <-b.carrier.Incoming():
			b.pending = append(b.pending, c)
		default:
			more = false
		}
	}
	for i, c := range b.pending {
		if c.Dialed() == number {
			b.pending = append(b.pending[:i], b.pending[i+1:]...)
			return newRealLine(b.t.Context(), c)
		}
	}
	return nil
}

func (b *realBackend) left() string {
	left := leftovers(b.t, b.ex.in)
	if n := b.Stats().CollectsOpen; n > 0 {
		left += fmt.Sprintf("\n%d open collections of digits", n)
	}
	return left
}

// realHandset is a SIP phone.
type realHandset struct {
	b *realBackend
	u *ua.UA
}

func (h *realHandset) next() line {
	select {
	case c := <-h.u.Incoming():
		return newRealLine(h.b.t.Context(), c)
	default:
		return nil
	}
}

func (h *realHandset) dial(number string) (line, error) {
	return dialLine(h.b.t.Context(), h.u, number, ua.CallOptions{})
}

func (h *realHandset) register(on bool) error {
	ctx, cancel := context.WithTimeout(h.b.t.Context(), waitFor)
	defer cancel()
	if on {
		return h.u.Register(ctx)
	}
	return h.u.Unregister(ctx)
}

// quiet is how long a sound must be absent.
const quiet = 200 * time.Millisecond
