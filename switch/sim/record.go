package sim

import (
	"cmp"
	"slices"
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/port"
)

// track is a recording of what a leg's party says or hears. It ends with the leg.
type track struct {
	name  callmodel.RecordName
	ch    *channel
	spy   callmodel.Spy
	since time.Time
}

// Track is one live track of a recording.
type Track struct {
	Name    callmodel.RecordName
	Channel callmodel.ChannelID
	Spy     callmodel.Spy
}

// record carries out an order about a recording.
func (e *Exchange) record(eff callmodel.Effect) port.EffectResult {
	switch o := eff.(type) {
	case callmodel.RecordStart:
		return e.startTrack(o)
	case callmodel.RecordStop:
		return e.withTrack(o, o.Record, func(t *track) { e.endTrack(t) })
	}
	return failed(fault.Unsupported, eff, "", "the simulated exchange does not know this order")
}

func (e *Exchange) startTrack(o callmodel.RecordStart) port.EffectResult {
	ch := e.channels[o.Channel]
	switch {
	case ch == nil:
		return gone(o, string(o.Channel))
	case !ch.inApp():
		return failed(fault.Conflict, o, string(o.Channel), notInApp)
	case e.recorded[o.Record]:
		return failed(fault.Conflict, o, string(o.Record), "a recording of this name exists")
	}
	e.recorded[o.Record] = true
	e.tracks[o.Record] = &track{name: o.Record, ch: ch, spy: o.Spy, since: e.clock.Now()}
	e.stats.Tracks++
	e.emit(callmodel.RecordingStarted{Node: e.opt.Node, Record: o.Record})
	return okay
}

func (e *Exchange) withTrack(eff callmodel.Effect, name callmodel.RecordName, do func(*track)) port.EffectResult {
	t := e.tracks[name]
	if t == nil {
		return gone(eff, string(name))
	}
	do(t)
	return okay
}

func (e *Exchange) endTrack(t *track) {
	delete(e.tracks, t.name)
	e.emit(callmodel.RecordingEnded{Node: e.opt.Node, Record: t.name, Duration: e.clock.Now().Sub(t.since).Truncate(time.Second)})
}

// tracksOf lists what is recorded of a leg, in order.
func (e *Exchange) tracksOf(ch *channel) []*track {
	return slices.DeleteFunc(e.tracksInOrder(), func(t *track) bool { return t.ch != ch })
}

func (e *Exchange) tracksInOrder() []*track {
	if len(e.tracks) == 0 {
		return nil
	}
	out := make([]*track, 0, len(e.tracks))
	for _, t := range e.tracks {
		out = append(out, t)
	}
	slices.SortFunc(out, func(a, b *track) int { return cmp.Compare(a.name, b.name) })
	return out
}

func (e *Exchange) liveTracks() []Track {
	var out []Track
	for _, t := range e.tracksInOrder() {
		out = append(out, Track{Name: t.name, Channel: t.ch.id, Spy: t.spy})
	}
	return out
}
