package faultproxy

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Mode is what a fault does.
type Mode string

const (
	Stall    Mode = "stall"    // units wait, in order, until the fault is lifted; nothing more is read
	Drop     Mode = "drop"     // units are swallowed, and so is the end of a connection: half-open
	Reset    Mode = "reset"    // the unit is not sent; both ends get a RST
	Close    Mode = "close"    // the unit is sent; then both ends get a FIN
	Refuse   Mode = "refuse"   // new connections get a RST; those that are there live on
	Throttle Mode = "throttle" // Rate bytes a second
	Truncate Mode = "truncate" // Bytes of the unit are sent; then both ends get a FIN (a datagram is only shortened)
	Dup      Mode = "dup"      // the unit is sent twice, the second time within Delay
	Reorder  Mode = "reorder"  // the unit is sent some time within Delay, so that later ones overtake it
	Latency  Mode = "latency"  // the unit is sent Delay later; the order is kept
	Corrupt  Mode = "corrupt"  // one byte in the middle of the unit is made 0xff
	Insert   Mode = "insert"   // Payload is sent after the unit: chunk, frame or datagram
	Reply    Mode = "reply"    // HTTP: the client gets Answer
)

// Way is a direction.
type Way uint8

const (
	ToServer Way = 1 << iota // from who connects to the target
	ToClient                 // from the target
	Both     = ToServer | ToClient
)

func (w Way) String() string {
	switch w {
	case ToServer:
		return "server"
	case ToClient:
		return "client"
	case Both:
	}
	return "both"
}

// Fault is something bad, and which units it happens to. Zero means no limit.
type Fault struct {
	Mode     Mode
	Ways     Way           // zero: both
	Path     string        // HTTP and websockets: only where the path of the request begins so
	Method   string        // HTTP: only requests and answers of this method
	Frames   bool          // only frames of websockets, of which the handshake is none
	Contains string        // only units whose bytes (websocket: unmasked) contain this
	After    int           // per connection and direction, so many matching units pass first
	Count    int           // touch so many units at most, all connections together
	Share    float64       // touch this part of them, by chance; zero or 1: all
	Delay    time.Duration // Latency; Dup and Reorder: the window
	Rate     int           // Throttle
	Bytes    int           // Truncate
	Payload  [][]byte      // Insert
	Answer   Answer        // Reply
}

// Answer is what [Reply] gives a client in place of the target's answer.
type Answer struct {
	Status  int    // default 200
	Type    string // Content-Type; none when empty
	Body    string
	CutBody bool // announces more in a chunk than Body has, then closes
	Forward bool // the target gets the request and its answer is thrown away; else it never hears of it
}

// check refuses what could not do anything.
func (f *Fault) check(network string, http bool) error {
	bad := func(format string, args ...any) error {
		return fmt.Errorf("fault %s: %s", f.Mode, fmt.Sprintf(format, args...))
	}
	if f.Ways == 0 {
		f.Ways = Both
	}
	if f.Ways&^Both != 0 || f.After < 0 || f.Count < 0 || f.Share < 0 || f.Share > 1 || f.Delay < 0 || f.Bytes < 0 {
		return bad("a number is negative or too large")
	}
	framed := http || network == "udp"
	switch f.Mode {
	case Stall, Drop:
	case Reset, Close, Refuse:
		if network == "udp" {
			return bad("UDP has no connections")
		}
	case Throttle:
		if f.Rate <= 0 {
			return bad("needs a rate in bytes a second")
		}
	case Truncate, Corrupt:
	case Dup, Reorder:
		if !framed {
			return bad("a byte stream has no units that could be sent twice or in another order; use HTTP or UDP")
		}
		if f.Mode == Reorder && f.Delay == 0 {
			return bad("needs a delay, the window")
		}
	case Latency:
		if f.Delay == 0 {
			return bad("needs a delay")
		}
	case Insert:
		if len(f.Payload) == 0 {
			return bad("needs a payload")
		}
	case Reply:
		if !http {
			return bad("only an HTTP proxy can answer")
		}
		if f.Answer.Status == 0 {
			f.Answer.Status = 200
		}
	default:
		return fmt.Errorf("unknown mode %q", f.Mode)
	}
	if !http && (f.Path != "" || f.Method != "" || f.Frames) {
		return bad("paths, methods and frames need an HTTP proxy")
	}
	return nil
}

// Bitten is what a fault has touched.
type Bitten struct {
	Units uint64 // chunks, requests, answers, frames, datagrams
	Bytes uint64
	Conns uint64 // connections refused or ended
}

func (b Bitten) String() string {
	return fmt.Sprintf("%d units, %d bytes, %d connections", b.Units, b.Bytes, b.Conns)
}

// Any reports whether the fault did anything.
func (b Bitten) Any() bool { return b.Units+b.Conns > 0 }

// Active is a fault that was begun.
type Active struct {
	Fault
	id     uint64
	p      *Proxy
	lifted chan struct{}
	once   sync.Once

	taken               atomic.Int64 // against Count
	units, bytes, conns atomic.Uint64
}

// Lift ends the fault: what was stalled goes on, half-open connections end.
// It may be called twice.
func (a *Active) Lift() {
	a.once.Do(func() {
		a.p.forget(a)
		close(a.lifted)
	})
}

// Bitten returns what the fault has touched so far.
func (a *Active) Bitten() Bitten {
	return Bitten{Units: a.units.Load(), Bytes: a.bytes.Load(), Conns: a.conns.Load()}
}

// matches says whether the fault is about such a unit at all.
func (a *Active) matches(u *unit) bool {
	switch {
	case u.kind == control && (a.Mode == Dup || a.Mode == Reorder || a.Mode == Corrupt || a.Mode == Insert || a.Mode == Truncate):
		return false // a websocket's own pings say nothing to a program
	case u.kind == control && (a.Mode == Reset || a.Mode == Close):
		return false // "after the k-th frame" counts what programs see
	case a.Frames && u.kind == message:
		return false
	case !strings.HasPrefix(u.path, a.Path) || (a.Method != "" && a.Method != u.method):
		return false
	}
	return a.Contains == "" || bytes.Contains(u.payload(), []byte(a.Contains))
}

// take decides whether a matching unit is touched, and counts it.
func (a *Active) take(w *way, u *unit) bool {
	if a.After > 0 && w.passes(a) {
		return false
	}
	if a.Share > 0 && a.Share < 1 && a.p.chance() >= a.Share {
		return false
	}
	if a.Count > 0 && a.taken.Add(1) > int64(a.Count) {
		return false
	}
	a.units.Add(1)
	a.bytes.Add(uint64(len(u.data)))
	return true
}
