package callmodel

import "time"

// ConnectFrom says from when on the time to find an agent is measured.
type ConnectFrom string

const (
	// FromAnswer: from the moment when the customer's leg is answered; the default.
	FromAnswer ConnectFrom = "answer"
	// FromGreeting: from the end of what the customer says first, where the
	// detector has heard it; else from the answer.
	FromGreeting ConnectFrom = "greeting"
)

// MachineDo says what becomes of an answering machine.
type MachineDo string

const (
	// MachineHangup: nothing is said to it; the default.
	MachineHangup MachineDo = "hangup"
	// MachineMessage: it is told the campaign's message after its beep.
	MachineMessage MachineDo = "message"
	// MachineAgent: an agent gets it as they get a person.
	MachineAgent MachineDo = "agent"
)

// Detectors of who has answered.
const (
	DetectorNone     = ""         // everybody who answers is a person
	DetectorAsterisk = "asterisk" // the telephony server's own
	DetectorAudio    = "audio"    // the controller's, which hears the customer
)

// What becomes of a call that an agent has been shown for long enough.
const (
	PreviewDial   = "dial"   // it is made; the default
	PreviewSkip   = "skip"   // later, by whoever gets it then
	PreviewReject = "reject" // never
)

// CampaignConfig is what a call of the dialer needs to know of its campaign.
// Whom it calls and how many at once is the dialer's.
type CampaignConfig struct {
	ID        string        `json:"id"`     // at most MaxCampaign bytes
	Number    int64         `json:"number"` // stable, never reused
	Queue     QueueID       `json:"queue"`  // of the agents who get the answered calls, and whose rules for numbers outside hold
	Connect   time.Duration `json:"connect,omitempty"`
	From      ConnectFrom   `json:"from,omitempty"`
	RingLeast time.Duration `json:"ring_least,omitempty"` // a phone that rings is not given up before
	Ring      time.Duration `json:"ring,omitempty"`       // and is given up after this
	Screen    ScreenConfig  `json:"screen,omitzero"`

	Dropped      []string      `json:"dropped,omitempty"` // media that a customer hears for whom no agent is there in time; none: the call ends
	Machine      MachineDo     `json:"machine,omitempty"`
	MachineMedia []string      `json:"machine_media,omitempty"` // told to a machine after its beep
	Message      []string      `json:"message,omitempty"`       // of a campaign without agents
	OptOut       string        `json:"opt_out,omitempty"`       // digit by which the customer wants no more calls; empty: none
	Preview      PreviewConfig `json:"preview,omitzero"`
	Priority     int           `json:"priority,omitempty"` // in the queue, on top of the queue's
}

// ScreenConfig says how a campaign tells people from machines.
type ScreenConfig struct {
	Detector string        `json:"detector,omitempty"`
	Limit    time.Duration `json:"limit,omitempty"`  // then it is a person, for all that is known
	Sample   int           `json:"sample,omitempty"` // percent of the calls of which the first seconds are kept, to be judged by a person
}

// PreviewConfig says how long an agent looks at a customer before the call.
type PreviewConfig struct {
	Timer time.Duration `json:"timer,omitempty"` // 0: as long as they like
	AtEnd string        `json:"at_end,omitempty"`
}

// Defaults of a campaign's settings that may be left out.
const (
	DefaultConnect     = 2 * time.Second
	DefaultRingLeast   = 15 * time.Second
	DefaultRing        = 22 * time.Second
	DefaultScreenLimit = 1200 * time.Millisecond
)

// Bounds of a campaign's settings.
const (
	MaxConnect     = 10 * time.Second
	MaxRing        = 2 * time.Minute
	MaxScreenLimit = 10 * time.Second
	MaxPreview     = time.Hour
	MaxCampaigns   = 1000
	MaxPrompts     = 16 // media of one message
)

func (c *CampaignConfig) setDefaults() {
	setDefault(&c.Connect, DefaultConnect)
	setDefault(&c.RingLeast, DefaultRingLeast)
	setDefault(&c.Ring, max(DefaultRing, c.RingLeast))
	if c.From == "" {
		c.From = FromAnswer
	}
	if c.Machine == "" {
		c.Machine = MachineHangup
	}
	if c.Screen.Detector != DetectorNone {
		setDefault(&c.Screen.Limit, DefaultScreenLimit)
	}
	if c.Preview.AtEnd == "" {
		c.Preview.AtEnd = PreviewDial
	}
}

// Campaign returns a campaign's configuration, or nil.
func (c *Config) Campaign(id string) *CampaignConfig { return c.campaigns[id] }
