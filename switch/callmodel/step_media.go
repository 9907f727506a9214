package callmodel

import (
	"strconv"
	"strings"

	"strowger/switch/fault"
)

// play orders sounds for a leg and returns their id.
func (s *State) play(id CallID, conn ConnID, media ...string) PlayID {
	c, p := s.editConn(id, conn)
	p.Music, p.MusicAsked = false, false // a sound ends the leg's music for good
	c.Plays++
	play := PlayID(OwnPrefix + "p-" + id.String() + "-" + strconv.FormatUint(uint64(c.Plays), 10))
	s.do(Play{EffectHead: s.head(c, conn), Play: play, Channel: p.Channel, Media: media})
	return play
}

// stopPlay ends a sound that plays to a leg.
func (s *State) stopPlay(id CallID, conn ConnID, play PlayID) {
	c, p := s.editConn(id, conn)
	if play != "" && p.Leg.alive() {
		s.do(StopPlay{EffectHead: s.head(c, conn), Play: play, Channel: p.Channel})
	}
}

// call returns the call that a sound was played for.
func (p PlayID) call() (CallID, bool) {
	rest, ours := strings.CutPrefix(string(p), OwnPrefix+"p-")
	text, _, _ := strings.Cut(rest, "-")
	id, err := ParseID(text)
	return CallID{id}, ours && err == nil
}

// playEnded goes on with whatever waited for a sound.
func (s *State) playEnded(play PlayID, failed bool) {
	id, ours := play.call()
	c := s.calls[id]
	if !ours || c == nil {
		return
	}
	for i := range c.Conns {
		if p := &c.Conns[i]; p.Beep == play && p.offered() {
			conn := p.ID
			_, p = s.editConn(id, conn)
			p.Beep = ""
			s.beepOver(id, conn)
			return
		}
	}
	switch {
	case c.IVR != nil && c.IVR.Play == play:
		s.promptEnded(id, failed)
	case c.Announce != nil && c.Announce.Play == play:
		s.announceEnded(id)
	case c.told(play):
		s.messageEnded(id, failed)
	case c.Playing == play:
		s.edit(id).Playing = ""
		s.emit(Event{Kind: EvPlayEnded, Call: s.calls[id], Node: c.Node, Reason: endedHow(failed)})
	}
}

func endedHow(failed bool) string {
	if failed {
		return "failed"
	}
	return "done"
}

// playFailed is a sound that could not be ordered.
func (s *State) playFailed(in EffectDone) {
	c := s.calls[in.Call]
	if c == nil {
		return
	}
	if in.Outcome != Failed { // its end or a timer decides; it may come late, and take the place of music
		if p := c.Conn(in.Conn); p != nil && p.Channel == in.Channel && p.Channel != "" {
			_, p = s.editConn(in.Call, in.Conn)
			p.MusicLate = true
		}
		return
	}
	switch {
	case c.IVR != nil && c.IVR.Play != "":
		s.playEnded(c.IVR.Play, true)
	case c.Announce != nil && c.Announce.Play != "":
		s.playEnded(c.Announce.Play, true)
	case c.Dial != nil && c.told(c.Dial.Play):
		s.messageFailed(in)
	case c.Playing != "":
		s.playEnded(c.Playing, true)
	}
}

// playFile plays a sound to everybody in the call.
func (s *State) playFile(in PlayFile) error {
	c, _, err := s.allowed(in.Tag(), in.Conn, OpPlay)
	if err != nil {
		return err
	}
	if err := ValidMedia(in.Media); err != nil {
		return err
	}
	if c.Playing != "" {
		return fault.New(fault.Conflict, in.Tag(), in.Conn.Hex(), "something is being played already: stop it first")
	}
	c = s.edit(c.ID)
	c.Plays++
	c.Playing = PlayID(OwnPrefix + "p-" + c.ID.String() + "-" + strconv.FormatUint(uint64(c.Plays), 10))
	s.do(Play{EffectHead: s.head(c, in.Conn), Play: c.Playing, Bridge: c.Bridge, Media: []string{in.Media}})
	s.emitCall(EvDataChanged, c.ID, in.Conn)
	return nil
}

func (s *State) stopFile(in StopFile) error {
	c, _, err := s.allowed(in.Tag(), in.Conn, OpPlay)
	if err != nil {
		return err
	}
	if c.Playing != "" {
		c = s.edit(c.ID)
		s.do(StopPlay{EffectHead: s.head(c, in.Conn), Play: c.Playing})
	}
	return nil
}

// mute keeps the others from hearing this party.
func (s *State) mute(in Mute) error {
	c, p, err := s.allowed(in.Tag(), in.Conn, OpMute)
	switch {
	case err != nil || p.Muted == in.On:
		return err
	case !p.Leg.alive():
		return fault.New(fault.Conflict, in.Tag(), in.Conn.Hex(), "the line's phone is not in this call")
	}
	c, p = s.editConn(c.ID, in.Conn)
	p.Muted = in.On
	s.do(MuteLeg{EffectHead: s.head(c, in.Conn), Channel: p.Channel, On: in.On})
	s.emitCall(EvDataChanged, c.ID, in.Conn)
	return nil
}

// sendDigits sends DTMF to the other parties.
func (s *State) sendDigits(in SendDigits) error {
	c, p, err := s.allowed(in.Tag(), in.Conn, OpSendDigits)
	if err != nil {
		return err
	}
	if in.Digits == "" || len(in.Digits) > MaxSendDigits || strings.Trim(in.Digits, "0123456789*#ABCD") != "" {
		return fault.Newf(fault.Invalid, in.Tag(), in.Conn.Hex(), "digits are 1 to %d of 0-9, *, # and A-D", MaxSendDigits)
	}
	sent := false
	for i := range c.Conns {
		q := &c.Conns[i]
		if q.ID == p.ID || !q.talks() || !q.Leg.alive() {
			continue
		}
		sent = true
		s.do(SendDTMF{EffectHead: s.head(c, q.ID), Channel: q.Channel, Digits: in.Digits})
	}
	if !sent {
		return fault.New(fault.Conflict, in.Tag(), in.Conn.Hex(), "nobody else is in the call")
	}
	return nil
}
