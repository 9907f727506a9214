package callmodel

import "slices"

// recordSplits is how many parts a recording may have for its parts to end when
// somebody goes away. What is left belongs to pauses, which cannot do without.
const recordSplits = MaxRecordParts / 2

// A track may be deaf to whoever comes after the one it has heard: a server
// takes what a newcomer says for what the one before has said already (see the
// backend). So a part ends when somebody leaves whom its leg has heard, for a hold or for
// good, and the next one, which has heard nobody, begins before anybody else
// is there.

// company returns the legs that a leg hears: those in its bridge whose party
// has not put it on hold.
func (c *Call) company(ch ChannelID) (out []ChannelID) {
	at := slices.IndexFunc(c.Conns, func(p Connection) bool { return p.Channel == ch && p.Leg.alive() })
	if at < 0 || c.Conns[at].In == "" {
		return nil
	}
	for i := range c.Conns {
		if p := &c.Conns[i]; i != at && p.In == c.Conns[at].In && p.Leg.alive() && p.talks() && p.State != Hold {
			out = append(out, p.Channel)
		}
	}
	return out
}

// bereft reports whether somebody has gone away whom a track has heard.
func (s *State) bereft(c *Call, r *Recording, t *RecordTrack) bool {
	if len(t.Heard) == 0 || t.Stopping || r.Parts >= recordSplits {
		return false
	}
	now := c.company(t.Channel)
	return slices.ContainsFunc(t.Heard, func(ch ChannelID) bool { return !slices.Contains(now, ch) })
}

// noteHeard notes whom a track hears. Whoever comes in besides is mixed, and
// does no harm before somebody goes.
func (s *State) noteHeard(c *Call, id RecordingID, name RecordName) {
	for _, ch := range c.company(s.recordings[id].track(name).Channel) {
		if t := s.recordings[id].track(name); len(t.Heard) < MaxRecordAgents && !slices.Contains(t.Heard, ch) {
			t = s.editRecording(id).track(name)
			t.Heard = append(slices.Clone(t.Heard), ch)
		}
	}
}
