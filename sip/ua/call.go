package ua

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emiago/sipgo/sip"

	"strowger/media/audiotest"
	"strowger/media/rtpio"
	"strowger/sip/ua/sdp"
	"strowger/switch/fault"
)

// State is where a call stands. States only grow.
type State uint8

const (
	// Dialing means that our INVITE is out, or theirs just came.
	Dialing State = iota
	// Ringing means that 180 or 183 was seen or sent.
	Ringing
	// Answering means that our 200 is out and its ACK is awaited.
	Answering
	// Up means that 200 and ACK were exchanged.
	Up
	// Over means that the call has ended.
	Over
)

var stateNames = [...]string{Dialing: "dialing", Ringing: "ringing", Answering: "answering", Up: "up", Over: "over"}

// String returns the state in lower case.
func (s State) String() string {
	if int(s) < len(stateNames) {
		return stateNames[s]
	}
	return "unknown"
}

// Party is one end of a call as a From or To header shows it.
type Party struct{ User, Name, URI string }

// By says who ended a call.
type By uint8

const (
	// Nobody: the call is alive.
	Nobody By = iota
	// Local is this phone.
	Local
	// Remote is the peer.
	Remote
	// Network is neither: no answer from the peer, or a broken dialog.
	Network
)

var byNames = [...]string{Nobody: "nobody", Local: "local", Remote: "remote", Network: "network"}

// String returns the name in lower case.
func (b By) String() string {
	if int(b) < len(byNames) {
		return byNames[b]
	}
	return "unknown"
}

// End says how a call ended.
type End struct {
	By     By
	Code   int    // final SIP status of a call that was not answered, 0 after a BYE
	Cause  int    // Q.850 cause of the peer's Reason header, 0 when there was none
	Reason string // for people
	At     time.Time
}

// Snapshot is what a call is at one moment.
type Snapshot struct {
	State      State
	Code       int           // last status seen (outgoing) or sent (incoming)
	EarlyMedia bool          // SDP came before the answer
	LocalHold  bool          // we hold the peer
	RemoteHold bool          // the peer holds us
	Direction  sdp.Direction // of our audio, as negotiated
	Offers     int           // offer/answer exchanges done since the answer, whoever began
	Refreshes  int           // session refreshes without SDP that the peer sent
	Notifies   int           // NOTIFY, INFO and MESSAGE requests in the call
	Refers     int           // REFER requests, all declined
	InfoDigits string        // digits that came by INFO, the first 64
	// RemoteParty is who the peer is now: P-Asserted-Identity or Remote-Party-ID
	// of the last message that had one, at first the From or To of the INVITE.
	RemoteParty Party
	End         End
}

// Call is one dialog with its audio. It is safe for concurrent use.
type Call struct {
	ua       *UA
	id       string // Call-ID
	key      string
	outgoing bool
	auto     bool
	from, to Party
	dialed   string
	replaces *Call // this incoming call takes its place
	headers  []Header
	media    *rtpio.Session
	heard    *audiotest.Monitor
	digits   chan rtpio.Digit
	lostDTMF atomic.Uint64
	ringing  chan struct{}
	answered chan struct{}
	ended    chan struct{}
	cancel   chan struct{} // closed by the first Hangup of an unanswered outgoing call
	decide   chan decided  // first Answer or Reject of an incoming call wins
	acks     chan *sip.Request
	slot     chan struct{} // holds one token: whoever takes it may run an offer/answer exchange

	controlled atomic.Bool // a remote-controlled hold or retrieve is under way

	mu       sync.Mutex // guards everything below
	snap     Snapshot
	changed  chan struct{}
	dialog   dialog
	local    sdp.Description // our side, as last sent
	wantAck  uint32          // CSeq of the 200 that waits for its ACK, 0 for none
	hold     sdp.Direction   // what we allow while we hold
	byeSent  bool
	canceled bool
}

type decided struct {
	code int // 200 answers
}

func (u *UA) newCall(id, localTag string, outgoing bool) *Call {
	c := &Call{
		ua: u, id: id, key: callKey(id, localTag), outgoing: outgoing, heard: audiotest.NewMonitor(),
		digits: make(chan rtpio.Digit, digitQueue), ringing: make(chan struct{}), answered: make(chan struct{}), ended: make(chan struct{}),
		cancel: make(chan struct{}), decide: make(chan decided, 1), acks: make(chan *sip.Request, 1), slot: make(chan struct{}, 1),
		changed: make(chan struct{}), hold: sdp.SendRecv,
	}
	c.slot <- struct{}{}
	c.dialog.localTag = localTag
	return c
}

func callKey(id, localTag string) string { return id + "\x00" + localTag }

// add makes a call known, with its audio socket. Errors: fault.Busy
// (MaxCalls), fault.Stopped, or those of rtpio.Open.
func (u *UA) add(c *Call) error {
	media, err := rtpio.Open(rtpio.Config{IP: u.cfg.BindIP, Pacer: u.pacer, Sink: c.heard, OnDigit: c.gotDigit})
	if err != nil {
		return err
	}
	c.media = media
	c.local = sdp.Description{ID: uint64(media.LocalAddr().Port()), Audio: media.LocalAddr()}
	u.mu.Lock()
	defer u.mu.Unlock()
	switch {
	case u.closing:
		err = u.stopFault("ua: call")
	case len(u.calls) >= u.cfg.MaxCalls && c.replaces == nil:
		err = fault.Newf(fault.Busy, "ua: call", u.cfg.User, "all %d calls of this phone are in use", u.cfg.MaxCalls)
	default:
		u.calls[c.key] = c
		return nil
	}
	media.Close()
	return err
}

func (c *Call) gotDigit(d rtpio.Digit) {
	select {
	case c.digits <- d:
	default:
		c.lostDTMF.Add(1)
	}
}

// end finishes the call once: state, signals, audio, and the UA's table.
func (c *Call) end(e End) {
	c.mu.Lock()
	if c.snap.State == Over {
		c.mu.Unlock()
		return
	}
	e.At = time.Now()
	c.snap.State, c.snap.End = Over, e
	if e.Code != 0 {
		c.snap.Code = e.Code
	}
	c.publish()
	c.mu.Unlock()
	c.ua.mu.Lock()
	delete(c.ua.calls, c.key)
	c.ua.mu.Unlock()
	c.media.Close()
	close(c.ended)
	c.ua.log.Debug("call ended", "call", c.id, "by", e.By.String(), "code", e.Code, "reason", e.Reason)
}

// publish wakes the waiters; the caller holds mu.
func (c *Call) publish() {
	close(c.changed)
	c.changed = make(chan struct{})
}

// raise moves the call up to state s and reports whether that was a step.
func (c *Call) raise(s State, code int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.snap.State == Over {
		return false
	}
	c.snap.Code = code
	step := s > c.snap.State
	if step {
		c.snap.State = s
		switch s {
		case Ringing:
			close(c.ringing)
		case Up:
			close(c.answered)
		case Dialing, Answering, Over:
		}
	}
	c.publish()
	return step
}

// ID is the Call-ID.
func (c *Call) ID() string { return c.id }

// UA is the phone the call belongs to.
func (c *Call) UA() *UA { return c.ua }

// Outgoing reports whether this phone placed the call.
func (c *Call) Outgoing() bool { return c.outgoing }

// AutoAnswer reports whether the INVITE asked to be answered at once.
func (c *Call) AutoAnswer() bool { return c.auto }

// From is the calling party of the INVITE.
func (c *Call) From() Party { return c.from }

// To is the called party of the INVITE.
func (c *Call) To() Party { return c.to }

// Dialed is the user part of the INVITE's request URI.
func (c *Call) Dialed() string { return c.dialed }

// Headers are the INVITE's headers, in order; of an outgoing call only the extra ones.
func (c *Call) Headers() []Header { return append([]Header(nil), c.headers...) }

// Header returns the first header of that name (any case), "" if there is none.
func (c *Call) Header(name string) string { return HeaderOf(c.headers, name) }

// HeaderOf returns the first header of that name (any case), "" if there is none.
func HeaderOf(headers []Header, name string) string {
	for _, h := range headers {
		if strings.EqualFold(h.Name, name) {
			return h.Value
		}
	}
	return ""
}

// Snapshot is the call now.
func (c *Call) Snapshot() Snapshot {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.snap
}

// Ringing is closed when the call rings: 180 or 183 seen, or sent by us.
func (c *Call) Ringing() <-chan struct{} { return c.ringing }

// Answered is closed when 200 and ACK were exchanged.
func (c *Call) Answered() <-chan struct{} { return c.answered }

// Ended is closed when the call is over; Snapshot().End says how.
func (c *Call) Ended() <-chan struct{} { return c.ended }

// Wait returns nil once cond holds. When the call ends or ctx ends first, the
// error says where the call stands; a cond about Over is checked first.
func (c *Call) Wait(ctx context.Context, what string, cond func(Snapshot) bool) error {
	for {
		c.mu.Lock()
		snap, changed := c.snap, c.changed
		c.mu.Unlock()
		if cond(snap) {
			return nil
		}
		if snap.State == Over {
			return c.overFault("ua: wait until "+what, snap.End)
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return &fault.Error{
				Kind: fault.KindOf(ctx.Err()), Op: "ua: wait until " + what, Subject: c.ua.cfg.User,
				Reason: "the call is " + snap.State.String() + ", " + reasonOf(snap.Code), Err: ctx.Err(),
			}
		}
	}
}

// WaitRinging waits for Ringing.
func (c *Call) WaitRinging(ctx context.Context) error {
	return c.Wait(ctx, "ringing", func(Snapshot) bool { return isClosed(c.ringing) })
}

// WaitAnswered waits for Answered.
func (c *Call) WaitAnswered(ctx context.Context) error {
	return c.Wait(ctx, "answered", func(Snapshot) bool { return isClosed(c.answered) })
}

// WaitEnded waits for Ended and says how.
func (c *Call) WaitEnded(ctx context.Context) (End, error) {
	err := c.Wait(ctx, "ended", func(s Snapshot) bool { return s.State == Over })
	return c.Snapshot().End, err
}

// WaitRemoteHold waits until the peer holds us, or retrieves us.
func (c *Call) WaitRemoteHold(ctx context.Context, held bool) error {
	return c.Wait(ctx, "the peer's hold changes", func(s Snapshot) bool { return s.RemoteHold == held })
}

func (c *Call) overFault(op string, e End) error {
	return fault.Newf(fault.Conflict, op, c.ua.cfg.User, "the call is over: ended by %v, status %d, cause %d, %s", e.By, e.Code, e.Cause, e.Reason)
}

func isClosed(ch <-chan struct{}) bool {
	select {
	case <-ch:
		return true
	default:
		return false
	}
}
