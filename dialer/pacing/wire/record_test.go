package wire

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
	"time"

	"strowger/dialer/pacing"
)

// TestRecord: what a campaign has decided upon comes back as the same scene.
func TestRecord(t *testing.T) {
	t.Parallel()
	scene := pacing.Scene{
		Now: time.Hour + 1500*time.Millisecond, Begin: time.Hour, End: 9 * time.Hour, Target: 0.02,
		Agents:  []pacing.Agent{{Status: pacing.Talking, Since: time.Hour, Leaving: true}, {Status: pacing.Idle, Since: time.Hour + 250*time.Millisecond}},
		Ringing: []time.Duration{time.Hour + time.Second}, Waiting: 1, Lines: 3, LineLimit: 9,
		Today:   pacing.Counts{Humans: 40, Abandoned: 1},
		Windows: []pacing.Window{{Counts: pacing.Counts{Humans: 400, Abandoned: 12}, Limit: 0.03}},
	}
	facts := []pacing.Fact{{At: time.Hour, Kind: pacing.DialEnded, Outcome: pacing.SIT, Took: 1250 * time.Millisecond}}
	var text bytes.Buffer
	tick := Tick{Scene: scene, Facts: facts, Decision: pacing.Decision{Dial: 4, Why: pacing.TooRisky}, Made: 2, Held: "rate limit"}
	h := Hello{Agents: 2, TrunkLimit: 9, Grace: 2, Target: 0.05, ShiftEnds: 100}
	if err := h.Write(&text); err != nil {
		t.Fatal(err)
	}
	if err := tick.Write(&text); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(text.String(), `"made":2,"held":"rate limit"`) {
		t.Errorf("what has become of it is not there: %s", text.String())
	}
	for name, c := range map[string]struct {
		o      Options
		target float64
		limit  float64
	}{"as it was": {Options{}, 0.02, 0.03}, "another target": {Options{Target: new(0.01)}, 0.01, 0.01}} {
		want := scene
		want.Target, want.Windows = c.target, []pacing.Window{{Counts: scene.Windows[0].Counts, Limit: c.limit}}
		err := Replay(bytes.NewReader(text.Bytes()), c.o, func(s Step) error {
			var got pacing.Scene
			if s.State.scene(&h, &c.o, &got); !reflect.DeepEqual(got, want) {
				t.Errorf("%s: %+v\nwant %+v", name, got, want)
			}
			if got := s.State.facts(nil); s.Then != 4 || !reflect.DeepEqual(got, facts) {
				t.Errorf("%s: %d lines, %+v", name, s.Then, got)
			}
			return nil
		})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
