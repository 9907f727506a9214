package config

import "time"

// The comments in this file are shown to operators, as those in sections.go.

// Dialer is the section `dialer`.
type Dialer struct {
	// Address at which Asterisk delivers the sound of answered calls to the detector audio, host:port. Port 0: any free one, which is enough where Asterisk runs on the same machine. Empty: nobody is heard here, and campaigns use the detector asterisk or none.
	EarsListen string `yaml:"ears_listen" default:"127.0.0.1:0"`
	// The same address as the Asterisk servers reach it, host:port of at most 37 characters. Empty: as in ears_listen.
	EarsAddress string `yaml:"ears_address" example:"switch.example.com:9092"`
	// Folder of the first seconds of calls that were taken for machines, which campaigns keep as samples (screen.sample) for people to judge. Nobody but the controller needs access to it.
	SamplesDir string `yaml:"samples_dir" default:"var/samples" jsonschema:"minLength=1"`
	// How long samples are kept, and what people have said of them. 0 = for ever, up to 20,000.
	SamplesKeep time.Duration `yaml:"samples_keep" default:"90d" min:"0s" max:"3650d"`
	// Folder of files of leads while they are read into lists. A file goes when it was read; one whose import was stopped stays until that goes on or 30 days are over.
	ImportDir string `yaml:"import_dir" default:"var/imports" jsonschema:"minLength=1"`
	// Folder of the record of decisions: why campaigns have dialled how many calls, a file for each campaign and day, which `strowger dialer replay` reads. No number and no name is in it.
	LogDir string `yaml:"log_dir" default:"var/dialer" jsonschema:"minLength=1"`
	// How long it is kept.
	LogKeep time.Duration `yaml:"log_keep" default:"30d" min:"1d" max:"3650d"`
}
