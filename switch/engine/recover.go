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
	if !r.lastWall.IsZero() {
		gone = max(0, now.Sub(r.lastWall))
	} else if w := s.WallTime(last); !w.IsZero() {
		gone = max(0, now.Sub(w))
	}
	return last.Add(gone) + 1
}

// recoverState rebuilds the state from the newest snapshot and the records
// after it. Effects of replayed records are not executed: the resync that
// follows redoes what is missing.
func (e *Engine) recoverState(ctx context.Context) (recovery, error) {
	var r recovery
	seq, data, err := e.cfg.Journal.LatestSnapshot()
	if err != nil {
		return r, err
	}
	e.state = callmodel.New(e.cfg.Router)
	if data != nil {
		if e.state, err = callmodel.Restore(e.cfg.Router, data); err != nil {
			return r, err
		}
	}
	r.snapshot, e.seq, e.snapSeq = seq, seq, seq
	err = e.cfg.Journal.Replay(seq, func(seq uint64, raw []byte) error {
		if err := ctx.Err(); err != nil {
			return fault.Wrap(fault.Stopped, "replay", "", err)
		}
		rec, err := DecodeRecord(raw)
		if err != nil {
			return err
		}
		out := e.state.Step(rec.Now, rec.Input)
		first := e.state.EventCount() - uint64(len(out.Events))
		for i := range out.Events {
			e.cfg.Replayed(port.Stamped{Event: out.Events[i], Seq: first + uint64(i) + 1, At: rec.Now, Wall: e.state.WallTime(rec.Now)})
		}
		var hash uint64
		if hash, e.scratch = out.Hash(e.scratch); hash != rec.Hash {
			r.mismatches++
			e.stats.mismatches.Add(1)
			if r.mismatches == 1 {
				e.log.Warn("a journaled input now gives another result than when it was recorded; the resync will correct the state",
					"seq", seq, "input", rec.Input.Tag())
			}
		}
		e.seq, r.records, r.lastWall = seq, r.records+1, rec.Wall
		return nil
	})
	if err != nil {
		return r, err
	}
	e.stats.replayed.Add(uint64(r.records))
	return r, nil
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
