package callmodel_test

import (
	"fmt"

	"strowger/switch/callmodel"
)

// learnRecordings gives tracks their symbolic names: rec1.2-in is track "in" of
// the second part of recording number 1.
func (s *scenario) learnRecordings() {
	for _, r := range s.state.View().Recordings {
		s.alias[fmt.Sprintf("recording%d", r.Number)] = r.ID.String()
		for i := range r.Tracks {
			t := &r.Tracks[i]
			s.name(fmt.Sprintf("rec%d.%d-%s", r.Number, t.Part, t.Spy), string(t.Name))
		}
	}
}

// recordDone reads "WHAT TRACK OUTCOME [gone|later]": the outcome of the
// track's last order.
func (s *scenario) recordDone(f []string) callmodel.Input {
	outcomes := map[string]callmodel.Result{"done": callmodel.Done, "failed": callmodel.Failed, "unknown": callmodel.Unknown}
	in := callmodel.EffectDone{What: f[0], Outcome: outcomes[f[2]]}
	for _, r := range s.state.View().Recordings {
		for i := range r.Tracks {
			if t := &r.Tracks[i]; string(t.Name) == s.id(f[1]) {
				in.Call, in.Effect = r.Call, t.Stop
				if f[0] == "record-start" {
					in.Effect = t.Start
				}
			}
		}
	}
	for _, o := range f[3:] {
		in.Gone = in.Gone || o == "gone"
		in.Later = in.Later || o == "later"
	}
	return in
}
