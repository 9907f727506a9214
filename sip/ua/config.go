package ua

import (
	"log/slog"
	"net/netip"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"

	"strowger/media/codec"
	"strowger/media/rtpio"
	"strowger/switch/fault"
)

// Limits that are not configured.
const (
	maxHeaders     = 16  // extra headers on one INVITE
	maxHeaderBytes = 256 // name and value of one of them
	maxNumber      = 128
	incomingQueue  = 16 // calls not yet taken from Incoming
	digitQueue     = 64 // digits not yet taken from Call.Digits
)

// Header is one SIP header field.
type Header struct{ Name, Value string }

// Config describes a phone. Only User is required; everything else has a default.
type Config struct {
	User        string // user part of our address, and digest user
	Password    string // digest password; empty answers no challenge
	DisplayName string
	// Server is host:port of the registrar and outbound proxy. Empty: calls go
	// straight to the host in their sip: URI.
	Server string
	// Domain is the host part of our address. Default: host of Server, else BindIP.
	Domain string
	BindIP netip.Addr // default 127.0.0.1
	Port   uint16     // UDP port; 0 takes one from the system
	// AnyUser takes calls to whatever number, as the other end of a trunk does.
	// Otherwise only User is known here, and the rest is answered 404.
	AnyUser bool
	// Talk obeys NOTIFY with Event talk and hold, as phones with remote control
	// do: talk answers (or retrieves), hold holds. Without it they get 489.
	Talk bool
	// Expires is the registration time asked for. Default 2 min, at least 2 s.
	Expires time.Duration
	// RingLimit ends an unanswered incoming call with 480. Default 3 min.
	RingLimit time.Duration
	// MaxCalls is how many calls may live at once; more are refused with 486. Default 4.
	MaxCalls int
	// Codecs in order of preference. Default PCMU, PCMA.
	Codecs []codec.Codec
	// Policy decides on an incoming INVITE. Default [AutoAnswer].
	Policy Policy
	// Pacer drives our audio. Share one among phones; nil makes one of our own.
	Pacer *rtpio.Pacer
	// Relay is asked where audio for a peer is sent to; nil: to the peer. What
	// makes faults on the way is put between so.
	Relay func(peer netip.AddrPort) netip.AddrPort
	// T1 is the first interval of our 200 retransmission, RFC 3261's T1. Default 500 ms.
	T1 time.Duration
	// Logger takes debug traces and warnings; nil discards them.
	Logger *slog.Logger
}

// Invite is what a [Policy] may look at.
type Invite struct {
	From, To   Party
	Dialed     string   // user part of the request URI: the number that was sent for
	Headers    []Header // all, in order
	AutoAnswer bool     // Alert-Info info=alert-autoanswer, or Call-Info answer-after=0
}

// Action is what to do with an incoming INVITE.
type Action uint8

const (
	// Ring sends 180 and leaves the rest to [Call.Answer] and [Call.Reject].
	Ring Action = iota
	// Answer answers at once.
	Answer
	// Reject refuses with Decision.Code; the call is not reported on Incoming.
	Reject
	// Progress sends 183 with our SDP, so that the caller hears us before the
	// answer, and leaves the rest to [Call.Answer] and [Call.Reject]. An INVITE
	// without SDP gets 180.
	Progress
)

// Decision is a policy's verdict. Code is 400 to 699 and used by Reject only.
type Decision struct {
	Action Action
	Code   int
}

// Policy decides on an incoming INVITE. It runs on the goroutine of the
// request and must not block.
type Policy func(Invite) Decision

// AutoAnswer is the default policy: answer when the caller asks for it, else ring.
func AutoAnswer(in Invite) Decision {
	if in.AutoAnswer {
		return Decision{Action: Answer}
	}
	return Decision{Action: Ring}
}

// AlwaysRing lets a person decide, whatever the INVITE asks for.
func AlwaysRing(Invite) Decision { return Decision{Action: Ring} }

// RejectWith refuses every call with a status code.
func RejectWith(code int) Policy {
	return func(Invite) Decision { return Decision{Action: Reject, Code: code} }
}

// withDefaults checks c and fills what is empty. Error: fault.Invalid.
func (c Config) withDefaults() (Config, error) {
	if c.User == "" || !plain(c.User, maxNumber) {
		return c, bad("user %q: 1 to %d letters, digits or *#+-._", c.User, maxNumber)
	}
	if !c.BindIP.IsValid() {
		c.BindIP = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	}
	if c.Server != "" {
		host, port, err := sip.ParseAddr(c.Server)
		if err != nil || host == "" || port <= 0 {
			return c, bad("server %q: want host:port", c.Server)
		}
		if c.Domain == "" {
			c.Domain = host
		}
	}
	if c.Domain == "" {
		c.Domain = c.BindIP.String()
	}
	if !plain(c.Domain, maxNumber) || strings.ContainsAny(c.DisplayName, "\"\\") || !printable(c.DisplayName, maxHeaderBytes) {
		return c, bad("domain or display name of %s holds illegal characters", c.User)
	}
	setDefault(&c.Expires, 2*time.Minute)
	setDefault(&c.RingLimit, 3*time.Minute)
	setDefault(&c.T1, sip.T1)
	setDefault(&c.MaxCalls, 4)
	if c.Expires < 2*time.Second || c.Expires > 24*time.Hour || c.RingLimit < 0 || c.T1 < 0 || c.MaxCalls < 0 || c.MaxCalls > 1000 {
		return c, bad("a time or limit of %s is out of range", c.User)
	}
	if len(c.Codecs) == 0 {
		c.Codecs = []codec.Codec{codec.PCMU, codec.PCMA}
	}
	for _, x := range c.Codecs {
		if !x.Valid() {
			return c, bad("codec %d is not G.711", x)
		}
	}
	if c.Policy == nil {
		c.Policy = AutoAnswer
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	c.Logger = c.Logger.With("phone", c.User)
	return c, nil
}

func setDefault[T comparable](v *T, def T) {
	var zero T
	if *v == zero {
		*v = def
	}
}

func bad(format string, args ...any) error {
	return fault.Newf(fault.Invalid, "ua: config", "", format, args...)
}

// plain reports whether s may stand in a URI without escaping: nothing in it
// can end the URI, start a parameter or be read as dialplan.
func plain(s string, limit int) bool {
	if len(s) > limit {
		return false
	}
	for i := range len(s) {
		b := s[i]
		if b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || strings.IndexByte("*#+-._", b) >= 0 {
			continue
		}
		return false
	}
	return true
}

// printable reports whether s has no control character, so that it cannot add lines to a message.
func printable(s string, limit int) bool {
	if len(s) > limit {
		return false
	}
	for i := range len(s) {
		if s[i] < ' ' || s[i] == 0x7F {
			return false
		}
	}
	return true
}

// checkHeaders refuses what could break a message or replace a header of the dialog.
func checkHeaders(hs []Header) error {
	if len(hs) > maxHeaders {
		return fault.Newf(fault.Invalid, "ua: headers", "", "more than %d extra headers", maxHeaders)
	}
	for _, h := range hs {
		if h.Name == "" || !plain(h.Name, maxHeaderBytes) || !printable(h.Value, maxHeaderBytes) {
			return fault.Newf(fault.Invalid, "ua: headers", h.Name, "name or value is too long or holds control characters")
		}
		switch strings.ToLower(h.Name) {
		case "via", "v", "from", "f", "to", "t", "call-id", "i", "cseq", "contact", "m", "content-length", "l",
			"content-type", "c", "max-forwards", "route", "record-route", "authorization", "proxy-authorization":
			return fault.New(fault.Invalid, "ua: headers", h.Name, "this header belongs to the phone")
		}
	}
	return nil
}
