package ici

import (
	"slices"
	"sync/atomic"

	"strowger/switch/callmodel"
)

// Lens shows items as ICI shows them, for SAP's other interface: by the
// reference (chapter 2) both have the same calls under the same settings. Not
// safe for concurrent use.
type Lens struct {
	say translator
	dir *directory
}

// LensConfig are the settings of [Config] that a Lens follows.
type LensConfig struct {
	CadMaxBytes       int
	IgnoreOperDirect  bool
	IgnoreCdtOutbound bool
}

// NewLens makes a Lens for a picture of the switch; a new configuration needs a
// new one. leftOut counts applications' data that did not fit.
func NewLens(v *callmodel.View, cfg LensConfig, leftOut *atomic.Uint64) *Lens {
	return &Lens{
		say: translator{cadMax: cfg.CadMaxBytes, ignoreDirect: cfg.IgnoreOperDirect, ignoreMade: cfg.IgnoreCdtOutbound, leftOut: leftOut},
		dir: directoryOf(v),
	}
}

// See notes what an event says of callbacks, whose data travel with their calls.
func (l *Lens) See(e *callmodel.Event) {
	switch {
	case e.Kind == callmodel.EvCallbackChanged:
		l.dir.callback(e.Callback, e.Callback.Call)
	case e.Kind == callmodel.EvCallEnded && e.Call != nil:
		l.dir.over(e.Call)
	}
}

// Status is the call state and the processing state of a party's part in a
// call; ok is false where nobody is told about it.
func (l *Lens) Status(c *callmodel.Call, p *callmodel.Connection) (call, processing int, ok bool) {
	st, ok := statusOf(c, p)
	return st.call, st.processing, ok
}

// Hidden reports whether the settings keep an item from SAP.
func (l *Lens) Hidden(c *callmodel.Call, p *callmodel.Connection) bool { return l.say.hidden(c, p) }

// Made reports whether a call was made from the party's line.
func (l *Lens) Made(c *callmodel.Call, p *callmodel.Connection) bool { return made(c, p) }

// Item is a live item as ICI shows it.
func (l *Lens) Item(c *callmodel.Call, p *callmodel.Connection) PhoneCall {
	st, _ := statusOf(c, p)
	out := l.say.compose(l.dir, c, p, st, nil)
	out.RemoteNumbers = slices.Clone(out.RemoteNumbers)
	out.AttachedData = l.say.attached(out.AttachedData, c.Attached)
	return out
}

// Entries takes a document of attached data apart into what the switch keeps;
// have is what it keeps now. Our own part is left out. Its error is 4/5.
func (l *Lens) Entries(doc string, have []callmodel.AttachedData) ([]callmodel.AttachedData, error) {
	return entriesOf(doc, l.say.cadMax, have)
}
