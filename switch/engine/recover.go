package engine

import (
	"context"
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/port"
)

// recovery says what Start found.
type recovery struct {
	snapshot   uint64 // journal record that the snapshot includes, 0 for none
	records    int    // replayed after it
	mismatches int    // records whose output differed from the recorded one
	lastWall   time.Time
}

// resumeAt continues the time line: as much later as the calendar says, and
// never before the last record.
func (r recovery) resumeAt(now time.Time, s *callmodel.State) callmodel.Instant {
	last := s.Now()
	if last == 0 {
		return 1
	}
	gone := time.Duration(0)
	if w := r.left(s); !w.IsZero() {
		gone = max(0, now.Sub(w))
	}
	return last.Add(gone) + 1
}

// left is the calendar time of the last thing that is known; zero for nothing.
func (r recovery) left(s *callmodel.State) time.Time {
	if !r.lastWall.IsZero() {
		return r.lastWall
	}
	return s.WallTime(s.Now())
}

// recoverState rebuilds the state from the newest snapshot and the records
// after it. Effects of replayed records are not executed: the resync that
// follows redoes what is missing.
func (e *Engine) recoverState(ctx context.Context) (recovery, error) {
	var r recovery
	var err error
	e.state, r.snapshot, err = Replay(ctx, e.cfg.Journal, e.cfg.Router, func(rec Record, out callmodel.Output, _ []port.Stamped) {
		var hash uint64
		if hash, e.scratch = out.Hash(e.scratch); hash != rec.Hash {
			r.mismatches++
			e.stats.mismatches.Add(1)
			if r.mismatches == 1 {
				e.log.Warn("a journaled input now gives another result than when it was recorded; the resync will correct the state",
					"seq", rec.Seq, "input", rec.Input.Tag())
			}
		}
		e.seq, r.records, r.lastWall = rec.Seq, r.records+1, rec.Wall
	})
	if err != nil {
		return r, err
	}
	e.snapSeq = r.snapshot
	e.seq = max(e.seq, r.snapshot)
	e.stats.replayed.Add(uint64(r.records))
	return r, nil
}

// Replay steps the newest snapshot and the records after it through a State of
// its own and shows each record with its outcome. It returns the State that
// results and the record that the snapshot includes. It may run beside an
// engine that writes the journal, and then ends where the journal ends.
func Replay(ctx context.Context, j port.Journal, r callmodel.Router, see func(Record, callmodel.Output, []port.Stamped)) (*callmodel.State, uint64, error) {
	snapshot, data, err := j.LatestSnapshot()
	if err != nil {
		return nil, 0, err
	}
	state := callmodel.New(r)
	if data != nil {
		if state, err = callmodel.Restore(r, data); err != nil {
			return nil, 0, err
		}
	}
	err = j.Replay(snapshot, func(_ uint64, raw []byte) error {
		if err := ctx.Err(); err != nil {
			return fault.Wrap(fault.Stopped, "replay", "", err)
		}
		rec, err := DecodeRecord(raw)
		if err != nil {
			return err
		}
		out := state.Step(rec.Now, rec.Input)
		see(rec, out, stamp(state, rec.Now, out.Events))
		return nil
	})
	return state, snapshot, err
}

// stamp numbers the events of the input that state has just taken.
func stamp(state *callmodel.State, now callmodel.Instant, events []callmodel.Event) []port.Stamped {
	if len(events) == 0 {
		return nil
	}
	first, wall := state.EventCount()-uint64(len(events)), state.WallTime(now)
	out := make([]port.Stamped, len(events))
	for i := range events {
		out[i] = port.Stamped{Event: events[i], Seq: first + uint64(i) + 1, At: now, Wall: wall}
	}
	return out
}

// rebuild replaces a state that a panic may have left half changed. The input
// that caused it is not in the journal and is left out.
func (e *Engine) rebuild(in callmodel.Input, cause any, stack []byte) {
	e.stats.panics.Add(1)
	now := e.cfg.Clock.Now()
	body, _ := callmodel.EncodeInput(in) // what cannot be encoded is logged without its body
	e.log.Error("an input broke the model; the state is rebuilt from the journal without it",
		"input", in.Tag(), "body", string(body), "panic", cause, "seq", e.seq+1, "stack", string(stack))
	if !e.lastPanic.IsZero() && now.Sub(e.lastPanic) < time.Minute {
		e.fatal = fault.Newf(fault.Internal, "step", in.Tag(), "two inputs broke the model within a minute: %v", cause)
		return
	}
	e.lastPanic = now
	if err := e.flush(); err != nil {
		e.fatal = err
		return
	}
	seq := e.seq
	if _, err := e.recoverState(context.Background()); err != nil {
		e.fatal = err
		return
	}
	if e.seq != seq {
		e.fatal = fault.Newf(fault.Internal, "rebuild", "", "the journal ends at record %d, expected %d", e.seq, seq)
		return
	}
	e.timers = timerHeap{}
	for _, t := range e.state.Timers() {
		e.timers.set(t)
	}
	e.cfg.OnDoubt()
}
