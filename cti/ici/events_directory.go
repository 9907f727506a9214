package ici

import (
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/port"
)

// directory is what is known beside agents and calls. The board's lock guards it.
type directory struct {
	*staff
	lines     map[callmodel.AgentID]string
	inside    map[string]bool // numbers of lines and queues, as Number writes them
	callbacks map[callmodel.CallbackID]*callbackData

	settings   map[callmodel.QueueID]*callmodel.QueueConfig
	recordings map[callmodel.CallID]string                   // file of a call's last recording
	kept       map[callmodel.ConnID][]callmodel.AttachedData // instead of its call's, see keep
}

// callbackData is the attached data that a callback brings with it.
type callbackData struct {
	keys string           // elements for our own part
	call callmodel.CallID // its attempt, if one is under way
	done bool
}

func queuesOf(v *callmodel.View) map[callmodel.QueueID]*callmodel.Queue {
	out := make(map[callmodel.QueueID]*callmodel.Queue, len(v.Queues))
	for _, q := range v.Queues {
		out[q.ID] = q
	}
	return out
}

func directoryOf(v *callmodel.View) *directory {
	d := &directory{
		staff: staffOf(v), lines: make(map[callmodel.AgentID]string, len(v.Agents)),
		inside: map[string]bool{}, callbacks: map[callmodel.CallbackID]*callbackData{},
		settings: map[callmodel.QueueID]*callmodel.QueueConfig{}, recordings: map[callmodel.CallID]string{},
		kept: map[callmodel.ConnID][]callmodel.AttachedData{},
	}
	for i := range configured(v) {
		d.settings[v.Config.Queues[i].ID] = &v.Config.Queues[i]
	}
	for _, r := range v.Recordings {
		d.recording(r, v.WallTime(r.StartedAt))
	}
	for _, q := range v.Queues {
		if q.Address != "" {
			d.inside[Number(q.Address)] = true
		}
	}
	for _, a := range v.Agents {
		d.lines[a.ID] = a.Line
		d.inside[Number(a.Line)] = true
	}
	attempts := map[callmodel.CallbackID]callmodel.CallID{}
	for _, c := range v.Calls {
		attempts[c.Callback] = c.ID
	}
	for _, cb := range v.Callbacks {
		if attempt := attempts[cb.ID]; cb.State != callmodel.CallbackDone || !attempt.IsZero() {
			d.callback(cb, attempt)
		}
	}
	return d
}

// callback notes a callback's state; attempt is its call, if one is under way.
func (d *directory) callback(cb *callmodel.Callback, attempt callmodel.CallID) {
	have := d.callbacks[cb.ID]
	if have == nil {
		extra, err := readExtra(cb.Extra)
		if err != nil || extra.keys == "" {
			return // another dialect's text, or nothing to attach
		}
		have = &callbackData{keys: extra.keys}
		d.callbacks[cb.ID] = have
	}
	have.done = cb.State == callmodel.CallbackDone
	if !attempt.IsZero() {
		have.call = attempt
	}
	d.tidy(cb.ID, have)
}

// keeping takes over what a picture does not have.
func (d *directory) keeping(old *directory) *directory {
	d.kept = old.kept
	return d
}

// configured lists the queues as they are set up; a picture of nothing has none.
func configured(v *callmodel.View) []callmodel.QueueConfig {
	if v.Config == nil {
		return nil
	}
	return v.Config.Queues
}

// record notes what an event says of a recording.
func (d *directory) record(e *port.Stamped) {
	if r := e.Recording; r != nil {
		d.recording(r, e.Wall.Add(r.StartedAt.Sub(e.At)))
	}
}

// silent reports whether a call's queue is not for CTI clients (reference
// 4.7.1, queue parameter OII).
func (d *directory) silent(c *callmodel.Call) bool {
	q := d.settings[queueOf(c)]
	return q != nil && q.NoCTI
}

// recording notes a recording that has begun: its file will have that name.
func (d *directory) recording(r *callmodel.Recording, began time.Time) {
	if r.StartedAt != 0 && !r.Over() {
		d.recordings[r.Call] = began.UTC().Format("2006/01/02/") + r.ID.String() + ".wav"
	}
}

// over notes the end of a call.
func (d *directory) over(c *callmodel.Call) {
	delete(d.recordings, c.ID)
	if cb := d.callbacks[c.Callback]; cb != nil && cb.call == c.ID {
		cb.call = callmodel.CallID{}
		d.tidy(c.Callback, cb)
	}
}

// tidy forgets a callback that is done and has no call.
func (d *directory) tidy(id callmodel.CallbackID, cb *callbackData) {
	if cb.done && cb.call.IsZero() {
		delete(d.callbacks, id)
	}
}
