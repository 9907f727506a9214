package objects

import "time"

// recordObject is `recording` of a queue or an agent.
type recordObject struct {
	// When conversations are recorded. on-demand: when the agent or a supervisor asks for it; always: from the first answer to the end of the call. Of the rules of the queue and of the agents who talk the strongest counts.
	Mode string `yaml:"mode" default:"off" jsonschema:"enum=off,enum=on-demand,enum=always"`
	// mono: both sides in one channel; stereo: the customer left, all others right.
	Channels string `yaml:"channels" default:"mono" jsonschema:"enum=mono,enum=stereo"`
	// Of the calls that always applies to, so many are recorded; of the others as on-demand. 0 = all.
	Percent int `yaml:"percent" default:"0" jsonschema:"minimum=0,maximum=100"`
	// A pause of the recording ends by itself after this time. 0 = 5 minutes.
	PauseMax time.Duration `yaml:"pause_max" default:"0s" min:"0s" max:"1h"`
	// How long the files are kept. 0 = as long as recording.keep of the controller says.
	Keep time.Duration `yaml:"keep" default:"0s" min:"0s" max:"3650d"`
}
