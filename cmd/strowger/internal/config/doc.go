// Package config is the controller's configuration: one YAML file and
// STROWGER_SECTION__KEY environment variables, checked as a whole before
// anything starts.
//
// The structs in the files sections*.go are the only source. Their field comments are the
// documentation of the keys, their tags hold defaults, examples and bounds; the
// JSON Schema ([Schema]), the commented example ([Example]), the answers of
// `strowger config explain` ([Explain]) and the checks of [Load] are all
// generated from them, so that they cannot differ.
//
// The road of a load: file (at most [MaxFileSize]) -> YAML nodes with positions
// -> defaults, file, environment merged by koanf -> JSON Schema -> structs ->
// cross checks between keys -> secrets read from where they point to. Every
// step reports all it finds as [Problem] values with file, line, key, what is
// wrong, what to do, and the key's documentation.
//
// How files are read and explained is the part of package
// strowger/switch/objects/schema. Queues, agents and what else changes while
// the controller runs are configuration objects (package
// strowger/switch/objects): here is only the name of their file. The package
// reads neither flags nor the process environment: the caller passes both in.
// It owns no goroutine and keeps no state.
package config
