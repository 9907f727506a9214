package queues

import (
	"context"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"strowger/ari/ami"
	"strowger/switch/callmodel"
)

// Longest texts that are taken over; more is cut.
const (
	maxName  = 128
	maxIface = 256
)

// moves are the events about a caller that is in a queue already.
var moves = map[string]callmodel.MirrorMove{
	"AgentCalled": callmodel.MirrorRings, "AgentRingNoAnswer": callmodel.MirrorNoAnswer, "QueueCallerAbandon": callmodel.MirrorAbandoned,
	"QueueCallerLeave": callmodel.MirrorLeft, "AgentConnect": callmodel.MirrorTalks, "AgentComplete": callmodel.MirrorOver,
}

// event hands an event on as a fact. It reports false for one that lacks what
// it must have: part of it was lost, and what it was about is to be listed.
func (m *Mirror) event(ctx context.Context, msg ami.Message) bool {
	in, ours := m.fact(msg)
	if !ours {
		m.n.ignored.Add(1)
		return true
	}
	if in == nil {
		m.n.bad.Add(1)
		return false
	}
	m.n.events.Add(1)
	m.heard = true
	m.put(ctx, in)
	return true
}

// fact reads an event; nil where it lacks something. ours: it is about queues.
func (m *Mirror) fact(msg ami.Message) (in callmodel.Input, ours bool) {
	name := msg.Event()
	queue := text(msg.Get("Queue"), maxName)
	switch name {
	case "QueueCallerJoin":
		f := callmodel.MirrorCallerFact{
			Queue: queue, Channel: channel(msg), Call: callmodel.CallID{ID: m.feed.NewID()},
			Caller: party(msg.Get("CallerIDNum")), CallerName: party(msg.Get("CallerIDName")), Position: number(msg.Get("Position")),
		}
		if f.Queue == "" || f.Channel == "" || f.Position < 1 {
			return nil, true
		}
		return callmodel.MirrorCallerJoined{Node: m.opt.Node, MirrorCallerFact: f}, true
	case "QueueMemberStatus", "QueueMemberAdded", "QueueMemberPause", "QueueMemberPenalty", "QueueMemberRinginuse":
		f := member(msg, "Interface", "MemberName")
		if f.Queue == "" || f.Interface == "" || msg.Get("Status") == "" || msg.Get("Paused") == "" {
			return nil, true
		}
		return callmodel.MirrorMemberSeen{Node: m.opt.Node, MirrorMemberFact: f}, true
	case "QueueMemberRemoved":
		iface := text(msg.Get("Interface"), maxIface)
		if queue == "" || iface == "" {
			return nil, true
		}
		return callmodel.MirrorMemberRemoved{Node: m.opt.Node, Queue: queue, Interface: iface}, true
	}
	what, ours := moves[name]
	if !ours {
		return nil, false
	}
	f := callmodel.MirrorCallerMoved{Node: m.opt.Node, Queue: queue, Channel: channel(msg), What: what, Interface: text(msg.Get("Interface"), maxIface)}
	needs := strings.HasPrefix(name, "Agent")
	if f.Queue == "" || f.Channel == "" || needs && f.Interface == "" {
		return nil, true
	}
	return f, true
}

// channel is the id that the leg has in ARI, too.
func channel(msg ami.Message) callmodel.ChannelID {
	return callmodel.ChannelID(text(msg.Get("Uniqueid"), maxName))
}

// member reads a member of a listing or an event, which name two things differently.
func member(msg ami.Message, iface, name string) callmodel.MirrorMemberFact {
	f := callmodel.MirrorMemberFact{
		Queue: text(msg.Get("Queue"), maxName), Interface: text(msg.Get(iface), maxIface), Name: text(msg.Get(name), maxName),
		Penalty: number(msg.Get("Penalty")), Paused: msg.Get("Paused") == "1", Reason: text(msg.Get("PausedReason"), maxName),
		Phone: phoneState(msg.Get("Status")), InCall: msg.Get("InCall") == "1",
		Calls: uint64(number(msg.Get("CallsTaken"))), LastCall: int64(number(msg.Get("LastCall"))), Source: text(msg.Get("Membership"), 16),
	}
	if v := msg.Get("Ringinuse"); v != "" {
		on := v == "1"
		f.RingInUse = &on
	}
	f.Endpoint = endpoint(msg.Get("StateInterface"))
	if f.Endpoint == "" {
		f.Endpoint = endpoint(f.Interface)
	}
	if f.Name == f.Interface {
		f.Name = ""
	}
	return f
}

var endpointName = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,80}$`)

// endpoint is the PJSIP endpoint of an interface, empty where it is another: a
// Local channel may ring any phone.
func endpoint(iface string) string {
	name, is := strings.CutPrefix(iface, "PJSIP/")
	if !is || !endpointName.MatchString(name) {
		return ""
	}
	return name
}

// phoneState reads app_queue's number of a device state (AST_DEVICE_*).
func phoneState(status string) callmodel.MirrorPhone {
	switch status {
	case "1":
		return callmodel.MirrorPhoneFree
	case "2", "3", "7", "8": // in use, busy, ringing beside a call, on hold
		return callmodel.MirrorPhoneInUse
	case "6":
		return callmodel.MirrorPhoneRinging
	case "4", "5": // invalid, unavailable
		return callmodel.MirrorPhoneOff
	}
	return ""
}

// party is a number or name of a caller; AMI writes unknown ones in three ways.
func party(s string) string {
	switch s {
	case "<unknown>", "unknown", "(null)":
		return ""
	}
	return text(s, maxName)
}

// text takes a text over: printable, valid and not too long.
func text(s string, limit int) string {
	s = strings.ToValidUTF8(s, "")
	if strings.ContainsFunc(s, unicode.IsControl) {
		s = strings.Map(func(r rune) rune {
			if unicode.IsControl(r) {
				return -1
			}
			return r
		}, s)
	}
	if len(s) > limit {
		s = strings.ToValidUTF8(s[:limit], "")
	}
	return s
}

// number reads a number that is not negative; anything else is 0.
func number(s string) int {
	n, err := strconv.ParseInt(s, 10, 62)
	if err != nil || n < 0 {
		return 0
	}
	return int(n)
}

func wholeSeconds(s string) time.Duration {
	return time.Duration(min(number(s), maxSeconds)) * time.Second
}

// maxSeconds bounds a waiting time: ten years.
const maxSeconds = 10 * 366 * 86400
