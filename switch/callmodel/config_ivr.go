package callmodel

import "time"

// IVRID names a menu.
type IVRID string

// NodeKind says what a menu's node does.
type NodeKind string

const (
	// NodePlay plays its prompts and goes on.
	NodePlay NodeKind = "play"
	// NodeMenu plays its prompts and goes on by the digits that the caller presses.
	NodeMenu NodeKind = "menu"
	// NodeInput plays its prompts and stores the digits that the caller enters.
	NodeInput NodeKind = "input"
	// NodeSet stores a constant.
	NodeSet NodeKind = "set"
	// NodeDecide asks an HTTP server where to go.
	NodeDecide NodeKind = "decide"
)

// IVRChoice is one way on from a menu.
type IVRChoice struct {
	Digits string `json:"digits"`
	Next   string `json:"next"`
}

// IVRNode is one step of a menu. Next and the like name a node of the same
// menu, or a destination as kind:value.
type IVRNode struct {
	ID          string        `json:"id"`
	Kind        NodeKind      `json:"kind"`
	Prompts     []string      `json:"prompts,omitempty"` // media, see [ValidMedia]
	Choices     []IVRChoice   `json:"choices,omitempty"`
	Key         string        `json:"key,omitempty"`         // NodeInput, NodeSet: name in the call's attached data, application "ivr"
	Value       string        `json:"value,omitempty"`       // NodeSet
	Min         int           `json:"min,omitempty"`         // NodeInput: digits, default 1
	Max         int           `json:"max,omitempty"`         // NodeInput: digits, default 20, at most 32
	Terminators string        `json:"terminators,omitempty"` // NodeInput: default "#"
	FirstDigit  time.Duration `json:"first_digit,omitempty"` // wait for the first digit after the prompt; default 5 s
	InterDigit  time.Duration `json:"inter_digit,omitempty"` // wait for the next; default 3 s
	NoBarge     bool          `json:"no_barge_in,omitempty"` // digits do not cut the prompt short
	Secret      bool          `json:"secret,omitempty"`      // NodeInput: only the number of digits is known outside the telephony link
	Tries       int           `json:"tries,omitempty"`       // default 3
	Invalid     []string      `json:"invalid,omitempty"`     // prompts after a wrong or missing entry
	Fail        string        `json:"fail,omitempty"`        // after the last try; empty: the call ends
	Decision    string        `json:"decision,omitempty"`    // NodeDecide: id of the decision
	Default     string        `json:"default,omitempty"`     // NodeDecide: where no answer comes
	Next        string        `json:"next,omitempty"`
}

// IVRConfig is a menu as configured.
type IVRConfig struct {
	ID      IVRID     `json:"id"`
	Number  int64     `json:"number"`
	Name    string    `json:"name,omitempty"`
	Address string    `json:"address,omitempty"` // the menu's own number, digits
	Start   string    `json:"start,omitempty"`   // node id; empty: the first
	Nodes   []IVRNode `json:"nodes"`
}

// DecisionConfig is an HTTP server that is asked where a call shall go.
type DecisionConfig struct {
	ID      string        `json:"id"`
	Number  int64         `json:"number"`
	URL     string        `json:"url"`               // http or https; gets a POST with JSON
	Timeout time.Duration `json:"timeout,omitempty"` // default 2 s, at most 10 s
}

// ParkingConfig are the parking places: numbers from First on.
type ParkingConfig struct {
	First   string        `json:"first,omitempty"`   // number of the first place; empty: no parking
	Places  int           `json:"places,omitempty"`  // default 20, at most 100
	Timeout time.Duration `json:"timeout,omitempty"` // then whoever parked the call is called; default 2 m
	Music   string        `json:"music,omitempty"`
}

// Defaults of what a menu may leave out, and its bounds.
const (
	DefaultFirstDigit      = 5 * time.Second
	DefaultInterDigit      = 3 * time.Second
	DefaultTries           = 3
	DefaultDecisionTimeout = 2 * time.Second
	DefaultParkTimeout     = 2 * time.Minute
	DefaultParkPlaces      = 20
	MaxInputDigits         = 32
	MaxIVRSteps            = 100 // a caller who has passed so many nodes is sent away: the menu goes in a circle
)

func (n *IVRNode) setDefaults() {
	setDefault(&n.FirstDigit, DefaultFirstDigit)
	setDefault(&n.InterDigit, DefaultInterDigit)
	setDefault(&n.Tries, DefaultTries)
	if n.Kind == NodeInput {
		setDefault(&n.Min, 1)
		setDefault(&n.Max, 20)
		if n.Terminators == "" {
			n.Terminators = "#"
		}
	}
}
