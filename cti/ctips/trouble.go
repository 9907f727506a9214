package ctips

import (
	"errors"
	"strings"
	"sync"
	"time"

	"strowger/switch/fault"
)

// Trouble is the last thing that has gone wrong. It names no user.
type Trouble struct {
	At   time.Time // zero: nothing has
	Text string
}

// maxTrouble bounds a text that may hold what others have sent.
const maxTrouble = 300

// troubles remember the last one. Their zero value is ready.
type troubles struct {
	mu   sync.Mutex
	last Trouble
}

// note takes what has gone wrong; err may be nil.
func (t *troubles) note(text string, err error) {
	if err != nil {
		text += ": " + fault.ReasonOf(err)
		cause := deepest(err)
		if _, ours := cause.(*fault.Error); !ours && !strings.Contains(text, cause.Error()) { //nolint:errorlint // it has nothing inside
			text += ": " + cause.Error()
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last = Trouble{time.Now(), cut(text, maxTrouble)}
}

// deepest is where an error comes from.
func deepest(err error) error {
	for next := err; next != nil; next = errors.Unwrap(next) {
		err = next
	}
	return err
}

func (t *troubles) get() Trouble {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.last
}
