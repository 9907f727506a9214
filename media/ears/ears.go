package ears

import (
	"context"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"strowger/media/audiosocket"
	"strowger/media/screen"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// Heard is a call whose first seconds were kept.
type Heard struct {
	Call     callmodel.CallID
	Campaign string
	Verdict  callmodel.ScreenVerdict
	At       time.Time
	Sound    []byte // audio/wav
}

// Options set up [Ears].
type Options struct {
	Listen  string // where sound is taken
	Address string // as the telephony servers reach it; empty: Listen
	// Tell takes facts for the switch.
	Tell func(ctx context.Context, in callmodel.Input) error
	// Campaign names the campaign of a call, for its sample; nil: no samples are kept.
	Campaign func(ctx context.Context, call callmodel.CallID) string
	// Keep takes a sample.
	Keep   func(ctx context.Context, h Heard) error
	Logger *slog.Logger
}

// Bounds.
const (
	keepTime    = 4 * time.Second       // of a call that is kept
	earlier     = 40 * time.Millisecond // than the switch's limit: the way there and back
	mostListen  = 8 * time.Second       // to a line that rings on
	waiting     = 32                    // samples on their way to the disk
	tellLimit   = 5 * time.Second
	stopSamples = 5 * time.Second
)

// Counts are what has been heard since the start.
type Counts struct {
	audiosocket.Counts
	Verdicts map[callmodel.ScreenVerdict]uint64
	Beeps    uint64
	Kept     uint64
	Lost     uint64 // samples that could not be kept
}

// Ears hear who has answered.
type Ears struct {
	opt    Options
	log    *slog.Logger
	server *audiosocket.Server
	keep   chan Heard
	run    context.Context // of the facts that are told; set by Start
	cancel context.CancelFunc
	wg     sync.WaitGroup

	beeps, kept, lost atomic.Uint64
	mu                sync.Mutex // guards verdicts
	verdicts          map[callmodel.ScreenVerdict]uint64
}

// New checks the options; nothing runs yet.
func New(opt Options) (*Ears, error) {
	if opt.Logger == nil {
		opt.Logger = slog.New(slog.DiscardHandler)
	}
	server, err := audiosocket.New(audiosocket.Config{Listen: opt.Listen, Logger: opt.Logger})
	if err != nil {
		return nil, err
	}
	return &Ears{opt: opt, log: opt.Logger, server: server, keep: make(chan Heard, waiting), verdicts: map[callmodel.ScreenVerdict]uint64{}}, nil
}

// Start listens.
func (e *Ears) Start(ctx context.Context) error {
	if err := e.server.Start(ctx); err != nil {
		return err
	}
	if e.opt.Address == "" {
		if host, _, _ := net.SplitHostPort(e.server.Addr().String()); net.ParseIP(host).IsUnspecified() {
			e.server.Stop()
			return fault.New(fault.Invalid, "ears", e.opt.Listen, "who listens at every address must say by which Asterisk reaches it: set dialer.ears_address")
		}
	}
	e.run, e.cancel = context.WithCancel(context.WithoutCancel(ctx))
	e.wg.Add(1)
	go e.keeper()
	return nil
}

// Stop ends all that is heard. Samples that wait are still handed on.
func (e *Ears) Stop() {
	if e.cancel == nil {
		return
	}
	e.server.Stop()
	e.cancel()
	e.wg.Wait()
}

// Address is where Asterisk is told to send sound.
func (e *Ears) Address() string {
	if e.opt.Address != "" {
		return e.opt.Address
	}
	return e.server.Addr().String()
}

// Counts returns what has been heard.
func (e *Ears) Counts() Counts {
	e.mu.Lock()
	defer e.mu.Unlock()
	c := Counts{Counts: e.server.Counts(), Verdicts: make(map[callmodel.ScreenVerdict]uint64, len(e.verdicts)), Beeps: e.beeps.Load(), Kept: e.kept.Load(), Lost: e.lost.Load()}
	for v, n := range e.verdicts {
		c.Verdicts[v] = n
	}
	return c
}

// Hear prepares for the sound of a leg: it is to be sent to an address, under an
// id that is a UUID. forget says that it will not come. Busy: too many are heard.
func (e *Ears) Hear(o callmodel.Screen) (id, address string, forget func(), err error) {
	v := &visit{e: e, order: o, began: time.Now()}
	quiet := o.Limit
	if o.Beep {
		// It was a machine before this: a person who hangs up on it is a sample, too.
		v.beep, v.verdict = screen.NewBeep(), callmodel.VerdictMachine
	} else {
		v.screen = screen.New(screen.Within(o.Limit - earlier))
	}
	if o.Keep && e.opt.Campaign != nil {
		ctx, cancel := context.WithTimeout(e.run, tellLimit)
		defer cancel()
		if v.campaign = e.opt.Campaign(ctx, o.Call); v.campaign != "" {
			v.kept = make([]int16, 0, samplesOf(keepTime))
		}
	}
	uuid, err := e.server.Expect(audiosocket.Ear{Hear: v.hear, Over: v.over, Quiet: quiet, Limit: max(o.Limit, mostListen)})
	if err != nil {
		return "", "", nil, err
	}
	return uuid.String(), e.Address(), func() { e.server.Forget(uuid) }, nil
}

// tell passes a verdict on, and counts it.
func (e *Ears) tell(in callmodel.Screened) {
	e.mu.Lock()
	e.verdicts[in.Verdict]++
	e.mu.Unlock()
	if in.Beep {
		e.beeps.Add(1)
	}
	ctx, cancel := context.WithTimeout(e.run, tellLimit)
	defer cancel()
	if err := e.opt.Tell(ctx, in); err != nil && e.run.Err() == nil {
		e.log.Warn("a verdict on who has answered was not taken", "channel", string(in.Channel), "verdict", string(in.Verdict), "error", err)
	}
}

// keeper hands samples on until Stop, and what waits then.
func (e *Ears) keeper() {
	defer e.wg.Done()
	for {
		select {
		case h := <-e.keep:
			e.hand(e.run, h)
			continue
		case <-e.run.Done():
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(e.run), stopSamples)
		defer cancel()
		for {
			select {
			case h := <-e.keep:
				e.hand(ctx, h)
			default:
				return
			}
		}
	}
}

func (e *Ears) hand(ctx context.Context, h Heard) {
	if err := e.opt.Keep(ctx, h); err != nil {
		e.lost.Add(1)
		e.log.Warn("a sample was not kept", "call", h.Call.String(), "campaign", h.Campaign, "error", err)
		return
	}
	e.kept.Add(1)
}
