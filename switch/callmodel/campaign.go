package callmodel

import "time"

// DialMode says how a campaign's call brings customer and agent together.
type DialMode string

const (
	// DialPreview: an agent sees the customer first, and then has them called.
	DialPreview DialMode = "preview"
	// DialProgressive: the customer is called while an agent is free for them.
	DialProgressive DialMode = "progressive"
	// DialPredictive: the customer is called because an agent should be free by then.
	DialPredictive DialMode = "predictive"
	// DialMessage: no agent; who answers is told a message.
	DialMessage DialMode = "message"
)

// ScreenVerdict is what a detector takes whoever has answered for.
type ScreenVerdict string

// The verdicts.
const (
	VerdictHuman   ScreenVerdict = "human"
	VerdictMachine ScreenVerdict = "machine"
	VerdictUnsure  ScreenVerdict = "unsure"  // treated as a person
	VerdictFax     ScreenVerdict = "fax"     // a fax or modem
	VerdictSIT     ScreenVerdict = "sit"     // the network's tones: nobody has answered in truth
	VerdictSilence ScreenVerdict = "silence" // nothing was heard; treated as a person
	VerdictGone    ScreenVerdict = "gone"    // hung up before anything could be told
	// VerdictRings is none yet: the line was answered and rings on, or gives tones
	// that may be followed by others. It is listened on, and another verdict follows.
	VerdictRings ScreenVerdict = "rings"
)

// DialStage is how far a campaign's call is with its customer.
type DialStage string

// The stages.
const (
	StagePreview   DialStage = "preview"   // an agent is looked for, or looks at it; nobody is called yet
	StageRinging   DialStage = "ringing"   // the customer is being called
	StageScreening DialStage = "screening" // answered; a detector listens
	StageWaiting   DialStage = "waiting"   // answered; an agent is looked for, until the deadline
	StageConnected DialStage = "connected" // an agent has it
	StageBeep      DialStage = "beep"      // a machine: the end of its greeting is waited for
	StageMessage   DialStage = "message"   // a message is told to whoever answered
)

// DialState is what a campaign's call knows beside what every call knows. It is
// kept to the call's end, for the dialer and for the records.
type DialState struct {
	Stage     DialStage     `json:"stage"`
	Ring      time.Duration `json:"ring,omitempty"`       // the phone rings at most so long
	Trunks    []string      `json:"trunks,omitempty"`     // it may go out by one of these only; empty: any
	Deadline  Instant       `json:"deadline,omitempty"`   // connected until then or not at all; 0: no such time
	Verdict   ScreenVerdict `json:"verdict,omitempty"`    // empty: nobody was asked, or it has not come
	Why       string        `json:"why,omitempty"`        // of the verdict
	VerdictAt Instant       `json:"verdict_at,omitempty"` // when it came

	Took        time.Duration `json:"took,omitempty"`         // by the detector for the verdict
	GreetingEnd Instant       `json:"greeting_end,omitempty"` // when the person had said their hello; 0: not known
	Open        bool          `json:"open,omitempty"`         // it was heard that they had not, when the verdict came
	Kept        bool          `json:"kept,omitempty"`         // the first seconds are kept, to be judged by a person
	Beep        bool          `json:"beep,omitempty"`         // of a machine: it has been heard
	Rings       bool          `json:"rings,omitempty"`        // the answer was none, as far as could be heard: nobody's time runs
	Away        bool          `json:"away,omitempty"`         // the leg is with the detector, by our order, and comes back
	Cancel      bool          `json:"cancel,omitempty"`       // the dialer does not want it any more: hung up when it has rung long enough
	CutShort    bool          `json:"cut_short,omitempty"`    // given up before it had rung for as long as it must
	Own         bool          `json:"own,omitempty"`          // it was our own time that ended the ringing
	Doubt       bool          `json:"doubt,omitempty"`        // nobody knows whether the order to call was carried out
	Told        Instant       `json:"told,omitempty"`         // when the message began
	Heard       bool          `json:"heard,omitempty"`        // it was told to its end
	Play        PlayID        `json:"play,omitempty"`         // the message, while it is being told
	Collect     uint32        `json:"collect,omitempty"`      // collection of the digit by which they want no more calls
}

// CallbackAt is a customer's wish to be called again, as an agent has taken it.
type CallbackAt struct {
	At     time.Time `json:"at"`               // an instant: worked out from the customer's own time when it was agreed
	Mine   bool      `json:"mine,omitempty"`   // by this agent; else by anybody
	Number string    `json:"number,omitempty"` // full number; empty: the same
}

type (
	// Dial calls a customer of a campaign. Its id is the id of the attempt: the
	// dialer mints it, and a second Dial with it, or one for a customer or a
	// number that is being called, is refused.
	Dial struct {
		Cmd
		Call     CallID        `json:"call"` // minted by the dialer
		Campaign string        `json:"campaign"`
		List     string        `json:"list,omitempty"`
		Lead     string        `json:"lead"` // entry of the list
		Mode     DialMode      `json:"mode"`
		Number   string        `json:"number"`              // full number, E.164
		CallerID string        `json:"caller_id,omitempty"` // number to show; empty: the queue's or the trunk's
		Trunks   []string      `json:"trunks,omitempty"`    // ids of the trunks that it may go out by; empty: any
		Agent    AgentID       `json:"agent,omitempty"`     // preview: nobody else gets it
		Priority int           `json:"priority,omitempty"`  // in the queue, on top of the campaign's
		Name     string        `json:"name,omitempty"`      // of the customer, shown to the agent
		Ring     time.Duration `json:"ring,omitempty"`      // 0: as the campaign says

		Attached []AttachedData `json:"attached,omitempty"`
	}
	// CancelDial gives up a campaign's call that nobody has answered: when it has
	// rung for as long as the campaign says that it must, or with Now at once.
	// One that is answered before goes on.
	CancelDial struct {
		Cmd
		Call CallID `json:"call"`
		Now  bool   `json:"now,omitempty"`
	}
	// Screened: what a detector takes whoever has answered for. The leg comes
	// back by itself (ChannelUp).
	Screened struct {
		Channel  ChannelID     `json:"channel"`
		Verdict  ScreenVerdict `json:"verdict"`
		Why      string        `json:"why,omitempty"`
		Took     time.Duration `json:"took,omitempty"`     // since the answer
		Greeting time.Duration `json:"greeting,omitempty"` // so long ago they had said their hello; 0: not known
		Open     bool          `json:"open,omitempty"`     // it was heard all the time that they had not said it to its end yet
		Beep     bool          `json:"beep,omitempty"`     // of an order with Beep: the machine records now
	}
	// Screen lets a detector hear who has answered; [Screened] is its answer. The
	// leg leaves our application for it and comes back.
	Screen struct {
		EffectHead
		Channel  ChannelID
		Detector string
		Limit    time.Duration // for the verdict, or with Beep for the beep
		Beep     bool          // it is a machine: tell when it records
		Keep     bool          // keep the first seconds of what is heard
	}
)

// What implements Effect.
func (Screen) What() string { return "screen" }

func (Dial) Tag() string       { return "dial" }
func (CancelDial) Tag() string { return "cancel-dial" }
func (Screened) Tag() string   { return "screened" }

// Bounds of what names a customer of a campaign.
const (
	MaxLead   = 64
	MaxTrunks = 64
)
