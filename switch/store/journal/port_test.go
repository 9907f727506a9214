package journal_test

import (
	"strowger/switch/port"
	"strowger/switch/store/journal"
)

// The engine knows the journal by this interface only.
var _ port.Journal = (*journal.Journal)(nil)
