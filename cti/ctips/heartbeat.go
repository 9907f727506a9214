package ctips

import (
	"context"
	"time"
)

// beat asks a client whether it lives, at once and then at intervals, until ctx
// ends or it has not answered so often in a row that its session is closed. Any
// answer that is no fault will do: what it says is not looked at.
func (s *Server) beat(ctx context.Context, c *session) {
	body, err := s.encode(c.ns, heartbeat)
	if err != nil {
		s.log.Error("ctips: a heartbeat could not be written", "error", err)
		return
	}
	for began := time.Now(); s.alive(ctx, c, body); began = time.Now() {
		if !s.pause(ctx, began, func(set *settings) time.Duration { return set.HeartbeatInterval }) {
			return
		}
	}
}

// pause waits until so long after a time, as the settings have it that are in
// force meanwhile. It reports false when ctx ends.
func (s *Server) pause(ctx context.Context, since time.Time, length func(*settings) time.Duration) bool {
	for {
		set := s.now()
		timer := time.NewTimer(time.Until(since.Add(length(set))))
		select {
		case <-timer.C:
			return true
		case <-set.replaced:
			timer.Stop()
		case <-ctx.Done():
			timer.Stop()
			return false
		}
	}
}

// alive sends one heartbeat and reports whether to go on.
func (s *Server) alive(ctx context.Context, c *session, body []byte) bool {
	set := s.now()
	limited, cancel := context.WithTimeout(ctx, min(set.HeartbeatInterval, set.CallbackTimeout))
	defer cancel()
	s.stats.beats.Add(1)
	err := c.now().beats.Post(limited, c.url, c.action(heartbeat), body, nil)
	switch {
	case ctx.Err() != nil:
		return false
	case err == nil:
		c.missed.Store(0)
		c.mu.Lock()
		c.lastBeat = time.Now()
		c.mu.Unlock()
		return true
	}
	s.stats.missed.Add(1)
	missed := c.missed.Add(1)
	s.trouble(c, "a heartbeat was not answered", err)
	s.log.Info("ctips: a heartbeat was not answered", "session", c.short(), "user", c.user, "in_a_row", missed, "error", err)
	if missed < int64(set.MissedHeartbeats) {
		return true
	}
	s.dispose(c, EndHeartbeat)
	return false
}

// trouble notes what has gone wrong with a session.
func (s *Server) trouble(c *session, text string, err error) {
	c.troubles.note(text, err)
	s.troubles.note(text, err)
}

// listen begins the heartbeats of a session that has gone online.
func (s *Server) listen(c *session) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state != SessionOnline || c.silence != nil {
		return
	}
	ctx, cancel := context.WithCancel(c.ctx)
	c.silence = cancel
	if !s.end.Go(func(context.Context) { defer cancel(); s.beat(ctx, c) }) {
		cancel()
	}
}
