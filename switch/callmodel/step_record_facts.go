package callmodel

import (
	"time"
)

// recordingStarted is a track that has begun.
func (s *State) recordingStarted(in RecordingStarted) {
	r, t := s.trackOf(in.Record)
	switch {
	case t == nil || !t.State.open():
		s.strayTrack(in.Node, in.Record)
		return
	case t.State == TrackLive:
		return
	}
	r = s.editRecording(r.ID)
	t = r.track(in.Record)
	t.State, t.StartedAt = TrackLive, s.now
	what := "continued"
	if r.StartedAt == 0 {
		r.StartedAt, what = s.now, "started"
	}
	if t.Spy != SpyOut && !t.Stopping { // of two tracks one tells it
		s.tellRecording(r.ID, what)
	}
	s.touch(r.Call)
}

// strayTrack stops a recording of ours that nothing in the state explains, as
// one whose order was carried out long after it was given up. Its file is found
// by whoever keeps the files.
func (s *State) strayTrack(node NodeID, name RecordName) {
	if !name.Ours() {
		return
	}
	s.counters.Effect++
	s.do(RecordStop{EffectHead: EffectHead{ID: s.counters.Effect, Node: node}, Record: name})
	s.incident(node, "recording "+string(name)+" belongs to no conversation and was stopped")
}

func (s *State) trackOf(name RecordName) (*Recording, *RecordTrack) {
	id, ours := name.Recording()
	r := s.recordings[id]
	if !ours || r == nil {
		return nil, nil
	}
	return r, r.track(name)
}

// recordingEnded is a track that is over.
func (s *State) recordingEnded(in RecordingEnded) {
	if r, t := s.trackOf(in.Record); t != nil && t.State.open() {
		s.trackOver(r.ID, in.Record, in.Duration, in.Failed, in.Reason)
	}
}

// trackOver closes a track. One that ends without an order of ours is followed
// by a new part, a little later: mostly the leg has just ended.
func (s *State) trackOver(id RecordingID, name RecordName, d time.Duration, failed bool, why string) {
	r := s.editRecording(id)
	t := r.track(name)
	t.State, t.EndedAt, t.Duration, t.Reason = TrackEnded, s.now, d, why
	if failed {
		t.State = TrackFailed
	}
	short := t.StartedAt == 0 || s.now.Sub(t.StartedAt) < recordShort
	switch {
	case t.Stopping:
	case failed || short:
		if t.Spy != SpyOut {
			r.Failures++
		}
		s.retryRecording(r)
	default:
		r.Failures = 0
		s.retryRecording(r)
	}
	if r.StoppedAt == 0 && r.Failures >= recordGiveUp {
		if why == "" {
			why = "its parts end as soon as they begin"
		}
		s.giveUp(id, why)
	}
	s.recordingOver(id)
	s.touch(r.Call)
}

func (s *State) retryRecording(r *Recording) {
	if r.StoppedAt != 0 {
		return
	}
	d := r.backoff()
	r.RetryAt = s.now.Add(d)
	s.recordWait(r, d)
}

// recordWait has a recording be looked at again after a time, or earlier.
func (s *State) recordWait(r *Recording, d time.Duration) {
	key := TimerKey{Kind: TimerRecord, Call: r.Call, Conn: ConnID(r.ID)}
	if t, waits := s.timers[key]; !waits || t.Due > s.now.Add(d) {
		s.setTimer(TimerRecord, r.Call, ConnID(r.ID), d)
	}
}

// recordOutcome takes the outcome of an order about a recording.
func (s *State) recordOutcome(in EffectDone) {
	for _, r := range s.recordings { // an order belongs to at most one track
		if r.Call != in.Call {
			continue
		}
		for i := range r.Tracks {
			t := &r.Tracks[i]
			if t.Start == in.Effect || t.Stop == in.Effect {
				s.trackOutcome(r.ID, t.Name, in)
				return
			}
		}
	}
}

func (s *State) trackOutcome(id RecordingID, name RecordName, in EffectDone) {
	t := s.recordings[id].track(name)
	switch {
	case !t.State.open():
	case in.What == (RecordStart{}).What() && in.Outcome == Unknown:
		s.editRecording(id).track(name).Doubt = true // its start, its end or a listing tells
	case in.What == (RecordStart{}).What() && in.Outcome == Failed:
		s.startFailed(id, name, in)
	case in.What == (RecordStop{}).What() && in.Gone && !t.Doubt:
		s.trackOver(id, name, 0, t.StartedAt == 0, "")
	case in.What == (RecordStop{}).What() && in.Outcome != Done:
		if r := s.editRecording(id); r.StoppedAt == 0 {
			s.recordWait(r, recordRetry)
		}
	}
}

func (s *State) startFailed(id RecordingID, name RecordName, in EffectDone) {
	if in.Later { // no fault of the recording: the next comparison of the state tries again
		r := s.editRecording(id)
		t := r.track(name)
		t.State, t.EndedAt, t.Reason = TrackFailed, s.now, in.Reason
		s.retryRecording(r)
		s.recordingOver(id)
		s.touch(r.Call)
		return
	}
	s.trackOver(id, name, 0, true, in.Reason)
}

// recordTimer is the end of a pause, or the time to try again.
func (s *State) recordTimer(key TimerKey) {
	rid, active := s.recording[key.Call]
	if !active {
		return
	}
	if key.Conn.IsZero() {
		s.resumeNow(rid, "")
		return
	}
	r := s.editRecording(rid)
	if r.RetryAt <= s.now {
		r.RetryAt = 0
	} else {
		s.recordWait(r, r.RetryAt.Sub(s.now))
	}
	for i := range r.Tracks {
		if t := &r.Tracks[i]; t.State.open() && t.Stopping {
			s.stopAgain(rid, t.Name)
		}
	}
	s.touch(key.Call)
}

// storageState says whether recordings can be kept.
func (s *State) storageState(in StorageState) {
	switch {
	case in.Full == (s.storageFull != ""):
		return
	case in.Full:
		s.storageFull = in.Reason
		if s.storageFull == "" {
			s.storageFull = "there is no room for recordings"
		}
		s.incident("", "no recording is started any more: "+s.storageFull)
	default:
		s.storageFull = ""
		s.incident("", "recordings are started again: there is room")
	}
	for _, c := range s.callsInOrder() {
		s.touch(c.ID)
	}
}

// recordingSaved is the end of a recording's life in the state: its file is
// kept, or it is known that there is none.
func (s *State) recordingSaved(in RecordingSaved) {
	r := s.recordings[in.Recording]
	if r == nil || !r.Over() {
		return
	}
	r = s.editRecording(r.ID)
	f := in.File
	r.File = &f
	s.tellRecording(r.ID, f.State)
	delete(s.recordings, r.ID)
}

// resyncRecordings compares the recordings with what is live on a server.
func (s *State) resyncRecordings(in Resync, again bool) {
	for _, c := range s.callsInOrder() {
		if c.Node == in.Node {
			s.touch(c.ID)
		}
	}
	live := map[RecordName]bool{}
	for _, n := range in.Recordings {
		live[n] = true
	}
	for _, r := range s.recordingsInOrder() {
		if r.Node != in.Node {
			continue
		}
		for i := range r.Tracks {
			name := r.Tracks[i].Name
			if r.Tracks[i].State.open() {
				s.resyncTrack(r.ID, name, in, live[name], again)
				if s.recordings[r.ID] == nil {
					break
				}
			}
		}
	}
	for _, n := range in.Recordings {
		r, t := s.trackOf(n)
		if t == nil || !t.State.open() && t.EndedAt < in.AsOf.Add(-settleTime) {
			s.strayTrack(in.Node, n)
		} else if !t.State.open() && in.Fresh {
			s.do(RecordStop{EffectHead: s.recordHead(r), Record: n})
		}
	}
}

// resyncTrack takes what a listing says of an open track. What is to end is
// ordered again after every new connection.
func (s *State) resyncTrack(id RecordingID, name RecordName, in Resync, there, again bool) {
	r := s.recordings[id]
	t := r.track(name)
	seen := max(t.StartedAt, t.AskedAt)
	switch {
	case !there && seen >= in.AsOf, !there && (t.Doubt || !in.Fresh && t.State == TrackAsked) && t.AskedAt > in.AsOf.Add(-recordDoubt):
		return // the listing is older, or it is on its way: the order may wait for others of its call
	case !there:
		t := s.editRecording(id).track(name)
		t.Stopping = t.Stopping || in.Fresh || again // nobody could tell us: no fault of the part
		s.trackOver(id, name, 0, t.StartedAt == 0, "it ended while nobody could see it")
		return
	}
	if t.State == TrackAsked {
		s.recordingStarted(RecordingStarted{Node: in.Node, Record: name})
	}
	if t = s.recordings[id].track(name); t.Stopping && (again || in.Fresh || t.AskedAt < in.AsOf.Add(-settleTime)) {
		s.stopAgain(id, name)
	}
}
