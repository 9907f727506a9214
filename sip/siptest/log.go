package siptest

import (
	"context"
	"fmt"
	"strings"
	"time"

	"strowger/media/audiotest"
	"strowger/sip/ua"
)

// Entry is what the outside world knows of one INVITE that came to it, by its
// own clock. Times are zero for what did not happen.
type Entry struct {
	Arrival
	CallID   string
	At       time.Time // the INVITE came
	Answered time.Time // the 200 was sent
	Sound    time.Time // the first sound that came after the answer
	Heard    time.Time // the first of Script.Listen
	Ended    time.Time
	By       ua.By
	Code     int // final status: of the refusal, 200 of who has answered, 487 of who was cancelled

	sound, heard *audiotest.Onset
}

// Cancelled reports whether the caller has given up before an answer.
func (e *Entry) Cancelled() bool { return e.Code == statusCancelled && e.By == ua.Remote }

// statusCancelled is Request Terminated, the end of a call that was cancelled.
const statusCancelled = 487

// Log is what has come so far, in the order of the INVITEs, the first
// [MaxArrivals].
func (tr *Trunk) Log() []Entry {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	out := make([]Entry, len(tr.log))
	for i, e := range tr.log {
		out[i] = e.now()
	}
	return out
}

// now is the entry with what is heard by now; the caller holds the trunk's mu.
func (e *Entry) now() Entry {
	out := *e
	if e.sound != nil {
		out.Sound, out.Heard = e.sound.At(), e.heard.At()
	}
	return out
}

// Live is how many calls have come and not ended.
func (tr *Trunk) Live() (n int) {
	for _, e := range tr.Log() {
		if e.Ended.IsZero() {
			n++
		}
	}
	return n
}

// WaitQuiet waits until n INVITEs have come, or more, and every call is over.
func (tr *Trunk) WaitQuiet(ctx context.Context, n int) error {
	for {
		tr.mu.Lock()
		changed, done := tr.changed, len(tr.log) >= n
		for _, e := range tr.log {
			done = done && !e.Ended.IsZero()
		}
		came := len(tr.log)
		tr.mu.Unlock()
		if done {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("trunk: %d calls have come and %d are alive, want %d and none: %w", came, tr.Live(), n, ctx.Err())
		}
	}
}

// arrived begins an entry; the caller holds mu. A call that is refused is over.
func (tr *Trunk) arrived(a Arrival, code int) {
	e := &Entry{Arrival: a, At: time.Now()}
	if e.CallID = a.Header("Call-ID"); code != 0 {
		e.Ended, e.By, e.Code = e.At, ua.Local, code
	}
	tr.log = append(tr.log, e)
	tr.byID[e.CallID] = e
}

// note changes the entry of a call, if it has one.
func (tr *Trunk) note(c *ua.Call, change func(*Entry)) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	if e := tr.byID[strings.TrimSpace(c.ID())]; e != nil {
		change(e)
		tr.wake()
	}
}

// listen follows what comes after the answer.
func (tr *Trunk) listen(c *ua.Call, hz float64) {
	sound, err := c.Heard().MarkOnset(audiotest.AnySound)
	var heard *audiotest.Onset
	if err == nil {
		heard, err = c.Heard().MarkOnset(hz)
	}
	if err != nil {
		tr.t.Errorf("trunk: %v", err)
		return
	}
	tr.note(c, func(e *Entry) { e.sound, e.heard = sound, heard })
}

// closed ends the entry of a call that is over.
func (tr *Trunk) closed(c *ua.Call) {
	end := c.Snapshot().End
	tr.note(c, func(e *Entry) {
		e.Ended, e.By = end.At, end.By
		if e.Code = end.Code; e.Code == 0 && !e.Answered.IsZero() {
			e.Code = statusOK
		}
	})
}

const statusOK = 200
