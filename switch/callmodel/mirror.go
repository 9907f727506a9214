package callmodel

import "time"

// A mirror shows the queues, members and callers of another program on a
// telephony server, which that program serves alone: they are seen next to ours
// and never commanded (docs/adr/0022-mirrored-queues.md).

// Limits of what is mirrored, of all servers together. What is beyond them is counted.
const (
	MaxMirrorQueues  = 2_000
	MaxMirrorMembers = 20_000
	MaxMirrorCalls   = 10_000
)

// MirrorQueue is a queue of another program. Immutable once it has left Step.
type MirrorQueue struct {
	ID   QueueID `json:"id"` // NAME@NODE
	Node NodeID  `json:"node"`
	Kind string  `json:"kind"` // whose it is, such as app_queue
	MirrorFigures
}

// MirrorFigures are what the other program tells of a queue.
type MirrorFigures struct {
	Name       string        `json:"name"`
	Strategy   string        `json:"strategy,omitempty"`    // in the other program's words
	MaxWaiting int           `json:"max_waiting,omitempty"` // 0: no limit
	Priority   int           `json:"priority,omitempty"`
	Answered   uint64        `json:"answered,omitempty"`  // calls that were talked to and are over
	Abandoned  uint64        `json:"abandoned,omitempty"` // callers that left without having talked
	Hold       time.Duration `json:"hold,omitempty"`      // mean wait of those who were answered
	Talk       time.Duration `json:"talk,omitempty"`      // mean
	Level      time.Duration `json:"level,omitempty"`     // service level
}

// MirrorPhone is what a member's phone does, for whomever.
type MirrorPhone string

// The states of a member's phone; empty is not known.
const (
	MirrorPhoneFree    MirrorPhone = "free"
	MirrorPhoneInUse   MirrorPhone = "in-use"
	MirrorPhoneRinging MirrorPhone = "ringing"
	MirrorPhoneOff     MirrorPhone = "off"
)

// MirrorMember is who serves a queue of another program. The same person in
// two queues is two members with one interface. Immutable once it has left Step.
type MirrorMember struct {
	Queue     QueueID     `json:"queue"`
	Node      NodeID      `json:"node"`
	Interface string      `json:"interface"` // in the other program's words
	Name      string      `json:"name,omitempty"`
	Endpoint  string      `json:"endpoint,omitempty"` // the phone, where it is one that our agents could have
	Penalty   int         `json:"penalty,omitempty"`
	Paused    bool        `json:"paused,omitempty"`
	Reason    string      `json:"reason,omitempty"` // of the pause
	Phone     MirrorPhone `json:"phone,omitempty"`
	InCall    bool        `json:"in_call,omitempty"`   // with a call of this queue
	Calls     uint64      `json:"calls,omitempty"`     // taken
	LastCall  int64       `json:"last_call,omitempty"` // when it ended, Unix seconds of the server's clock
	Source    string      `json:"source,omitempty"`    // static, dynamic or realtime
	RingInUse bool        `json:"ring_in_use,omitempty"`
}

// MirrorCall is a caller in a queue of another program. Immutable once it has left Step.
type MirrorCall struct {
	ID         CallID    `json:"id"`
	Number     int64     `json:"number"`
	Queue      QueueID   `json:"queue"`
	Node       NodeID    `json:"node"`
	Channel    ChannelID `json:"channel"`
	Caller     string    `json:"caller,omitempty"`
	CallerName string    `json:"caller_name,omitempty"`
	Phase      Phase     `json:"phase"`              // waiting, offered, talking, over
	Position   int       `json:"position,omitempty"` // from 1 while waiting or offered
	JoinedAt   Instant   `json:"joined_at"`          // when the wait began, also where that was before we looked
	TalkingAt  Instant   `json:"talking_at,omitempty"`
	OverAt     Instant   `json:"over_at,omitempty"`
	Rings      []string  `json:"rings,omitempty"`   // interfaces that ring for it
	Member     string    `json:"member,omitempty"`  // interface that talks, or has talked
	Outcome    Outcome   `json:"outcome,omitempty"` // once it is over
	Leaving    bool      `json:"leaving,omitempty"` // out of the queue, and it is not known yet where to
	SeenAt     Instant   `json:"seen_at"`           // last fact about it
}

// MirrorNode is how well the other program on a server is seen.
type MirrorNode struct {
	ID       NodeID  `json:"id"`
	Kind     string  `json:"kind"`
	Up       bool    `json:"up"`
	SyncedAt Instant `json:"synced_at"`
	DownAt   Instant `json:"down_at,omitempty"`
	Cause    string  `json:"cause,omitempty"`     // why it is not up
	Doubted  bool    `json:"doubted,omitempty"`   // not up for so long that it keeps no phone of ours busy
	Left     int     `json:"left_out,omitempty"`  // queues, members and callers beyond the limits
	LeftTold bool    `json:"left_told,omitempty"` // since when there are some there was an incident
}

// MirrorView is everything that is mirrored, in order. It is also its form in a snapshot.
type MirrorView struct {
	Nodes   []MirrorNode    `json:"nodes"`
	Queues  []*MirrorQueue  `json:"queues,omitempty"`  // by id
	Members []*MirrorMember `json:"members,omitempty"` // by queue and interface
	Calls   []*MirrorCall   `json:"calls,omitempty"`   // by number
}

// Facts about another program's queues. Queue is its name there.
type (
	// MirrorListing is everything that it has, taken at each connect and as a
	// drift check. What is missing in it is gone.
	MirrorListing struct {
		Node    NodeID             `json:"node"`
		Kind    string             `json:"kind"`
		AsOf    Instant            `json:"as_of"`
		Queues  []MirrorFigures    `json:"queues,omitempty"`
		Members []MirrorMemberFact `json:"members,omitempty"`
		Callers []MirrorCallerFact `json:"callers,omitempty"`
		Left    int                `json:"left,omitempty"` // queues, members and callers beyond the limits
		// Waiters: the listing tells only of callers that wait, because the account
		// may not see the others; who talks is not missing in it.
		Waiters bool `json:"waiters,omitempty"`
	}
	// MirrorDown: it is not seen any more. What was seen last stays on show.
	MirrorDown struct {
		Node  NodeID `json:"node"`
		Kind  string `json:"kind"`
		Cause string `json:"cause"`
	}
	// MirrorMemberSeen: a member was added or has changed.
	MirrorMemberSeen struct {
		Node NodeID `json:"node"`
		MirrorMemberFact
	}
	// MirrorMemberRemoved: a member has left a queue.
	MirrorMemberRemoved struct {
		Node      NodeID `json:"node"`
		Queue     string `json:"queue"`
		Interface string `json:"interface"`
	}
	// MirrorCallerJoined: a caller has begun to wait.
	MirrorCallerJoined struct {
		Node NodeID `json:"node"`
		MirrorCallerFact
	}
	// MirrorCallerMoved is what happens to a caller after that.
	MirrorCallerMoved struct {
		Node      NodeID     `json:"node"`
		Queue     string     `json:"queue"`
		Channel   ChannelID  `json:"channel"`
		What      MirrorMove `json:"what"`
		Interface string     `json:"interface,omitempty"` // of the member, where one is part of it
	}
)

// MirrorMove is what happens to a caller in another program's queue.
type MirrorMove string

// The moves, in the order in which they come.
const (
	MirrorRings     MirrorMove = "rings"     // a member's phone rings
	MirrorNoAnswer  MirrorMove = "no-answer" // it rings no more
	MirrorAbandoned MirrorMove = "abandoned" // the caller leaves without having talked: hung up, or out of time
	MirrorLeft      MirrorMove = "left"      // waits no more: talks, or is elsewhere
	MirrorTalks     MirrorMove = "talks"     // with a member
	MirrorOver      MirrorMove = "over"      // the talk with the member is over
)

// MirrorMemberFact is a member as the other program tells of it.
type MirrorMemberFact struct {
	Queue     string      `json:"queue"`
	Interface string      `json:"interface"`
	Name      string      `json:"name,omitempty"`
	Endpoint  string      `json:"endpoint,omitempty"`
	Penalty   int         `json:"penalty,omitempty"`
	Paused    bool        `json:"paused,omitempty"`
	Reason    string      `json:"reason,omitempty"`
	Phone     MirrorPhone `json:"phone,omitempty"`
	InCall    bool        `json:"in_call,omitempty"`
	Calls     uint64      `json:"calls,omitempty"`
	LastCall  int64       `json:"last_call,omitempty"`
	Source    string      `json:"source,omitempty"`
	RingInUse *bool       `json:"ring_in_use,omitempty"` // nil: not told
}

// MirrorCallerFact is a caller as the other program tells of it.
type MirrorCallerFact struct {
	Queue      string        `json:"queue"`
	Channel    ChannelID     `json:"channel"`
	Call       CallID        `json:"call"` // minted; used where the caller is new to us
	Caller     string        `json:"caller,omitempty"`
	CallerName string        `json:"caller_name,omitempty"`
	Position   int           `json:"position,omitempty"` // 0: does not wait, but talks, or it is not known
	Waited     time.Duration `json:"waited,omitempty"`
	Rings      []string      `json:"rings,omitzero"`   // nil: not told
	Member     string        `json:"member,omitempty"` // who talks
}

func (MirrorListing) Tag() string       { return "mirror-listing" }
func (MirrorDown) Tag() string          { return "mirror-down" }
func (MirrorMemberSeen) Tag() string    { return "mirror-member" }
func (MirrorMemberRemoved) Tag() string { return "mirror-member-removed" }
func (MirrorCallerJoined) Tag() string  { return "mirror-caller" }
func (MirrorCallerMoved) Tag() string   { return "mirror-caller-moved" }

// MirrorQueueID names a mirrored queue. No queue of ours has an @ in its id.
func MirrorQueueID(name string, node NodeID) QueueID { return QueueID(name + "@" + string(node)) }

// MirrorAgentID names who serves queues of another program at one interface.
func MirrorAgentID(iface string, node NodeID) AgentID { return AgentID(iface + "@" + string(node)) }

// State is what the member does, in the words of our agents. call is one that
// it has or that rings there, nil for none.
func (m *MirrorMember) State(call *MirrorCall) (st AgentState, reason string) {
	switch {
	case call != nil && call.Phase == PhaseTalking || m.InCall:
		return OnCall, ""
	case call != nil && call.Phase == PhaseOffered:
		return Reserved, ""
	case m.Phone == MirrorPhoneOff:
		return LoggedOut, ""
	case m.Paused:
		return NotReady, m.Reason
	case m.Phone == MirrorPhoneInUse || m.Phone == MirrorPhoneRinging:
		return NotReady, ReasonPhoneInUse
	}
	return Ready, ""
}

// ReasonPhoneInUse is why a mirrored member gets no calls: another call is at the phone.
const ReasonPhoneInUse = "phone-in-use"

// at reports whether a call occupies an interface.
func (c *MirrorCall) at(iface string) bool {
	switch c.Phase {
	case PhaseTalking:
		return c.Member == iface
	case PhaseOffered:
		for _, r := range c.Rings {
			if r == iface {
				return true
			}
		}
	default:
	}
	return false
}
