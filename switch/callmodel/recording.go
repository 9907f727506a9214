package callmodel

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// RecordingID names a recording of one conversation.
type RecordingID struct{ ID }

// RecordName is the telephony backend's name of one track. It starts with
// [RecordPrefix], and nothing else does.
type RecordName string

// RecordPrefix starts the names of all tracks.
const RecordPrefix = OwnPrefix + "r-"

// Ours reports whether the model chose the name.
func (n RecordName) Ours() bool { return strings.HasPrefix(string(n), RecordPrefix) }

// Recording returns the recording that a track belongs to.
func (n RecordName) Recording() (RecordingID, bool) {
	rest, ours := strings.CutPrefix(string(n), RecordPrefix)
	text, _, _ := strings.Cut(rest, "-")
	id, err := ParseID(text)
	return RecordingID{id}, ours && err == nil
}

// Before returns the tracks of the part before.
func (n RecordName) Before() []RecordName {
	text := strings.Split(strings.TrimPrefix(string(n), RecordPrefix), "-")
	if _, ours := n.Recording(); !ours || len(text) != 3 {
		return nil
	}
	part, err := strconv.Atoi(text[1])
	if err != nil || part < 2 || part > MaxRecordParts {
		return nil
	}
	head := RecordPrefix + text[0] + "-" + strconv.Itoa(part-1) + "-"
	if Spy(text[2]) == SpyBoth {
		return []RecordName{RecordName(head + string(SpyBoth))}
	}
	return []RecordName{RecordName(head + string(SpyIn)), RecordName(head + string(SpyOut))}
}

// Spy is what of a leg a track holds.
type Spy string

const (
	// SpyBoth: what the leg's party says and hears, mixed.
	SpyBoth Spy = "both"
	// SpyIn: what it says.
	SpyIn Spy = "in"
	// SpyOut: what it hears.
	SpyOut Spy = "out"
)

// TrackState is how far a track has got.
type TrackState uint8

const (
	// TrackAsked: ordered, not seen yet.
	TrackAsked TrackState = 1
	// TrackLive: it is being recorded.
	TrackLive TrackState = 2
	// TrackEnded: it is over, and there is a file.
	TrackEnded TrackState = 3
	// TrackFailed: it never began, or it is not known what became of it.
	TrackFailed TrackState = 4
)

// open reports whether the track may still grow.
func (t TrackState) open() bool { return t == TrackAsked || t == TrackLive }

// RecordTrack is one file at the telephony backend: one part of the
// conversation, of which a stereo recording has two tracks.
type RecordTrack struct {
	Name      RecordName    `json:"name"`
	Part      int           `json:"part"` // from 1
	Spy       Spy           `json:"spy"`
	Channel   ChannelID     `json:"channel"` // the leg that is followed
	State     TrackState    `json:"state"`
	Stopping  bool          `json:"stopping,omitempty"`
	Doubt     bool          `json:"doubt,omitempty"` // the order to start it may still be carried out
	Start     uint64        `json:"start,omitempty"` // order to start it
	Stop      uint64        `json:"stop,omitempty"`  // last order to stop it
	AskedAt   Instant       `json:"asked_at"`
	StartedAt Instant       `json:"started_at,omitempty"`
	EndedAt   Instant       `json:"ended_at,omitempty"`
	Duration  time.Duration `json:"duration,omitempty"` // as the backend has measured
	Reason    string        `json:"reason,omitempty"`   // why it failed
	Heard     []ChannelID   `json:"heard,omitempty"`    // legs that the followed one has heard meanwhile
}

// RecordPausing is one pause. It ends the part: nothing is recorded from Sure to
// To, so that there is nothing that could go on by accident. What the last
// moments of the part hold, from From on, is blanked when the file is made.
type RecordPausing struct {
	From   Instant `json:"from"`
	Sure   Instant `json:"sure,omitempty"` // nothing is recorded any more
	To     Instant `json:"to,omitempty"`   // 0: it goes on
	Due    Instant `json:"due,omitempty"`  // when it ends by itself
	Reason string  `json:"reason,omitempty"`
	By     string  `json:"by,omitempty"`
}

// RecordFile is what has become of a recording, as whoever keeps the files says.
type RecordFile struct {
	State    string        `json:"state"` // saved, failed or lost
	Duration time.Duration `json:"duration,omitempty"`
	Bytes    int64         `json:"bytes,omitempty"`
	SHA256   string        `json:"sha256,omitempty"`
	Reason   string        `json:"reason,omitempty"`
}

// Recording is the recording of one conversation, which goes on over holds and
// transfers. It outlives its call until its file is kept. Immutable once it
// has left Step.
type Recording struct {
	ID         RecordingID     `json:"id"`
	Number     int64           `json:"number"`
	Call       CallID          `json:"call"`
	CallNumber int64           `json:"call_number"`
	Lane       CallID          `json:"lane"`
	Node       NodeID          `json:"node"`
	Queue      QueueID         `json:"queue,omitempty"`
	Agents     []AgentID       `json:"agents,omitempty"` // who have talked, at most MaxRecordAgents
	Caller     string          `json:"caller,omitempty"`
	Dialled    string          `json:"dialled,omitempty"`
	Channels   RecordChannels  `json:"channels"`
	ByRule     bool            `json:"by_rule,omitempty"`
	By         string          `json:"by,omitempty"` // who asked for it
	Keep       time.Duration   `json:"keep,omitempty"`
	PauseMax   time.Duration   `json:"pause_max,omitempty"`
	AskedAt    Instant         `json:"asked_at"`
	StartedAt  Instant         `json:"started_at,omitempty"` // first track
	StoppedAt  Instant         `json:"stopped_at,omitempty"` // asked to stop; 0: it goes on
	EndedAt    Instant         `json:"ended_at,omitempty"`   // all tracks are over
	RetryAt    Instant         `json:"retry_at,omitempty"`   // no new part before
	Failures   int             `json:"failures,omitempty"`   // of parts, one after the other
	Parts      int             `json:"parts,omitempty"`
	Paused     bool            `json:"paused,omitempty"`
	Pauses     []RecordPausing `json:"pauses,omitempty"`
	Tracks     []RecordTrack   `json:"tracks,omitempty"`
	Reason     string          `json:"reason,omitempty"` // why it was stopped
	File       *RecordFile     `json:"file,omitempty"`
	gen        uint64
}

// Bounds of recordings.
const (
	MaxRecordParts     = 256
	MaxRecordPauses    = 100
	MaxRecordAgents    = 32
	MaxRecordsPerCall  = 50
	MaxRecordsToKeep   = 10_000 // ended, and not kept yet
	recordGiveUp       = 5      // failed parts, one after the other
	recordRetry        = 500 * time.Millisecond
	recordShort        = 2 * time.Second // a part that ends earlier has failed
	recordDoubt        = 6 * time.Second // after which an order whose outcome is not known is not carried out any more
	recordIDs          = 1 << 30         // derived ids from here on are recordings'
	reasonCallOver     = "the call is over"
	reasonTooManyParts = "it has too many parts"
)

// Over reports whether nothing of it is recorded any more.
func (r *Recording) Over() bool { return r.EndedAt != 0 }

// Silent reports whether it is paused, and known to be.
func (r *Recording) Silent() bool {
	return r.Paused && len(r.Pauses) > 0 && r.Pauses[len(r.Pauses)-1].Sure != 0
}

// State is the recording's state in a word: waiting, recording, pausing,
// paused, stopping, ended, or what has become of its file.
func (r *Recording) State() string {
	switch {
	case r.File != nil:
		return r.File.State
	case r.Over():
		return "ended"
	case r.StoppedAt != 0:
		return "stopping"
	case r.Silent():
		return "paused"
	case r.Paused:
		return "pausing"
	case r.openTracks() > 0:
		return "recording"
	}
	return "waiting"
}

func (r *Recording) openTracks() int {
	n := 0
	for i := range r.Tracks {
		if r.Tracks[i].State.open() {
			n++
		}
	}
	return n
}

// track returns a track by name, or nil.
func (r *Recording) track(n RecordName) *RecordTrack {
	for i := range r.Tracks {
		if r.Tracks[i].Name == n {
			return &r.Tracks[i]
		}
	}
	return nil
}

// spies are the tracks of one part.
func (r *Recording) spies() []Spy {
	if r.Channels == RecordStereo {
		return []Spy{SpyIn, SpyOut}
	}
	return []Spy{SpyBoth}
}

func (r *Recording) nameOf(part int, spy Spy) RecordName {
	return RecordName(RecordPrefix + r.ID.String() + "-" + strconv.Itoa(part) + "-" + string(spy))
}

// Recording returns a recording, or nil.
func (s *State) Recording(id RecordingID) *Recording { return s.recordings[id] }

func (s *State) recordingsInOrder() []*Recording {
	if len(s.recordings) == 0 {
		return nil
	}
	out := slices.Collect(maps.Values(s.recordings))
	slices.SortFunc(out, func(a, b *Recording) int { return int(a.Number - b.Number) })
	return out
}

// editRecording returns a recording for writing: a copy, unless it has been
// copied since the last event.
func (s *State) editRecording(id RecordingID) *Recording {
	r := s.recordings[id]
	if r.gen != s.gen {
		n := *r
		n.gen = s.gen
		n.Agents, n.Pauses, n.Tracks = slices.Clone(r.Agents), slices.Clone(r.Pauses), slices.Clone(r.Tracks)
		r = &n
		s.recordings[id] = r
	}
	return r
}

// restoreRecordings takes recordings from a snapshot.
func (s *State) restoreRecordings(list []*Recording) {
	for _, r := range list {
		s.recordings[r.ID] = r
		if r.StoppedAt == 0 {
			s.recording[r.Call] = r.ID
		}
	}
}

// tellRecording tells what has happened to a recording: started, continued,
// pausing, paused, resumed, ended, failed, saved or lost.
func (s *State) tellRecording(id RecordingID, what string) {
	r := s.recordings[id]
	s.emit(Event{Kind: EvRecording, Call: s.calls[r.Call], Node: r.Node, Recording: r, Reason: what})
}
