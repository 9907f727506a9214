package engine

import "strowger/switch/callmodel"

// HoldLoop keeps the loop busy until hold is closed; held is closed when it is.
func HoldLoop(e *Engine, hold, held chan struct{}) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		e.asks <- func() { close(held); <-hold }
		close(done)
	}()
	return done
}

// Order has the engine carry out an order as if its last input had yielded it.
func Order(e *Engine, eff callmodel.Effect) {
	done := make(chan struct{})
	e.asks <- func() {
		e.out.effects = append(e.out.effects, order{eff: eff, seq: e.seq})
		close(done)
	}
	<-done
}
