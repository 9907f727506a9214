package callmodel

import (
	"slices"
	"time"
)

// touch notes a call whose recording is looked at when the step is done.
func (s *State) touch(id CallID) {
	if n := len(s.touched); n == 0 || s.touched[n-1] != id {
		s.touched = append(s.touched, id)
	}
}

// record brings the recordings of all calls that this step has touched in step
// with their calls. It runs at the end of a step, so that no path through the
// model can forget a recording.
func (s *State) record() {
	for i := 0; i < len(s.touched); i++ { // it grows by what is told meanwhile
		s.recordCall(s.touched[i])
	}
	s.touched = s.touched[:0]
}

func (s *State) recordCall(id CallID) {
	c := s.calls[id]
	rid, active := s.recording[id]
	switch {
	case active && (c == nil || c.Phase == PhaseOver):
		s.stopRecording(rid, reasonCallOver)
	case c == nil:
	case active:
		s.keepRecording(c, rid)
	case s.mayBegin(c):
		if rule := s.recordRule(c); rule.Mode == RecordAlways && rule.sampled(id) && !c.RecordOff && s.storageFull == "" {
			s.begin(id, rule, "", true)
		}
	}
	if s.calls[id] != nil {
		s.recordFlags(id)
	}
}

// mayBegin reports whether a call is a conversation that could be recorded.
func (s *State) mayBegin(c *Call) bool {
	n := s.nodes[c.Node]
	return c.Phase == PhaseTalking && c.Recordings < MaxRecordsPerCall && n != nil && n.Up && s.anchor(c) != nil
}

// recordRule is the rule that applies to a call: the strongest of its queue's
// and those of the agents who talk.
func (s *State) recordRule(c *Call) RecordRule {
	var rule RecordRule
	if q := s.queueConfig(c); q != nil {
		rule = rule.stronger(q.Recording)
	}
	for i := range c.Conns {
		p := &c.Conns[i]
		if p.Role != RoleAgent || !p.talks() {
			continue
		}
		if a := s.config.Agent(p.Agent); a != nil {
			rule = rule.stronger(a.Recording)
		}
	}
	return rule
}

// anchor is the party whose leg is followed: the first who is no agent, else
// whoever is in the conversation with a leg of their own. What that party says
// and hears is the conversation; an agent's leg may be lent to another call.
func (s *State) anchor(c *Call) *Connection {
	var found *Connection
	talking := 0
	for i := range c.Conns {
		p := &c.Conns[i]
		if !p.talks() {
			continue
		}
		talking++
		if p.Leg != LegUp && (p.Leg != LegDown || p.Channel.Ours()) || p.Channel == "" {
			continue
		}
		if found == nil || found.Role == RoleAgent && p.Role != RoleAgent {
			found = p
		}
	}
	if talking < 2 {
		return nil
	}
	return found
}

// follows reports whether a leg still belongs to somebody in the conversation.
func (c *Call) follows(ch ChannelID) bool {
	return slices.ContainsFunc(c.Conns, func(p Connection) bool {
		return p.Channel == ch && p.Leg.alive() && p.talks()
	})
}

// begin starts a recording of a conversation.
func (s *State) begin(id CallID, rule RecordRule, by string, byRule bool) RecordingID {
	c := s.edit(id)
	s.counters.Recording++
	r := &Recording{
		ID: RecordingID{c.ID.derive(recordIDs + c.Recordings)}, Number: s.counters.Recording, Call: id, CallNumber: c.Number, Lane: c.lane(),
		Node: c.Node, Queue: c.Queue, Caller: c.Caller, Dialled: c.Dialled, Channels: rule.Channels, ByRule: byRule, By: by,
		Keep: rule.Keep, PauseMax: rule.PauseMax, AskedAt: s.now, gen: s.gen,
	}
	if r.Channels == "" {
		r.Channels = RecordMono
	}
	if r.PauseMax == 0 {
		r.PauseMax = DefaultPauseMax
	}
	c.Recordings++
	c.Recording, c.RecordOff = r.ID, false
	s.recordings[r.ID], s.recording[id] = r, r.ID
	s.keepRecording(c, r.ID)
	return r.ID
}

// keepRecording has a recording follow its conversation: while people talk
// there is a part, on a leg that is theirs, unless it is paused.
func (s *State) keepRecording(c *Call, id RecordingID) {
	s.noteAgents(c, id)
	at := s.anchor(c)
	r := s.recordings[id]
	open := 0
	for i := range r.Tracks {
		t := &r.Tracks[i]
		if !t.State.open() {
			continue
		}
		open++
		if c.Phase != PhaseTalking || at == nil || r.Paused || !c.follows(t.Channel) || s.siblingOver(r, t) || s.bereft(c, r, t) {
			s.stopTrack(id, t.Name)
			continue
		}
		s.noteHeard(c, id, t.Name)
	}
	if n := s.nodes[c.Node]; open == 0 && at != nil && c.Phase == PhaseTalking && !r.Paused && r.RetryAt <= s.now && n != nil && n.Up {
		s.nextPart(id, at.Channel)
	}
	s.pauseSure(id)
}

// siblingOver reports whether another track of the same part is over: the part
// is made again as a whole.
func (s *State) siblingOver(r *Recording, t *RecordTrack) bool {
	return slices.ContainsFunc(r.Tracks, func(o RecordTrack) bool { return o.Part == t.Part && !o.State.open() })
}

// noteAgents notes who has talked.
func (s *State) noteAgents(c *Call, id RecordingID) {
	for i := range c.Conns {
		p := &c.Conns[i]
		if p.Role != RoleAgent || !p.talks() {
			continue
		}
		if r := s.recordings[id]; len(r.Agents) < MaxRecordAgents && !slices.Contains(r.Agents, p.Agent) {
			r = s.editRecording(id)
			r.Agents = append(r.Agents, p.Agent)
		}
	}
}

// nextPart orders the tracks of a new part.
func (s *State) nextPart(id RecordingID, ch ChannelID) {
	r := s.editRecording(id)
	if r.Parts >= MaxRecordParts {
		s.giveUp(id, reasonTooManyParts)
		return
	}
	r.Parts++
	for _, spy := range r.spies() {
		t := RecordTrack{Name: r.nameOf(r.Parts, spy), Part: r.Parts, Spy: spy, Channel: ch, State: TrackAsked, AskedAt: s.now}
		head := s.recordHead(r)
		t.Start = head.ID
		r.Tracks = append(r.Tracks, t)
		s.do(RecordStart{EffectHead: head, Record: t.Name, Channel: ch, Spy: spy})
	}
}

// recordHead starts an order about a recording, whose call may be over.
func (s *State) recordHead(r *Recording) EffectHead {
	s.counters.Effect++
	return EffectHead{ID: s.counters.Effect, Node: r.Node, Call: r.Call, Lane: r.Lane}
}

func (s *State) stopTrack(id RecordingID, name RecordName) {
	r := s.editRecording(id)
	if t := r.track(name); t.State.open() && !t.Stopping {
		t.Stopping = true
		stop := s.stopOrder(r, t)
		if t.AskedAt == s.now {
			s.do(stop) // its start is an order of this step
			return
		}
		// Before all others of this step: what a leg hears next is not recorded.
		s.out.Effects = slices.Insert(s.out.Effects, 0, Effect(stop))
	}
}

func (s *State) stopOrder(r *Recording, t *RecordTrack) RecordStop {
	head := s.recordHead(r)
	t.Stop = head.ID
	return RecordStop{EffectHead: head, Record: t.Name}
}

// stopAgain repeats an order to stop a track: it does no harm twice.
func (s *State) stopAgain(id RecordingID, name RecordName) {
	r := s.editRecording(id)
	s.do(s.stopOrder(r, r.track(name)))
}

// pauseSure tells that a pause is sure: nothing is recorded any more.
func (s *State) pauseSure(id RecordingID) {
	r := s.recordings[id]
	if !r.Paused || r.Silent() || r.StoppedAt != 0 || r.openTracks() > 0 {
		return
	}
	r = s.editRecording(id)
	r.Pauses[len(r.Pauses)-1].Sure = s.now
	s.tellRecording(id, "paused")
}

// stopRecording ends a recording; its end is told when its tracks are over.
func (s *State) stopRecording(id RecordingID, why string) {
	r := s.editRecording(id)
	if r.StoppedAt != 0 {
		return
	}
	r.StoppedAt, r.Reason = s.now, why
	delete(s.recording, r.Call)
	s.cancelTimer(TimerRecord, r.Call, ConnID{})
	s.cancelTimer(TimerRecord, r.Call, ConnID(r.ID))
	if n := len(r.Pauses); r.Paused && n > 0 {
		r.Pauses[n-1].To = s.now
	}
	for i := range r.Tracks {
		s.stopTrack(id, r.Tracks[i].Name)
	}
	s.recordingOver(id)
}

// recordingOver tells the end of a recording of which no track is open.
func (s *State) recordingOver(id RecordingID) {
	r := s.recordings[id]
	if r.StoppedAt == 0 || r.EndedAt != 0 || r.openTracks() > 0 {
		return
	}
	r = s.editRecording(id)
	r.EndedAt = s.now
	what := "ended"
	if r.StartedAt == 0 {
		what = "failed"
	}
	s.tellRecording(id, what)
	s.forgetOldRecordings()
}

// forgetOldRecordings bounds what waits for its file to be kept.
func (s *State) forgetOldRecordings() {
	if len(s.recordings) <= MaxRecordsToKeep {
		return
	}
	for _, r := range s.recordingsInOrder() {
		if r.Over() {
			delete(s.recordings, r.ID)
			s.incident(r.Node, "recording "+r.ID.String()+" is forgotten: too many wait for their file to be kept")
			return
		}
	}
}

// giveUp ends a recording that cannot go on, and begins no other for the call.
func (s *State) giveUp(id RecordingID, why string) {
	r := s.recordings[id]
	if c := s.calls[r.Call]; c != nil {
		s.edit(c.ID).RecordOff = true
	}
	s.incident(r.Node, "the recording of call "+r.Call.String()+" was given up: "+why)
	s.stopRecording(id, why)
}

// recordFlags keeps what agents can do about the recording, and tells it.
func (s *State) recordFlags(id CallID) {
	c := s.calls[id]
	rid, active := s.recording[id]
	may := c.Phase == PhaseTalking && s.mayRecord(c)
	paused := active && s.recordings[rid].Paused
	for i := range c.Conns {
		p := &s.calls[id].Conns[i]
		can, rec := may && p.Role == RoleAgent && p.talks(), active && p.Role == RoleAgent && p.talks()
		if p.MayRecord == can && p.Recorded == rec && p.RecordPaused == (rec && paused) {
			continue
		}
		_, p = s.editConn(id, p.ID)
		p.MayRecord, p.Recorded, p.RecordPaused = can, rec, rec && paused
		if p.talks() {
			s.emitCall(EvDataChanged, id, p.ID)
		}
	}
}

// mayRecord reports whether the rules leave it to the agents: where the rule
// says always, they cannot stop a recording, only pause it.
func (s *State) mayRecord(c *Call) bool {
	rule := s.recordRule(c)
	switch rule.Mode {
	case RecordOnDemand:
		return true
	case RecordAlways:
		return !rule.sampled(c.ID)
	case RecordOff:
	}
	return false
}

// backoff is how long a recording waits before the next part.
func (r *Recording) backoff() time.Duration {
	return recordRetry << min(max(r.Failures-1, 0), 5)
}
