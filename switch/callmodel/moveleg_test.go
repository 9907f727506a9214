package callmodel

import "testing"

// What is in doubt about the music is the leg's: whoever has the leg has to
// stop it, and the connection without one has nothing to stop.
func TestMovedLegTakesItsDoubtsAlong(t *testing.T) {
	t.Parallel()
	from, to := ItemRef{CallID{ID{1}}, ConnID{ID{2}}}, ItemRef{CallID{ID{3}}, ConnID{ID{4}}}
	s := New(nil)
	source := Connection{ID: from.Conn, Channel: "leg", Leg: LegUp, MusicMaybe: true, MusicLate: true, MusicStopAt: 7}
	s.calls[from.Call] = &Call{ID: from.Call, Conns: []Connection{source}, gen: s.gen}
	s.calls[to.Call] = &Call{ID: to.Call, Conns: []Connection{{ID: to.Conn}}, gen: s.gen}

	s.moveLeg(from, to)

	if q := s.calls[to.Call].Conns[0]; q.Channel != "leg" || !q.MusicMaybe || !q.MusicLate || q.MusicStopAt != 7 {
		t.Errorf("the leg has arrived without its doubts: %+v", q)
	}
	if p := s.calls[from.Call].Conns[0]; p.Channel != "" || p.MusicMaybe || p.MusicLate || p.MusicStopAt != 0 {
		t.Errorf("the connection without a leg still doubts: %+v", p)
	}
}
