package callmodel

// Silence is the sound that keeps an agent's line awake; nobody hears it.
const Silence = "sound:silence/10"

// keepAwake has silence played to an agent who is alone in the bridge, because
// the customer is on hold: to a line that is sent nothing no whisper is sent
// either. Where it goes on too long nobody hears that.
func (s *State) keepAwake(id ConnID) {
	v := s.supervisions[id]
	c := s.calls[v.Call]
	in := c.Conn(v.Conn).In
	need := v.Mode == Whisper && v.Tap.Leg == LegUp && in != "" && in == c.Bridge && s.aloneIn(c, v)
	switch {
	case v.SilenceIn != "" && (!need || v.SilenceIn != in):
		s.stopSilence(id)
	case need && v.SilenceIn == "":
		play := s.superviseSound(id, in, Silence)
		v = s.editSupervision(id)
		v.Silence, v.SilenceIn = play, in
	}
}

// aloneIn reports whether nobody but the agent is in the bridge of a call.
func (s *State) aloneIn(c *Call, v *Supervision) bool {
	for i := range c.Conns {
		if p := &c.Conns[i]; p.ID != v.Conn && p.Leg.alive() && p.In == c.Bridge {
			return false
		}
	}
	for _, o := range s.supervisions {
		if o.In == c.Bridge {
			return false
		}
	}
	return true
}

func (s *State) stopSilence(id ConnID) {
	v := s.editSupervision(id)
	if play := v.Silence; play != "" {
		h := s.superviseHead(id)
		s.do(StopPlay{EffectHead: h, Play: play})
	}
	v = s.editSupervision(id)
	v.Silence, v.SilenceIn = "", ""
}

// silenceEnded is the end of such a silence: it is played again where it is
// still needed, unless it could not be played.
func (s *State) silenceEnded(in PlayEnded) bool {
	for _, v := range s.supervisions {
		if v.Silence == in.Play {
			v = s.editSupervision(v.ID)
			v.Silence = ""
			if !in.Failed {
				v.SilenceIn = ""
			}
			return true
		}
	}
	return false
}
