package callmodel

import (
	"time"

	"strowger/switch/fault"
)

// MaxRecordReason bounds the reason of a pause.
const MaxRecordReason = 128

// recordTarget finds the call that an order about a recording is for: by an
// agent's connection, which must be able to do it, or by the call itself, for
// somebody who stands above it.
func (s *State) recordTarget(op string, conn ConnID, call CallID, need Op) (*Call, error) {
	if !conn.IsZero() {
		c, _, err := s.allowed(op, conn, need)
		return c, err
	}
	c := s.calls[call]
	if c == nil {
		return nil, fault.New(fault.NotFound, op, call.String(), "no such call: it has ended or never was")
	}
	return c, nil
}

// activeRecording returns the recording of a call that goes on.
func (s *State) activeRecording(op string, conn ConnID, call CallID, need Op) (*Recording, error) {
	c, err := s.recordTarget(op, conn, call, need)
	if err != nil {
		return nil, err
	}
	id, active := s.recording[c.ID]
	if !active {
		return nil, fault.New(fault.Conflict, op, c.ID.String(), "the call is not being recorded")
	}
	return s.recordings[id], nil
}

func (s *State) startRecording(in StartRecording) error {
	c, err := s.recordTarget(in.Tag(), in.Conn, in.Call, OpRecord)
	if err != nil {
		return err
	}
	switch {
	case in.Channels != "" && in.Channels != RecordMono && in.Channels != RecordStereo:
		return fault.New(fault.Invalid, in.Tag(), string(in.Channels), "channels are mono or stereo")
	case s.storageFull != "":
		return fault.New(fault.Unavailable, in.Tag(), c.ID.String(), "no recording can be started: "+s.storageFull)
	case !s.mayBegin(c):
		return fault.New(fault.Conflict, in.Tag(), c.ID.String(), "the call is no conversation that can be recorded now")
	}
	if _, active := s.recording[c.ID]; active {
		return fault.New(fault.Conflict, in.Tag(), c.ID.String(), "the call is being recorded already")
	}
	rule := s.recordRule(c)
	if in.Channels != "" {
		rule.Channels = in.Channels
	}
	s.begin(c.ID, rule, in.By, false)
	return nil
}

func (s *State) stopRecordingBy(in StopRecording) error {
	r, err := s.activeRecording(in.Tag(), in.Conn, in.Call, OpRecord)
	if err != nil {
		return err
	}
	s.edit(r.Call).RecordOff = true
	s.stopRecording(r.ID, "stopped by command")
	return nil
}

// pauseRecording ends the part that is being recorded. That the recording is
// paused is in the state before any order leaves, and nothing begins a new part
// before it is resumed, whatever is restarted meanwhile; that the pause is sure is
// told when the part has ended.
func (s *State) pauseRecording(in PauseRecording) error {
	r, err := s.activeRecording(in.Tag(), in.Conn, in.Call, OpPauseRecording)
	switch {
	case err != nil:
		return err
	case len(in.Reason) > MaxRecordReason || !printable(in.Reason):
		return fault.Newf(fault.Invalid, in.Tag(), r.ID.String(), "a reason is a line of at most %d bytes", MaxRecordReason)
	case in.ResumeAfter != 0 && (in.ResumeAfter < MinPause || in.ResumeAfter > MaxPause):
		return fault.Newf(fault.Invalid, in.Tag(), r.ID.String(), "a pause lasts %s to %s", MinPause, MaxPause)
	case !r.Paused && len(r.Pauses) >= MaxRecordPauses:
		return fault.Newf(fault.Conflict, in.Tag(), r.ID.String(), "a recording has at most %d pauses: stop it instead", MaxRecordPauses)
	}
	length := r.PauseMax
	if in.ResumeAfter != 0 {
		length = min(in.ResumeAfter, r.PauseMax)
	}
	r = s.editRecording(r.ID)
	if !r.Paused {
		r.Paused = true
		r.Pauses = append(r.Pauses, RecordPausing{From: s.now, Reason: in.Reason, By: in.By})
		for i := range r.Tracks {
			s.stopTrack(r.ID, r.Tracks[i].Name)
		}
		s.pauseSure(r.ID)
	}
	r = s.editRecording(r.ID)
	r.Pauses[len(r.Pauses)-1].Due = s.now.Add(length) // asked for again: so much longer
	s.setTimer(TimerRecord, r.Call, ConnID{}, length)
	if !r.Silent() {
		s.tellRecording(r.ID, "pausing")
	}
	s.touch(r.Call)
	return nil
}

func (s *State) resumeRecording(in ResumeRecording) error {
	r, err := s.activeRecording(in.Tag(), in.Conn, in.Call, OpPauseRecording)
	if err != nil {
		return err
	}
	if r.Paused {
		s.resumeNow(r.ID, in.By)
	}
	return nil
}

// resumeNow ends a pause, by command or because its time is up.
func (s *State) resumeNow(id RecordingID, by string) {
	r := s.recordings[id]
	if !r.Paused {
		return
	}
	r = s.editRecording(id)
	r.Paused = false
	r.Pauses[len(r.Pauses)-1].To = s.now
	if by == "" {
		r.Pauses[len(r.Pauses)-1].Due = s.now
	}
	s.cancelTimer(TimerRecord, r.Call, ConnID{})
	s.tellRecording(id, "resumed")
	s.touch(r.Call)
}

func printable(text string) bool {
	for _, c := range text {
		if c < ' ' || c == 0x7f {
			return false
		}
	}
	return true
}

// Commands about recordings. Conn is an agent's connection in the call; or Call
// is given instead, by somebody who stands above the agents.
type (
	// StartRecording records a conversation from here on.
	StartRecording struct {
		Cmd
		Conn     ConnID         `json:"conn,omitzero"`
		Call     CallID         `json:"call,omitzero"`
		Channels RecordChannels `json:"channels,omitempty"` // empty: as the rules say
	}
	// StopRecording ends the recording of a call, and no rule begins another.
	StopRecording struct {
		Cmd
		Conn ConnID `json:"conn,omitzero"`
		Call CallID `json:"call,omitzero"`
	}
	// PauseRecording silences a recording, as while a card number is spoken.
	PauseRecording struct {
		Cmd
		Conn        ConnID        `json:"conn,omitzero"`
		Call        CallID        `json:"call,omitzero"`
		Reason      string        `json:"reason,omitempty"`
		ResumeAfter time.Duration `json:"resume_after,omitempty"` // 0: as the rules say
	}
	// ResumeRecording ends a pause.
	ResumeRecording struct {
		Cmd
		Conn ConnID `json:"conn,omitzero"`
		Call CallID `json:"call,omitzero"`
	}
)

// Facts about recordings.
type (
	// RecordingStarted: a track is being recorded.
	RecordingStarted struct {
		Node   NodeID     `json:"node"`
		Record RecordName `json:"record"`
	}
	// RecordingEnded: a track is over.
	RecordingEnded struct {
		Node     NodeID        `json:"node"`
		Record   RecordName    `json:"record"`
		Duration time.Duration `json:"duration,omitempty"` // as the backend says
		Failed   bool          `json:"failed,omitempty"`
		Reason   string        `json:"reason,omitempty"`
	}
	// RecordingSaved: a recording's file is kept, or it is known that there is none.
	RecordingSaved struct {
		Recording RecordingID `json:"recording"`
		File      RecordFile  `json:"file"`
	}
	// StorageState: there is no room for recordings any more, or there is again.
	StorageState struct {
		Full   bool   `json:"full,omitempty"`
		Reason string `json:"reason,omitempty"`
	}
)

// Orders about recordings.
type (
	// RecordStart records what a leg's party says, hears, or both, under a name of
	// its own. [RecordingStarted] tells that it has begun.
	RecordStart struct {
		EffectHead
		Record  RecordName
		Channel ChannelID
		Spy     Spy
	}
	// RecordStop ends a track; [RecordingEnded] follows.
	RecordStop struct {
		EffectHead
		Record RecordName
	}
)

// What implements Effect for each kind.
func (RecordStart) What() string { return "record-start" }
func (RecordStop) What() string  { return "record-stop" }

func (StartRecording) Tag() string   { return "start-recording" }
func (StopRecording) Tag() string    { return "stop-recording" }
func (PauseRecording) Tag() string   { return "pause-recording" }
func (ResumeRecording) Tag() string  { return "resume-recording" }
func (RecordingStarted) Tag() string { return "recording-started" }
func (RecordingEnded) Tag() string   { return "recording-ended" }
func (RecordingSaved) Tag() string   { return "recording-saved" }
func (StorageState) Tag() string     { return "storage-state" }

// recordText is AppendEffect for orders about recordings.
func (b *textBuf) recordText(e Effect) {
	switch e := e.(type) {
	case RecordStart:
		b.kv("record", string(e.Record))
		b.kv("channel", string(e.Channel))
		b.kv("spy", string(e.Spy))
	case RecordStop:
		b.kv("record", string(e.Record))
	}
}

// recordCommand is a command about a recording; handled is false for others.
func (s *State) recordCommand(cmd Command) (handled bool, err error) {
	switch c := cmd.(type) {
	case StartRecording:
		return true, s.startRecording(c)
	case StopRecording:
		return true, s.stopRecordingBy(c)
	case PauseRecording:
		return true, s.pauseRecording(c)
	case ResumeRecording:
		return true, s.resumeRecording(c)
	}
	return false, nil
}

// recordFact is a fact about recordings; handled is false for others.
func (s *State) recordFact(in Input) (handled bool) {
	switch in := in.(type) {
	case RecordingStarted:
		s.recordingStarted(in)
	case RecordingEnded:
		s.recordingEnded(in)
	case RecordingSaved:
		s.recordingSaved(in)
	case StorageState:
		s.storageState(in)
	default:
		return false
	}
	return true
}
