package link

import (
	"context"
	"log/slog"
	"regexp"
	"sync"
	"sync/atomic"
	"time"

	"strowger/ari/arispec"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/port"
)

// Options sets up a [Link]. Zero values mean the default.
type Options struct {
	Stream      Config              // the event websocket
	Node        callmodel.NodeID    // our name of this Asterisk
	MaxInFlight int                 // REST requests at once; default 64
	Timeout     time.Duration       // of one REST request; default 3 s
	DriftEvery  time.Duration       // how often state and reality are compared; default 30 s
	BeatEvery   time.Duration       // readiness heartbeat; default 1 s
	AirEvery    time.Duration       // how often talking legs are looked at for audio; default 10 s
	Alive       func() bool         // whether the switch itself works; no heartbeat while false; nil: always
	MintCall    func() callmodel.ID // for calls that arrive; nil: the feed's
	Endpoints   func() []string     // PJSIP endpoints of the phones to watch; asked at every resync; nil: none are
	ToneZone    string              // of tones, as "de"; empty: indications.conf's country
	Notify      NotifyConfig        // for stations of mode talk-notify; zero: none
	Context     string              // dialplan context in which calls arrive, for evidence
	CELFile     string              // Asterisk's file of channel events; empty: none can be read here
	Left        func() time.Time    // last sign of life of the process before this one; nil or zero: there was none
	Peers       Peers               // the other servers; nil: there are none
	Ears        Ears                // hear who has answered a campaign's call; nil: nobody does here
	Logger      *slog.Logger
}

// ReadyVariable is the dialplan global that the heartbeat sets to Asterisk's
// own clock in seconds; the dialplan's gate compares it with EPOCH.
const ReadyVariable = "SW_HB"

// Link joins one Asterisk to the switch: events become facts (ingest.go),
// effects become requests (apply.go), and after every connect everything that
// lives there is listed (resync.go). It implements port.Effector.
//
// Goroutines: one consumer of the stream, one heartbeat, one watcher of the audio, one tidier that hangs
// up what transfers by phone leave behind, one identifier that asks for Call-IDs, and one for a listing that runs
// beside the events; all end in Stop, as does the AMI session for talk-notify.
type Link struct {
	opt    Options
	log    *slog.Logger
	stream *Stream
	http   *arispec.Client
	socket *arispec.Client // the same requests over the websocket, when HTTP is shut
	feed   port.Feed
	in     ingest
	epoch  uint64 // of the connection; owned by consume
	// lastHeard is the last sign of life over the connection before; zero for the first. Owned by consume.
	lastHeard time.Time
	notify    notifier
	litter    chan callmodel.ChannelID // for the tidier
	nameless  chan callmodel.ChannelID // for the identifier

	scratch []callmodel.Input // owned by consume

	httpDown atomic.Bool
	stuck    atomic.Bool // the application did not answer the last probe
	synced   atomic.Bool
	replaced atomic.Bool
	detours  atomic.Bool // the dialplan has the context of detectors
	doubt    chan struct{}
	unsure   chan struct{} // an order to call somebody has no outcome, or an event was unreadable
	n        linkCounters

	mu      sync.Mutex // guards info, watched and missing
	info    Info
	watched map[string]bool // endpoint subscriptions
	missing string          // phones that Asterisk does not have, as last logged
	cancel  context.CancelFunc
	wg      sync.WaitGroup
	started atomic.Bool
	fatal   chan struct{}
}

// Info is what is known of the Asterisk at the other end.
type Info struct {
	Version   string
	Epoch     string    // its start time
	SyncedAt  time.Time // last good resync
	BeatAt    time.Time // last good heartbeat
	Connected bool
	Synced    bool
	Replaced  bool   // somebody else took our application; we have stopped giving orders
	Trouble   string // what is wrong now, empty for nothing
	Weak      string // what does not work although callers are served
}

var _ port.Effector = (*Link)(nil)

var (
	appName  = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,64}$`)
	toneZone = regexp.MustCompile(`^[a-z]{2,8}$`)
)

// New checks the options; it does not connect.
func New(opt Options) (*Link, error) {
	if !appName.MatchString(opt.Stream.App) {
		return nil, fault.New(fault.Invalid, "ari link", opt.Stream.App, "the application name has 1 to 64 letters, digits, dots, dashes and underscores")
	}
	if opt.Node == "" {
		return nil, fault.New(fault.Invalid, "ari link", "", "the node needs a name")
	}
	if err := opt.Peers.check(); err != nil {
		return nil, err
	}
	if opt.ToneZone != "" && !toneZone.MatchString(opt.ToneZone) {
		return nil, fault.New(fault.Invalid, "ari link", opt.ToneZone, "a tone zone has 2 to 8 small letters, as in de")
	}
	orDefault(&opt.Timeout, 3*time.Second)
	orDefault(&opt.DriftEvery, 30*time.Second)
	orDefault(&opt.BeatEvery, time.Second)
	orDefault(&opt.AirEvery, 10*time.Second)
	if opt.Logger == nil {
		opt.Logger = slog.New(slog.DiscardHandler)
	}
	if opt.Alive == nil {
		opt.Alive = func() bool { return true }
	}
	opt.Stream.Logger = opt.Logger
	if opt.Endpoints != nil {
		opt.Stream.Also = []string{opt.Stream.App + phonesSuffix}
	}
	stream, err := NewStream(opt.Stream)
	if err != nil {
		return nil, err
	}
	l := &Link{
		opt: opt, log: opt.Logger.With("node", string(opt.Node)), stream: stream, doubt: make(chan struct{}, 1), unsure: make(chan struct{}, 1), fatal: make(chan struct{}),
		litter: make(chan callmodel.ChannelID, tidyQueue), nameless: make(chan callmodel.ChannelID, identifyQueue), notify: notifier{cfg: opt.Notify},
	}
	l.in = newIngest(opt.Node, opt.Stream.App, &l.n, l.leave)
	transport, err := arispec.NewHTTP(arispec.HTTPConfig{URL: opt.Stream.URL, User: opt.Stream.User, Password: opt.Stream.Password})
	if err != nil {
		return nil, err
	}
	if l.http, err = arispec.New(arispec.Config{Transport: transport, MaxInFlight: opt.MaxInFlight, Timeout: opt.Timeout}); err != nil {
		return nil, err
	}
	rescue, err := arispec.NewSocket(stream.Do)
	if err != nil {
		return nil, err
	}
	if l.socket, err = arispec.New(arispec.Config{Transport: rescue, MaxInFlight: opt.MaxInFlight, Timeout: opt.Timeout}); err != nil {
		return nil, err
	}
	return l, nil
}

func orDefault(p *time.Duration, v time.Duration) {
	if *p <= 0 {
		*p = v
	}
}

// Start connects in the background and returns; the first resync follows as
// soon as Asterisk answers. Facts go to feed.
func (l *Link) Start(ctx context.Context, feed port.Feed) error {
	if !l.started.CompareAndSwap(false, true) {
		return fault.New(fault.Conflict, "ari link", string(l.opt.Node), "the link has been started before")
	}
	l.feed = feed
	mint := l.opt.MintCall
	if mint == nil {
		mint = feed.NewID
	}
	l.in.mint = mint
	if err := l.stream.Start(context.WithoutCancel(ctx)); err != nil { // it ends in Stop, in order
		return err
	}
	run, cancel := context.WithCancel(context.WithoutCancel(ctx))
	l.cancel = cancel
	l.wg.Add(5)
	go l.consume(run)
	go l.tidier(run)
	go l.identifier(run)
	go l.heartbeat(run)
	go l.airWatch(run)
	return nil
}

// Stop ends the link; calls live on in Asterisk. It may be called twice.
func (l *Link) Stop() {
	if !l.started.Load() {
		return
	}
	l.stream.Stop()
	l.cancel()
	l.wg.Wait()
	l.notify.close()
	l.in.digits.reset()
}

// Doubt asks for a resync soon. It never blocks.
func (l *Link) Doubt() { signal(l.doubt) }

// Fatal is closed when the link can do nothing more by itself: another
// controller has taken our application name.
func (l *Link) Fatal() <-chan struct{} { return l.fatal }

// Info returns what is known of the other end now.
func (l *Link) Info() Info {
	l.mu.Lock()
	defer l.mu.Unlock()
	i := l.info
	i.Synced, i.Replaced = l.synced.Load(), l.replaced.Load()
	if why := l.stream.Refused(); why != "" && !i.Connected {
		i.Trouble = why
	}
	return i
}

func (l *Link) setInfo(f func(*Info)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f(&l.info)
}

// rest returns the client to use now: HTTP, or the websocket while HTTP is
// shut, as when idle connections have used up Asterisk's session limit.
func (l *Link) rest() *arispec.Client {
	if l.httpDown.Load() && l.synced.Load() {
		return l.socket
	}
	return l.http
}
