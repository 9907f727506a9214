package engine

import (
	"context"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// order is an effect with the number of the journal record that it comes from.
type order struct {
	eff callmodel.Effect
	seq uint64
}

// intent reports whether an order must not leave before the disk has what it
// comes from: a call that the dialer makes. A computer that loses its power
// would else forget that it has called somebody, and call them again. Who waits
// for a call's order waits in the call's own lane, so that nobody else does.
func intent(eff callmodel.Effect) bool {
	o, ok := eff.(callmodel.Originate)
	return ok && o.Intent
}

// gate waits until the record of an intent is on the disk. An error says that
// it is not, and that nothing must be sent: the order has failed, and no fault
// of its own.
func (l *lanes) gate(o order) error {
	if !intent(o.eff) {
		return nil
	}
	if l.e.stats.journalFailed.Load() != 0 {
		return fault.New(fault.Unavailable, o.eff.What(), o.eff.Head().Call.String(), "the journal cannot be written, so that the call could be made twice: it was not made")
	}
	l.e.stats.effectsGated.Add(1)
	defer l.e.stats.effectsGated.Add(-1)
	ctx, cancel := context.WithTimeout(l.ctx, l.e.cfg.EffectTimeout)
	defer cancel()
	return l.e.cfg.Journal.WaitSynced(ctx, o.seq)
}
