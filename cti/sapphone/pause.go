package sapphone

// Pause stops the interface while its listeners stay open: every function but
// the exchange of versions is answered as if the switch were not connected,
// waits end as cancelled, and no call is announced until Resume. It reports
// whether anything changed.
func (s *Server) Pause() bool {
	if s.paused.Swap(true) {
		return false
	}
	s.board.pause()
	s.log.Warn("sapphone: stopped by an operator")
	return true
}

// Resume ends a pause, and announces the calls that alert now. It reports
// whether anything changed.
func (s *Server) Resume() bool {
	if !s.paused.Load() {
		return false
	}
	s.board.resume()
	s.paused.Store(false)
	s.log.Info("sapphone: started by an operator")
	return true
}

// Paused reports whether an operator has stopped the interface.
func (s *Server) Paused() bool { return s.paused.Load() }

// pause ends all waits and keeps calls to itself. The ends of those that were
// announced are told all the same.
func (b *board) pause() {
	b.mu.Lock()
	b.paused = true
	b.mu.Unlock()
	b.cancelWaits()
}

func (b *board) resume() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.paused = false
	for _, i := range b.live {
		if i.offered() && !i.over && !i.given && len(i.told) == 0 {
			b.alerts(i)
		}
	}
}

// cancelWaits ends all waits of this moment.
func (b *board) cancelWaits() {
	b.mu.Lock()
	numbers := make([]string, 0, len(b.lines))
	for number := range b.lines {
		numbers = append(numbers, number)
	}
	b.mu.Unlock()
	for _, number := range numbers {
		b.unpark(number, nil, codeWaitCancelled)
	}
}
