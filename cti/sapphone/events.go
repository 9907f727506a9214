package sapphone

import (
	"context"
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/port"
)

// watchName is how our subscription appears in the switch's figures.
const watchName = "sapphone"

// Waits between tries to watch the switch again: doubled up to the longest.
const (
	watchPause    = 100 * time.Millisecond
	watchPauseMax = 5 * time.Second
)

// follow reads the switch's events until ctx ends or the switch stops. Where it
// was too slow it starts again from a picture.
func (s *Server) follow(ctx context.Context, sub port.Subscription) {
	for sub != nil {
		err := s.read(ctx, sub)
		sub.Close()
		if ctx.Err() != nil {
			return
		}
		if fault.Is(err, fault.Overrun) {
			s.stats.overruns.Add(1)
		}
		s.stats.deaf.Store(true)
		s.log.Warn("sapphone: the switch's events were interrupted", "error", err)
		sub = s.watchAgain(ctx, err)
	}
}

func (s *Server) read(ctx context.Context, sub port.Subscription) error {
	for {
		batch, err := sub.Next(ctx)
		if err != nil {
			return err
		}
		s.stats.events.Add(uint64(len(batch)))
		for i := range batch {
			if batch[i].Kind == callmodel.EvConfigChanged {
				s.readConfig(ctx)
			}
			s.board.apply(&batch[i])
		}
	}
}

// readConfig looks up names, lines and queues, of which events do not tell.
func (s *Server) readConfig(ctx context.Context) {
	view, err := s.sw.View(ctx)
	if err != nil {
		s.log.Warn("sapphone: the new configuration could not be read", "error", err)
		return
	}
	s.board.configured(view)
}

// watchAgain returns a new subscription, or nil when there is nothing left to watch.
func (s *Server) watchAgain(ctx context.Context, why error) port.Subscription {
	for pause := watchPause; !fault.Is(why, fault.Stopped); pause = min(2*pause, watchPauseMax) {
		view, sub, err := s.sw.Watch(ctx, watchName)
		if err == nil {
			s.stats.watches.Add(1)
			s.stats.deaf.Store(false)
			s.board.sync(view)
			return sub
		}
		why = err
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
	}
	s.log.Info("sapphone: the switch has stopped; no more events")
	return nil
}
