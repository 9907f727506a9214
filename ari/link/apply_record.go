package link

import (
	"context"
	"sync"
	"time"

	"strowger/ari/arispec"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/port"
)

const (
	// recordFormat is 16 bit linear at 8 kHz: it can be repaired after a crash,
	// and what is silent in it is zero.
	recordFormat = "wav"
	// argRecord marks the channels that listen for a recording.
	argRecord = "record"
	// maxTracks bounds the tracks that wait for their channel.
	maxTracks = 10_000
	// trackWait is how long a listening channel may take into the application.
	trackWait = 2 * time.Second
)

// record carries out the orders about recordings. A track is a snoop channel on
// the leg and a recording of that channel, both under the track's name: it
// follows the leg through bridges, holds and transfers, and leaves the bridge
// as it is (a bridge that is recorded mixes in software, and its recording ends
// when it has been empty for 4 s).
func (l *Link) record(ctx context.Context, c *arispec.Client, e callmodel.Effect) port.EffectResult {
	switch e := e.(type) {
	case callmodel.RecordStart:
		return l.recordStart(ctx, c, e)
	case callmodel.RecordStop:
		r := leg(c.RecordingsStop(ctx, string(e.Record)))
		if r.Gone {
			l.leave(callmodel.ChannelID(e.Record))
		}
		return r
	}
	return failed(fault.New(fault.Internal, "ari "+e.What(), "", "no order about a recording"))
}

func (l *Link) recordStart(ctx context.Context, c *arispec.Client, e callmodel.RecordStart) port.EffectResult {
	if !e.Record.Ours() || e.Channel == "" {
		return failed(fault.New(fault.Invalid, "ari record-start", string(e.Record), "a track has a name of ours and a leg"))
	}
	there, room := l.in.tracks.expect(e.Record)
	if !room {
		return failed(fault.Newf(fault.Busy, "ari record-start", string(e.Record), "%d recordings are being started", maxTracks))
	}
	defer l.in.tracks.forget(e.Record)
	if err := l.partOver(ctx, c, e.Record); err != nil {
		return leg(err)
	}
	_, err := c.ChannelsSnoopChannelWithID(ctx, string(e.Channel), string(e.Record), arispec.ChannelsSnoopChannelWithIDParams{
		Spy: arispec.Some(string(e.Spy)), App: l.opt.Stream.App, AppArgs: arispec.Some(argRecord),
	})
	if err != nil {
		return leg(err)
	}
	wait := time.NewTimer(trackWait)
	defer wait.Stop()
	select { // a channel can be recorded once it is in the application
	case <-there:
	case <-wait.C: // its event is lost: the request tells
	case <-ctx.Done():
	}
	_, err = c.ChannelsRecord(ctx, string(e.Record), arispec.ChannelsRecordParams{
		Name: string(e.Record), Format: recordFormat, IfExists: arispec.Some("fail"), Beep: arispec.Some(false),
		TerminateOn: arispec.Some("none"), MaxDurationSeconds: arispec.Some(0), MaxSilenceSeconds: arispec.Some(0),
	})
	r := leg(err)
	if r.Outcome == callmodel.Failed {
		l.leave(callmodel.ChannelID(e.Record)) // a snoop channel never ends by itself
	}
	return r
}

// tracks are the tracks whose channel is on its way into the application.
type tracks struct {
	mu   sync.Mutex // guards wait
	wait map[callmodel.RecordName]chan struct{}
}

func newTracks() *tracks { return &tracks{wait: map[callmodel.RecordName]chan struct{}{}} }

func (t *tracks) expect(n callmodel.RecordName) (there <-chan struct{}, room bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.wait) >= maxTracks {
		return nil, false
	}
	ch := make(chan struct{})
	t.wait[n] = ch
	return ch, true
}

func (t *tracks) forget(n callmodel.RecordName) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.wait, n)
}

func (t *tracks) arrived(n callmodel.RecordName) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if ch, waits := t.wait[n]; waits {
		close(ch)
		delete(t.wait, n)
	}
}

// recording reads an event about a recording of ours.
func (g *ingest) recording(r *arispec.LiveRecording, ev arispec.Event, out []callmodel.Input) []callmodel.Input {
	name := callmodel.RecordName(r.Name)
	if !name.Ours() {
		return out
	}
	switch ev.(type) {
	case *arispec.RecordingStarted:
		return append(out, callmodel.RecordingStarted{Node: g.node, Record: name})
	case *arispec.RecordingFailed:
		g.tidy(callmodel.ChannelID(name))
		return append(out, callmodel.RecordingEnded{Node: g.node, Record: name, Failed: true, Reason: cleanName(r.Cause)})
	}
	g.tidy(callmodel.ChannelID(name))
	return append(out, callmodel.RecordingEnded{Node: g.node, Record: name, Duration: time.Duration(r.Duration) * time.Second})
}

// listener is an event about a channel that listens for a recording. It is no
// leg: of it only its arrival and its end matter, which ends the recording.
func (g *ingest) listener(name callmodel.RecordName, ev arispec.Event, out []callmodel.Input) []callmodel.Input {
	switch ev.(type) {
	case *arispec.StasisStart:
		g.tracks.arrived(name)
	case *arispec.StasisEnd, *arispec.ChannelDestroyed:
		return append(out, callmodel.RecordingEnded{Node: g.node, Record: name})
	}
	return out
}

// liveTracks tells which of the listed listening channels are recording; the
// others are litter and are hung up.
func (l *Link) liveTracks(ctx context.Context, c *arispec.Client, listed []callmodel.RecordName) ([]callmodel.RecordName, error) {
	var out []callmodel.RecordName
	for _, n := range listed {
		r, err := c.RecordingsGetLive(ctx, string(n))
		switch {
		case fault.Is(err, fault.NotFound):
			if !l.in.tracks.expected(n) {
				l.leave(callmodel.ChannelID(n))
			}
		case err != nil:
			return nil, err
		case r.State != "done" && r.State != "failed" && r.State != "canceled":
			out = append(out, n)
		}
	}
	return out, nil
}

// expected tells whether a track is just being started.
func (t *tracks) expected(n callmodel.RecordName) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, waits := t.wait[n]
	return waits
}
