package ici

import (
	"context"

	"strowger/switch/callmodel"
)

// Pause stops the interface while the server goes on listening: requests are
// refused with x/90, every subscriber is told that its subscription is paused
// (reason 2), and no event is sent until Resume. It reports whether anything
// changed.
func (s *Server) Pause() bool {
	if s.paused.Swap(true) {
		return false
	}
	s.board.pause()
	s.push.Pause()
	s.log.Warn("ici: paused by an operator")
	return true
}

// Resume ends a pause: requests are served, and subscribers are told what has
// changed meanwhile. It reports whether anything changed; its error is the switch's.
func (s *Server) Resume(ctx context.Context) (bool, error) {
	s.applying.Lock()
	defer s.applying.Unlock()
	if !s.paused.Load() {
		return false, nil
	}
	for {
		view, err := s.sw.View(ctx)
		if err != nil {
			return false, err
		}
		if s.board.resume(view, s.push.Resume) {
			break
		}
	}
	s.paused.Store(false)
	s.log.Info("ici: resumed by an operator")
	return true, nil
}

// Paused reports whether an operator has paused the interface.
func (s *Server) Paused() bool { return s.paused.Load() }

// Pause tells subscribers that nothing will be sent, and sends nothing.
func (p *Push) Pause() {
	p.EndAll(EndedPaused)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.paused = true
}

// Resume ends a pause.
func (p *Push) Resume() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.paused = false
}

// pause lets the board stay as the CRM knows it.
func (b *board) pause() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.paused = true
}

// resume tells what a picture has new. It reports false where events beyond the
// picture have passed unheard.
func (b *board) resume(v *callmodel.View, open func()) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.at.Seq() > v.Events {
		return false
	}
	b.paused = false
	open()
	b.compare(v)
	for _, i := range b.items() {
		b.busyOver(i.id)
	}
	return true
}
