package watch

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/port"
)

// Waits between tries to watch the switch again: doubled up to the longest.
const (
	pauseMin = 100 * time.Millisecond
	pauseMax = 5 * time.Second
)

// Stats are the figures of a [Follower] since its start.
type Stats struct {
	Events   atomic.Uint64
	Overruns atomic.Uint64 // times it was too slow
	Watches  atomic.Uint64 // times it began again
	Deaf     atomic.Bool   // the events are not being read
}

// Follower reads the switch's events. Its fields are set before [Follower.Run];
// its functions are called from there alone, one at a time.
type Follower struct {
	Switch port.Switch
	Name   string // in the switch's figures and in the log
	Log    *slog.Logger

	Apply func(*port.Stamped)
	// Configured gets the picture after a change of the configuration, before
	// the event is applied. It may be ahead of the events. Nil: not wanted.
	Configured func(*callmodel.View)
	// Interrupted is told that events have been missed from here on, before
	// Sync. Nil: not wanted.
	Interrupted func(error)
	// Sync gets the picture with which it begins again.
	Sync func(*callmodel.View)

	Stats Stats
}

// Run reads the events of a subscription and of those that follow it, until ctx
// ends or the switch stops. It closes them.
func (f *Follower) Run(ctx context.Context, sub port.Subscription) {
	for sub != nil {
		err := f.read(ctx, sub)
		sub.Close()
		if ctx.Err() != nil {
			return
		}
		if fault.Is(err, fault.Overrun) {
			f.Stats.Overruns.Add(1)
		}
		f.Stats.Deaf.Store(true)
		f.Log.Warn(f.Name+": the switch's events were interrupted", "error", err)
		if f.Interrupted != nil {
			f.Interrupted(err)
		}
		sub = f.again(ctx, err)
	}
}

func (f *Follower) read(ctx context.Context, sub port.Subscription) error {
	for {
		batch, err := sub.Next(ctx)
		if err != nil {
			return err
		}
		f.Stats.Events.Add(uint64(len(batch)))
		for i := range batch {
			if batch[i].Kind == callmodel.EvConfigChanged && f.Configured != nil {
				f.configured(ctx)
			}
			f.Apply(&batch[i])
		}
	}
}

func (f *Follower) configured(ctx context.Context) {
	view, err := f.Switch.View(ctx)
	if err != nil {
		f.Log.Warn(f.Name+": the new configuration could not be read", "error", err)
		return
	}
	f.Configured(view)
}

// again returns a new subscription, or nil when there is nothing left to watch.
func (f *Follower) again(ctx context.Context, why error) port.Subscription {
	for pause := pauseMin; !fault.Is(why, fault.Stopped); pause = min(2*pause, pauseMax) {
		view, sub, err := f.Switch.Watch(ctx, f.Name)
		if err == nil {
			f.Stats.Watches.Add(1)
			f.Stats.Deaf.Store(false)
			f.Sync(view)
			return sub
		}
		why = err
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
	}
	f.Log.Info(f.Name + ": the switch has stopped; no more events")
	return nil
}
