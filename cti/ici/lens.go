package ici

import (
	"slices"
	"sync/atomic"

	"strowger/switch/callmodel"
	"strowger/switch/port"
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
	DataSettings
	IgnoreOperDirect  bool
	IgnoreCdtOutbound bool
}

// Lens returns the settings that a Lens follows.
func (c *Config) Lens() LensConfig {
	return LensConfig{DataSettings: c.DataSettings, IgnoreOperDirect: c.IgnoreOperDirect, IgnoreCdtOutbound: c.IgnoreCdtOutbound}
}

// Validate returns the first setting that is wrong as fault.Invalid, with its
// key as subject.
func (c *LensConfig) Validate() error { return c.validate() }

// NewLens makes a Lens for a picture of the switch; a new configuration needs a
// new one. leftOut counts applications' data that did not fit.
func NewLens(v *callmodel.View, cfg LensConfig, leftOut *atomic.Uint64) *Lens {
	return &Lens{
		say: translator{
			cadMax: cfg.CadMaxBytes, data: cfg.DataSettings, leftOut: leftOut,
			ignoreDirect: cfg.IgnoreOperDirect, ignoreMade: cfg.IgnoreCdtOutbound,
		},
		dir: directoryOf(v),
	}
}

// See notes what an event says of recordings, and of callbacks, whose data
// travel with their calls.
func (l *Lens) See(e *port.Stamped) {
	l.dir.record(e)
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
	st, ok := l.say.shown(c, p)
	return st.call, st.processing, ok
}

// Hidden reports whether the settings keep an item from SAP.
func (l *Lens) Hidden(c *callmodel.Call, p *callmodel.Connection) bool {
	return l.dir.silent(c) || l.say.hidden(c, p)
}

// Rejection is what becomes of a campaign's call that the agent does not make.
func (l *Lens) Rejection(c *callmodel.Call, p *callmodel.Connection) callmodel.CallbackResult {
	return l.say.data.rejection(c, p)
}

// Made reports whether a call was made from the party's line.
func (l *Lens) Made(c *callmodel.Call, p *callmodel.Connection) bool { return made(c, p) }

// Item is a live item as ICI shows it.
func (l *Lens) Item(c *callmodel.Call, p *callmodel.Connection) PhoneCall {
	st, _ := l.say.shown(c, p)
	out := l.say.compose(l.dir, c, p, st, nil)
	out.RemoteNumbers = slices.Clone(out.RemoteNumbers)
	out.AttachedData = l.say.attached(out.AttachedData, l.say.dataOf(l.dir, c, p))
	return out
}

// Entries takes a document of attached data apart into what the switch keeps;
// have is what it keeps now. Our own part is left out. Its error is 4/5.
func (l *Lens) Entries(doc string, have []callmodel.AttachedData) ([]callmodel.AttachedData, error) {
	return l.say.entriesOf(doc, l.say.cadMax, have)
}
