package dialer

import (
	"math"
	"testing"
)

// TestBaselines: the pacers stand in the published order, and those of which
// single kinds of work were published are within three points of them there.
// The suite holds the means over all kinds of work against the published ones.
func TestBaselines(t *testing.T) {
	t.Parallel()
	cells := []Cell{Usual(10, 0.10, 60, 45), Usual(10, 0.25, 120, 15), Usual(10, 0.40, 120, 45)}
	got := map[string]float64{}
	for _, kind := range Kinds() {
		trial, err := Try(t.Context(), kind, 0.03, cells, 1)
		if err != nil {
			t.Fatal(err)
		}
		got[kind] = trial.Mean(busy)
		if (kind == "ours" || kind == "hazard") && trial.Beyond() > 0 {
			t.Errorf("%s drops too many: %+v", kind, trial.Shifts)
		}
		if kind == "hazard" {
			within(t, kind, cells, trial)
		}
	}
	t.Logf("busy: %v", got)
	for i, kind := range inOrder[1:] {
		if got[inOrder[i]] >= got[kind] {
			t.Errorf("%s is busy %.1f %%, %s %.1f %%", inOrder[i], got[inOrder[i]], kind, got[kind])
		}
	}
	if got["ours"] <= got["hazard"] || got["supply"] <= got["progressive"] {
		t.Errorf("ours and supply are not above those they are built on: %v", got)
	}
	if New("nobody", 0, cells[0]) != nil {
		t.Error("there is a pacer of any name")
	}
	for i := range cells {
		cells[i].Agents = 25
	}
	trial, err := Try(t.Context(), "progressive", 0.03, cells, 1)
	if err != nil {
		t.Fatal(err)
	}
	within(t, "progressive", cells, trial)
}

// within holds single cells against what was published of them.
func within(t *testing.T, kind string, cells []Cell, trial Trial) {
	t.Helper()
	for i, c := range cells {
		both, known := publishedCells[kind][c.Agents][[2]int{int(math.Round(100 * c.Rate)), int(c.Talk)}]
		want := both[0]
		if c.Wrap == 45 {
			want = both[1]
		}
		if got := busy(trial.Shifts[i]); !known || math.Abs(got-want) > near {
			t.Errorf("%s, %d agents, %.0f %% answer, talks of %.0f s: busy %.1f %%, published %.0f", kind, c.Agents, 100*c.Rate, c.Talk, got, want)
		}
	}
}
