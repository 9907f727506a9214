package objects

import "time"

// decisionObject is one entry of the list `decisions`.
type decisionObject struct {
	// Short name of the decision, to which menus refer.
	ID string `yaml:"id" example:"crm-lookup" jsonschema:"required,pattern=^[A-Za-z0-9][A-Za-z0-9._-]{0\\,39}$" why:"letters, digits, dot, _ and -, at most 40, beginning with a letter or digit"`
	// Address that gets a POST with JSON.
	URL string `yaml:"url" example:"http://127.0.0.1:9000/route" jsonschema:"required,maxLength=500"`
	// How long the answer may take.
	Timeout time.Duration `yaml:"timeout" default:"2s" min:"100ms" max:"10s"`
}

// ivrObject is one entry of the list `ivrs`.
type ivrObject struct {
	// Short name of the menu, for destinations such as ivr:main.
	ID string `yaml:"id" example:"main" jsonschema:"required,pattern=^[A-Za-z0-9][A-Za-z0-9._-]{0\\,39}$" why:"letters, digits, dot, _ and -, at most 40, beginning with a letter or digit"`
	// Name that people read.
	Name string `yaml:"name" example:"Main menu" jsonschema:"maxLength=80"`
	// The menu's own number. Empty: it is reached by destinations and dnis entries only.
	Number string `yaml:"number" example:"650" jsonschema:"pattern=^[0-9]{0\\,15}$" why:"digits only, at most 15"`
	// The id of the node to begin with. Empty: the first.
	Start string `yaml:"start" example:"welcome" jsonschema:"maxLength=40"`
	// The steps of the menu.
	Nodes []nodeObject `yaml:"nodes" jsonschema:"required,minItems=1,maxItems=200"`
}

// nodeObject is one entry of `nodes` of a menu.
type nodeObject struct {
	// Name of the step within the menu.
	ID string `yaml:"id" example:"welcome" jsonschema:"required,pattern=^[A-Za-z0-9][A-Za-z0-9._-]{0\\,39}$" why:"letters, digits, dot, _ and -, at most 40, beginning with a letter or digit"`
	// What it does. play: prompts; menu: goes on by digits; input: stores digits; set: stores a constant; decide: asks an HTTP server.
	Kind string `yaml:"kind" example:"menu" jsonschema:"required,enum=play,enum=menu,enum=input,enum=set,enum=decide"`
	// Sounds: sound:NAME, tone:NAME, digits:123, number:5, characters:abc.
	Prompts []string `yaml:"prompts" example:"sound:welcome" jsonschema:"maxItems=20,maxLength=160"`
	// Only for menu: the ways on.
	Choices []choiceObject `yaml:"choices" jsonschema:"maxItems=50"`
	// Only for input and set: name in the call's attached data.
	Key string `yaml:"key" example:"customer" jsonschema:"pattern=^([A-Za-z_][A-Za-z0-9_.-]{0\\,39})?$" why:"letters, digits, dot, _ and -, at most 40, beginning with a letter"`
	// Only for set: what is stored.
	Value string `yaml:"value" example:"gold" jsonschema:"maxLength=200"`
	// Only for input: fewest digits.
	Min int `yaml:"min" default:"1" jsonschema:"minimum=1,maximum=32"`
	// Only for input: most digits.
	Max int `yaml:"max" default:"20" jsonschema:"minimum=1,maximum=32"`
	// Only for input: keys that end the entry.
	Terminators string `yaml:"terminators" default:"#" jsonschema:"pattern=^[0-9*#]{1\\,12}$" why:"digits, * and #"`
	// Wait for the first digit after the prompt.
	FirstDigit time.Duration `yaml:"first_digit" default:"5s" min:"500ms" max:"1m"`
	// Wait for the next digit.
	InterDigit time.Duration `yaml:"inter_digit" default:"3s" min:"500ms" max:"1m"`
	// Whether the prompt is played to its end whatever is pressed.
	NoBargeIn bool `yaml:"no_barge_in" default:"false"`
	// Only for input: the digits are a PIN or a card; nothing but their number is ever seen, logged or kept.
	Secret bool `yaml:"secret" default:"false"`
	// How often the caller may try.
	Tries int `yaml:"tries" default:"3" jsonschema:"minimum=1,maximum=10"`
	// Sounds after a wrong or missing entry.
	Invalid []string `yaml:"invalid" example:"sound:invalid" jsonschema:"maxItems=20,maxLength=160"`
	// Node or destination after the last try. Empty: the call ends.
	Fail string `yaml:"fail" example:"queue:support" jsonschema:"maxLength=160"`
	// Only for decide: the id of the decision.
	Decision string `yaml:"decision" example:"crm-lookup" jsonschema:"maxLength=40"`
	// Only for decide: node or destination when no answer comes.
	Default string `yaml:"default" example:"queue:support" jsonschema:"maxLength=160"`
	// Node or destination to go on to. Empty: the call ends.
	Next string `yaml:"next" example:"queue:support" jsonschema:"maxLength=160"`
}

// choiceObject is one entry of `choices` of a node.
type choiceObject struct {
	// What is pressed.
	Digits string `yaml:"digits" example:"1" jsonschema:"required,pattern=^[0-9*#]{1\\,10}$" why:"digits, * and #, at most 10"`
	// Node or destination to go on to.
	Next string `yaml:"next" example:"queue:support" jsonschema:"required,maxLength=160"`
}

// dnisSettingsObject is the section `dnis_settings`.
type dnisSettingsObject struct {
	// Where the dialled number is looked for, in this order. Empty: all, in the order name, diversion, history-info, p-called-party-id, to, channel.
	Sources []string `yaml:"sources" example:"name,to,channel" jsonschema:"maxItems=6,pattern=^(name|diversion|history-info|p-called-party-id|to|channel)$" why:"name, diversion, history-info, p-called-party-id, to or channel"`
	// Regular expression (RE2) that finds the queue's name in the caller name, in its only pair of parentheses. Empty: D:(.+?): is used.
	NamePattern string `yaml:"name_pattern" example:"D:(.+?):" jsonschema:"maxLength=128"`
}

// dnisObject is one entry of the list `dnis`.
type dnisObject struct {
	// Short name of the entry.
	ID string `yaml:"id" example:"hotline" jsonschema:"required,pattern=^[A-Za-z0-9][A-Za-z0-9._-]{0\\,39}$" why:"letters, digits, dot, _ and -, at most 40, beginning with a letter or digit"`
	// Numbers and patterns: +49301234, 4930123XX, 4930*.
	Dialled []string `yaml:"dialled" example:"+49301000700" jsonschema:"maxItems=1000,maxLength=40"`
	// Names of an existing PBX queue, as it writes them into the caller name.
	Names []string `yaml:"names" example:"HOTLINE" jsonschema:"maxItems=1000,maxLength=200"`
	// Where such calls go: queue:support, ivr:main and so on.
	To string `yaml:"to" example:"ivr:main" jsonschema:"required,maxLength=160"`
	// What the agent's screen shows.
	Label string `yaml:"label" example:"Hotline" jsonschema:"maxLength=80"`
	// Colour of the label.
	Colour string `yaml:"colour" example:"#1e90ff" jsonschema:"pattern=^(#[0-9A-Fa-f]{6})?$" why:"# and six hexadecimal digits, in quotes"`
	// Script that the agent's screen shows, a text or an address.
	Script string `yaml:"script" example:"https://intranet.example.com/hotline" jsonschema:"maxLength=500"`
	// What the CRM is told.
	CRM string `yaml:"crm" example:"HOTLINE" jsonschema:"maxLength=500"`
}

// parkingObject is the section `parking`.
type parkingObject struct {
	// Number of the first place; the others follow. Empty: no parking.
	First string `yaml:"first" example:"800" jsonschema:"pattern=^[0-9]{0\\,8}$" why:"digits only, at most 8"`
	// How many places.
	Places int `yaml:"places" default:"20" jsonschema:"minimum=1,maximum=100"`
	// Then whoever parked the call is called.
	Timeout time.Duration `yaml:"timeout" default:"2m" min:"5s" max:"1h"`
	// Music class that parked parties hear. Empty: default.
	Music string `yaml:"music" example:"default" jsonschema:"pattern=^[A-Za-z0-9_-]{0\\,40}$" why:"letters, digits, _ and -, at most 40"`
}
