package controller

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/port"
	"strowger/switch/store"
)

// shard is the name under which the records' position is kept; there is one.
const shard = "main"

// recorder turns ended calls into rows. The journal is the truth: what the
// database has not got when the process ends is replayed at the next start,
// because snapshots wait for the rows (see engine.Config.BeforeSnapshot).
type recorder struct {
	writer *store.Writer
	replay func(ctx context.Context, see func(port.Stamped)) error // every event since the last snapshot
	log    *slog.Logger

	mu        sync.Mutex // guards what follows
	incidents []port.Stamped
	cancel    context.CancelFunc
	done      chan struct{}
}

const incidentsKept = 100

// recordPause is how often the recorder looks for events, and rowDelay how
// long a row waits for company in one transaction.
const (
	recordPause = 50 * time.Millisecond
	rowDelay    = 500 * time.Millisecond
)

// start follows the engine from here on. What ended before, in the records
// since the last snapshot or in the first moment of this start, is taken from
// the journal in the background: calls need not wait for it.
func (r *recorder) start(ctx context.Context, sw port.Switch) error {
	view, sub, err := sw.Watch(ctx, "records")
	if err != nil {
		return err
	}
	run, cancel := context.WithCancel(context.WithoutCancel(ctx))
	r.cancel, r.done = cancel, make(chan struct{})
	go func() {
		defer close(r.done)
		err := r.fill(run, view)
		if err == nil {
			err = r.follow(run, sw, sub)
		} else {
			sub.Close()
		}
		if err != nil && !fault.Is(err, fault.Stopped) {
			r.log.Error("call records are not written any more; they come back with the next restart", "error", err)
		}
	}()
	return nil
}

func (r *recorder) stop() {
	if r.cancel != nil {
		r.cancel()
		<-r.done
	}
}

func (r *recorder) follow(ctx context.Context, sw port.Switch, sub port.Subscription) error {
	defer func() { sub.Close() }()
	pause := time.NewTicker(recordPause)
	defer pause.Stop()
	for {
		batch, err := sub.Next(ctx)
		switch fault.KindOf(err) {
		case 0:
			r.take(ctx, batch)
			select { // rows are in no hurry: fewer, larger batches cost less
			case <-pause.C:
			case <-ctx.Done():
			}
		case fault.Overrun:
			r.log.Warn("call records fell behind; the missing rows are taken from the journal", "error", err)
			view, again, err := sw.Watch(ctx, "records")
			if err != nil {
				return err
			}
			sub.Close()
			sub = again
			if err := r.fill(ctx, view); err != nil {
				return err
			}
		default:
			return err
		}
	}
}

// fill writes the rows of all events up to a view that are not written yet,
// from the journal.
func (r *recorder) fill(ctx context.Context, view *callmodel.View) error {
	var missed []store.Call
	err := r.replay(ctx, func(e port.Stamped) {
		if e.Kind == callmodel.EvCallEnded && e.Seq > r.writer.ProjectedSeq() && e.Seq <= view.Events {
			missed = append(missed, callRow(e))
		}
	})
	for i := 0; i < len(missed) && err == nil; i++ {
		err = r.writer.Save(ctx, missed[i])
	}
	if err == nil {
		err = r.writer.Advance(ctx, view.Events)
	}
	return err
}

func (r *recorder) take(ctx context.Context, batch []port.Stamped) {
	for _, e := range batch {
		switch e.Kind {
		case callmodel.EvCallEnded:
			if err := r.writer.Save(ctx, callRow(e)); err != nil {
				r.log.Warn("a call record waits for the next restart", "call", e.Call.ID.String(), "seq", e.Seq, "error", err)
				return
			}
			r.log.Info("call ended", "call", e.Call.ID.String(), "number", e.Call.Number, "seq", e.Seq, "queue", string(e.Call.Queue), "outcome", string(e.Call.Outcome))
		case callmodel.EvIncident, callmodel.EvNodeDown:
			r.keep(e)
		case callmodel.EvAgentChanged:
			level := slog.LevelDebug // what calls do to an agent is in the call's own line
			if e.Agent.State == callmodel.NotReady || e.Agent.State == callmodel.LoggedOut {
				level = slog.LevelInfo
			}
			r.log.Log(ctx, level, "agent", "agent", string(e.Agent.ID), "state", e.Agent.State.String(), "reason", e.Agent.Reason, "seq", e.Seq)
		case callmodel.EvCallStarted, callmodel.EvQueued, callmodel.EvDelivered, callmodel.EvEstablished, callmodel.EvHeld,
			callmodel.EvRetrieved, callmodel.EvCleared, callmodel.EvWrapUpEnded, callmodel.EvDataChanged, callmodel.EvNodeUp, callmodel.EvConfigChanged,
			callmodel.EvOriginated, callmodel.EvFailed, callmodel.EvDiverted, callmodel.EvTransferred, callmodel.EvConferenced, callmodel.EvPartyChanged,
			callmodel.EvParked, callmodel.EvMenu, callmodel.EvRouteRequest, callmodel.EvRouteEnded, callmodel.EvCallbackChanged, callmodel.EvQueueChanged,
			callmodel.EvDisposition, callmodel.EvPlayEnded, callmodel.EvPhoneChanged:
			r.log.Debug("event", "event", e.String(), "seq", e.Seq)
		}
	}
	if err := r.writer.Advance(ctx, batch[len(batch)-1].Seq); err != nil && !fault.Is(err, fault.Stopped) {
		r.log.Warn("the position of the call records could not be kept", "error", err)
	}
}

func (r *recorder) keep(e port.Stamped) {
	r.log.Warn("incident", "event", e.Kind.String(), "node", string(e.Node), "reason", e.Reason, "seq", e.Seq)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.incidents = append(r.incidents, e)
	if len(r.incidents) > incidentsKept {
		r.incidents = r.incidents[1:]
	}
}
