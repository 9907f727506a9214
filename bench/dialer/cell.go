package dialer

import "math"

// Cell is what a team works under.
type Cell struct {
	Agents    int
	Rate      float64 // share of attempts that a person answers, on average
	Talk      float64 // mean seconds, as Wrap
	Wrap      float64
	Lines     float64 // per agent
	Hours     float64
	Grace     float64 // seconds that a person waits before nobody comes
	RingLimit float64 // seconds of ringing after which a line is given up
	Tick      float64 // seconds between two decisions
	Steady    bool    // no drift, no breaks, everybody there at once
	Refusals  bool    // four in ten conversations are short refusals
	Turn      float64 // from the middle of the shift on, the answer rate is so many times what it was; 0: no change
}

// Usual is a cell with the assumptions that hold unless one is varied.
func Usual(agents int, rate, talk, wrap float64) Cell {
	return Cell{Agents: agents, Rate: rate, Talk: talk, Wrap: wrap, Lines: 5, Hours: 8, Grace: 2, RingLimit: 22, Tick: 0.5}
}

// Cells are the 18 over which the published figures are means.
func Cells(agents int) []Cell {
	var out []Cell
	for _, rate := range []float64{0.10, 0.25, 0.40} {
		for _, talk := range []float64{60, 120, 240} {
			for _, wrap := range []float64{15, 45} {
				out = append(out, Usual(agents, rate, talk, wrap))
			}
		}
	}
	return out
}

// Result is what a shift has come to.
type Result struct {
	Busy    float64 // share of the time logged in that agents have talked or wrapped up
	Idle    float64 // seconds of waiting per call
	Dials   int
	Humans  int
	Dropped int // answered, and nobody came in time
	Bridged int
}

// Share is that of the people who were dropped.
func (r Result) Share() float64 { return float64(r.Dropped) / math.Max(1, float64(r.Humans)) }

// Over is how many drops there were beyond a share of the answers.
func (r Result) Over(target float64) float64 { return float64(r.Dropped) - target*float64(r.Humans) }
