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
	ticker := time.NewTicker(s.cfg.HeartbeatInterval)
	defer ticker.Stop()
	for s.alive(ctx, c, body) {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

// alive sends one heartbeat and reports whether to go on.
func (s *Server) alive(ctx context.Context, c *session, body []byte) bool {
	limited, cancel := context.WithTimeout(ctx, min(s.cfg.HeartbeatInterval, s.cfg.CallbackTimeout))
	defer cancel()
	s.stats.beats.Add(1)
	err := c.beats.Post(limited, c.url, c.action(heartbeat), body, nil)
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
	s.log.Info("ctips: a heartbeat was not answered", "session", c.short(), "user", c.user.name, "in_a_row", missed, "error", err)
	if missed < int64(s.cfg.MissedHeartbeats) {
		return true
	}
	s.dispose(c, EndHeartbeat)
	return false
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
	if !s.spawn(func() { defer cancel(); s.beat(ctx, c) }) {
		cancel()
	}
}
