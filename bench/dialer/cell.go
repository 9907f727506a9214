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
	NoScreen  bool    // nobody tells machines from people: they are given to agents, who notice after 8 s
	Deaf      float64 // share of the people whom the detector takes for machines
	Ignored   float64 // share of the offers that an agent lets pass, who is then taken out for a minute
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

// Variations are what else the world may be like, one assumption at a time.
func Variations() []Variation {
	return []Variation{
		{"usual", func(*Cell) {}},
		{"no drift, no breaks", func(c *Cell) { c.Steady = true }},
		{"4 in 10 refuse at once", func(c *Cell) { c.Refusals = true }},
		{"the answer rate doubles", func(c *Cell) { c.Turn = 2 }},
		{"the answer rate halves", func(c *Cell) { c.Turn = 0.5 }},
		{"machines reach agents", func(c *Cell) { c.NoScreen = true }},
		{"1 % of people taken for machines", func(c *Cell) { c.Deaf = 0.01 }},
		{"2 lines per agent", func(c *Cell) { c.Lines = 2 }},
		{"1.5 lines per agent", func(c *Cell) { c.Lines = 1.5 }},
		{"decided every 2.5 s", func(c *Cell) { c.Tick = 2.5 }},
		{"ring limit 16 s", func(c *Cell) { c.RingLimit = 16 }},
		{"2 % of offers ignored", func(c *Cell) { c.Ignored = 0.02 }},
	}
}

// Variation changes one assumption of a cell.
type Variation struct {
	Name string
	Make func(*Cell)
}

// Result is what a shift has come to.
type Result struct {
	Busy    float64 // share of the time logged in that agents have talked or wrapped up
	Idle    float64 // seconds of waiting per call
	Dials   int
	GivenUp int // lines that had rung for long enough, and found no agent free
	Humans  int
	Dropped int // answered, and nobody came in time
	False   int // people who were taken for machines; not among the humans
	Bridged int
}

// Share is that of the people who were dropped, or taken for machines.
func (r Result) Share() float64 {
	return float64(r.Dropped+r.False) / math.Max(1, float64(r.Humans+r.False))
}

// Over is how many drops there were beyond a share of the answers.
func (r Result) Over(target float64) float64 {
	return float64(r.Dropped+r.False) - target*float64(r.Humans+r.False)
}
