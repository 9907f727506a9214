package dialer

// published are the figures that the pacers are held against: mean share of
// busy time in percent, by size of the team. They were made in another simulator
// of the same assumptions, as far as these were told.
var published = map[string]map[int]float64{
	"preview":     {5: 49.9, 10: 50.0, 25: 50.6, 50: 50.6, 100: 50.7, 300: 50.5},
	"progressive": {5: 63.5, 10: 63.6, 25: 64.2, 50: 64.2, 100: 64.2, 300: 64.4},
	"vicidial":    {5: 65.0, 10: 65.9, 25: 68.6, 50: 69.9, 100: 71.1, 300: 72.7},
	"erlang":      {5: 71.8, 10: 80.4, 25: 87.8, 50: 91.6, 100: 94.3, 300: 96.4},
	"hazard":      {5: 77.3, 10: 82.6, 25: 89.1, 50: 92.8, 100: 95.5, 300: 98.3},
}

// inOrder are those whose order was published, from the least busy to the most.
var inOrder = []string{"preview", "progressive", "vicidial", "erlang", "hazard"}

// near is how many points a pacer may be from its published figure.
const near = 3.0

// Goals of the product's pacer: busy time in percent at a target of 3 and of
// 1 %, and idle seconds per call at 3 %.
var (
	goalAtThree = map[int]float64{5: 78, 10: 83, 25: 89.5, 50: 93, 100: 95.8, 300: 98.5}
	goalAtOne   = map[int]float64{5: 73, 10: 78.5, 25: 86, 50: 90.5, 100: 94, 300: 97.3}
	goalIdle    = map[int]float64{5: 43, 10: 31, 25: 18.5, 50: 12, 100: 7, 300: 2.9}
)

// publishedCells are single cells that were published, wrap-up of 15 and of 45 s:
// by answer rate in percent and length of talks.
var publishedCells = map[string]map[int]map[[2]int][2]float64{
	"hazard": {10: {
		{10, 60}: {74, 77}, {10, 120}: {78, 81}, {10, 240}: {84, 85}, {25, 60}: {77, 79}, {25, 120}: {83, 84}, {25, 240}: {88, 88},
		{40, 60}: {79, 83}, {40, 120}: {85, 87}, {40, 240}: {90, 91},
	}},
	"progressive": {25: {
		{10, 60}: {30, 38}, {10, 120}: {43, 48}, {10, 240}: {58, 61}, {25, 60}: {53, 62}, {25, 120}: {67, 71}, {25, 240}: {79, 81},
		{40, 60}: {66, 73}, {40, 120}: {78, 81}, {40, 240}: {87, 88},
	}},
}
