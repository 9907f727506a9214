package callmodel

import (
	"slices"
	"strconv"
	"time"
)

// SuperviseMode says who hears a supervisor.
type SuperviseMode string

const (
	// Listen: nobody. The supervisor hears what the agent hears and says.
	Listen SuperviseMode = "listen"
	// Whisper: the agent alone.
	Whisper SuperviseMode = "whisper"
	// Barge: everybody who talks with the agent.
	Barge SuperviseMode = "barge"
	// TakingOver: nobody yet; the supervisor takes the agent's place as soon as
	// their phone is answered.
	TakingOver SuperviseMode = "take-over"
)

// Known reports whether it is a mode that a supervision can be in for long.
func (m SuperviseMode) Known() bool { return m == Listen || m == Whisper || m == Barge }

// MaxSupervisors is how many supervisors can be with one agent.
const MaxSupervisors = 4

// Supervision is a supervisor who is with an agent. It is no connection: it
// never counts as a party of the call. It follows the agent's line, through
// hold, consultation, alternating and conference, and ends when no
// conversation is left on that line. Immutable once it has left Step.
type Supervision struct {
	ID         ConnID        `json:"id"`
	Number     int64         `json:"number"` // as those of connections
	Node       NodeID        `json:"node"`
	Supervisor AgentID       `json:"supervisor"`
	Agent      AgentID       `json:"agent"` // who is supervised
	Call       CallID        `json:"call"`  // in which the agent's phone is now
	Conn       ConnID        `json:"conn"`  // the agent's connection in it
	Mode       SuperviseMode `json:"mode"`
	By         string        `json:"by,omitempty"`
	Station    Station       `json:"station"`
	Channel    ChannelID     `json:"channel"` // of the supervisor's phone
	Leg        LegState      `json:"leg"`
	Via        NodeID        `json:"via,omitempty"`      // server that the leg goes through to the phone, where it is not the call's
	Borrowed   bool          `json:"borrowed,omitempty"` // the leg is the standing one of a nailed station
	In         BridgeID      `json:"in,omitempty"`       // bridge of ours that the leg is in
	To         BridgeID      `json:"to,omitempty"`       // ordered into, not seen there yet
	Bridge     BridgeID      `json:"bridge,omitempty"`   // where the leg and the tap meet
	Bridges    uint32        `json:"bridges,omitempty"`
	BridgeUp   bool          `json:"bridge_up,omitempty"` // asked for or seen
	Tap        TapState      `json:"tap,omitzero"`
	Pause      bool          `json:"pause,omitempty"` // the next tap waits for the end of the one before
	Taps       uint32        `json:"taps,omitempty"`  // asked for so far
	Tries      int           `json:"tries,omitempty"` // orders that failed one after the other
	StartedAt  Instant       `json:"started_at"`
	HeardAt    Instant       `json:"heard_at,omitempty"` // the supervisor was with the agent for the first time
	Over       bool          `json:"over,omitempty"`     // only the leg's end is waited for
	AskedAt    Instant       `json:"asked_at,omitempty"`
	SeenAt     Instant       `json:"seen_at,omitempty"`
	OrderedAt  Instant       `json:"ordered_at,omitempty"`
	Plays      uint32        `json:"plays,omitempty"`
	Silence    PlayID        `json:"silence,omitempty"`    // played to an agent who is alone, see keepAwake
	SilenceIn  BridgeID      `json:"silence_in,omitempty"` // where it plays, or could not be played
	gen        uint64
}

// TapState is what is known of the leg that carries what an agent hears and
// says to a supervisor.
type TapState struct {
	Channel ChannelID `json:"channel,omitempty"`
	Of      ChannelID `json:"of,omitempty"`
	Whisper bool      `json:"whisper,omitempty"` // the agent hears what is said in the tap's bridge
	Leg     LegState  `json:"leg,omitempty"`
	In      BridgeID  `json:"in,omitempty"`
	Asked   bool      `json:"asked,omitempty"` // asked into the bridge, not seen there yet
	SeenAt  Instant   `json:"seen_at,omitempty"`
	At      BridgeID  `json:"at,omitempty"` // where the leg was when it was made
}

func tapOf(v ConnID, n uint32) ChannelID {
	return ChannelID(OwnPrefix + "t-" + v.String() + "-" + strconv.FormatUint(uint64(n), 10))
}

// Commands of supervisors. Who may give them is the adapter's business; that
// the supervisor's agent has the capability director is the model's.
type (
	// Supervise calls the supervisor's phone and lets them be with an agent who talks.
	Supervise struct {
		Cmd
		Conn       ConnID        `json:"conn"`       // the agent's connection
		Supervisor AgentID       `json:"supervisor"` // at whose phone
		Mode       SuperviseMode `json:"mode"`
	}
	// SetSupervision changes who hears the supervisor.
	SetSupervision struct {
		Cmd
		Supervisor AgentID       `json:"supervisor"`
		Mode       SuperviseMode `json:"mode"`
	}
	// EndSupervision ends a supervision; the call goes on.
	EndSupervision struct {
		Cmd
		Supervisor AgentID `json:"supervisor"`
	}
	// TakeOver puts the supervisor in the agent's place. Without a supervision
	// the supervisor's phone is called first, and Conn says whose place.
	TakeOver struct {
		Cmd
		Supervisor AgentID `json:"supervisor"`
		Conn       ConnID  `json:"conn,omitzero"`
	}
)

// Tag implements Input for each command.
func (Supervise) Tag() string      { return "supervise" }
func (SetSupervision) Tag() string { return "set-supervision" }
func (EndSupervision) Tag() string { return "end-supervision" }
func (TakeOver) Tag() string       { return "take-over" }

// Tap makes a leg that hears what another one hears and says. With Whisper,
// that other one, and nobody else, hears what is said in the bridge that the
// new leg is put into. It ends with the other one.
type Tap struct {
	EffectHead
	Channel ChannelID
	Of      ChannelID
	Whisper bool
}

// What implements Effect.
func (Tap) What() string { return "tap" }

// SuperviseConfig is what a queue has to say about supervision.
type SuperviseConfig struct {
	Beep  string        `json:"beep,omitempty"`  // sound for all who talk when somebody begins to listen; empty: silent
	Every time.Duration `json:"every,omitempty"` // again after this; 0: once
}

// supervisionsInOrder lists the supervisions, the oldest first.
func (s *State) supervisionsInOrder() []*Supervision {
	out := make([]*Supervision, 0, len(s.supervisions))
	for _, v := range s.supervisions {
		out = append(out, v)
	}
	slices.SortFunc(out, func(a, b *Supervision) int { return int(a.Number - b.Number) })
	return out
}

func (s *State) editSupervision(id ConnID) *Supervision {
	v := s.supervisions[id]
	if v.gen != s.gen {
		n := *v
		n.gen = s.gen
		v = &n
		s.supervisions[id] = v
	}
	return v
}

// superviseHead starts an order for a supervision. It names no call, so that
// its outcome concerns none; it is carried out in order with the call's own.
func (s *State) superviseHead(id ConnID) EffectHead {
	s.counters.Effect++
	v := s.editSupervision(id)
	v.OrderedAt = s.now
	h := EffectHead{ID: s.counters.Effect, Node: v.Node, Conn: id, Lane: v.Call}
	if c := s.calls[v.Call]; c != nil {
		h.Lane = c.lane()
	}
	return h
}

func (s *State) emitSupervision(k EventKind, id ConnID, reason, by string) {
	v := s.supervisions[id]
	s.emit(Event{Kind: k, Supervision: v, Node: v.Node, Reason: reason, By: by})
}

func (s *State) restoreSupervisions(list []*Supervision) {
	for _, v := range list {
		s.supervisions[v.ID] = v
		if v.Leg.alive() && v.Channel != "" {
			s.legs[v.Channel] = legRef{supervision: v.ID}
		}
		if v.Tap.alive() {
			s.legs[v.Tap.Channel] = legRef{supervision: v.ID}
		}
	}
}

// alive reports whether there is a tap, or may be.
func (t TapState) alive() bool { return t.Channel != "" }
