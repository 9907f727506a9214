package engine

// HoldLoop keeps the loop busy until hold is closed; held is closed when it is.
func HoldLoop(e *Engine, hold, held chan struct{}) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		e.asks <- func() { close(held); <-hold }
		close(done)
	}()
	return done
}
