// Package objects is the form in which people write the configuration objects
// - queues, agents, stations, skills, menus, numbers, hours and the rest -
// and what turns it into the [callmodel.Config] that the switch works with.
//
// The structs in file.go are the only source of the form: comments are the
// documentation, tags are defaults and bounds (package schema). A [Set] is
// the contents of one file, or of the store. [Parse] reads a file strictly,
// [Merge] lays it over what is in force and says what would change, checks
// that everything refers to something that exists and that no number has two
// meanings, and accepts nothing that the model, the numbering tables or the
// calendars would refuse. [Set.YAML] writes what Parse reads.
//
// The package opens no file and no database; who keeps the objects calls it.
// It owns no goroutine and keeps no state.
package objects
