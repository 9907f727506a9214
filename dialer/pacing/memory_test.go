package pacing

import (
	"strings"
	"testing"

	"strowger/switch/fault"
)

// TestMemory: a pacer that remembers decides as the one before.
func TestMemory(t *testing.T) {
	t.Parallel()
	before := seasoned()
	data, err := before.Memory()
	if err != nil {
		t.Fatal(err)
	}
	after := New(Settings{})
	if err := after.Remember(data); err != nil {
		t.Fatal(err)
	}
	s := scene(append(team(2, Idle, 0), team(6, Talking, 4*hour-durationOf(50))...)...)
	if a, b := before.Decide(&s), after.Decide(&s); a != b {
		t.Errorf("before: %s\nafter: %s", a, b)
	}
	if New(Settings{}).Decide(&s) == before.Decide(&s) {
		t.Error("who knows nothing decides the same: the scene shows nothing")
	}
}

// TestMemoryOfMany: where many attempts are made, the answer rate changes as
// slowly after a restart as before.
func TestMemoryOfMany(t *testing.T) {
	t.Parallel()
	before, after := New(Settings{}), New(Settings{})
	at := 4 * hour
	attempts := func(p *Pacer, n int, how Outcome) {
		for i := range n {
			p.Learn([]Fact{{At: at + durationOf(float64(i)/10), Kind: DialEnded, Outcome: how, Took: durationOf(9)}})
		}
	}
	attempts(before, 3000, NoAnswer)
	data, err := before.Memory()
	if err != nil || after.Remember(data) != nil {
		t.Fatal(err)
	}
	again, err := after.Memory()
	if err != nil || string(again) != string(data) {
		t.Errorf("what was remembered is forgotten: %v", err)
	}
	at += durationOf(300)
	attempts(before, 200, Human)
	attempts(after, 200, Human)
	if a, b := before.know.rate(), after.know.rate(); a > b+0.002 || b > a+0.002 || a > 0.2 {
		t.Errorf("%.4f before, %.4f after", a, b)
	}
}

// TestBadMemory: what cannot be used is refused, and changes nothing.
func TestBadMemory(t *testing.T) {
	t.Parallel()
	good, err := seasoned().Memory()
	if err != nil {
		t.Fatal(err)
	}
	text := string(good)
	for what, bad := range map[string]string{
		"nothing": "", "no object": "[]", "empty": "{}", "cut": text[:len(text)/2],
		"more humans than attempts": strings.Replace(text, `"humans":`, `"humans":9`, 1),
		"a negative time":           strings.Replace(text, `"T":[`, `"T":[-5,`, 1),
		"attempts beyond all":       strings.Replace(text, `"recent":`, `"recent":9999`, 1),
		"a bin too many":            strings.Replace(text, `"N":`, `"N":7`, 1),
		"a place outside":           strings.Replace(text, `"Next":`, `"Next":-1`, 1),
	} {
		p := seasoned()
		err := p.Remember([]byte(bad))
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", what, err)
		}
		if after, _ := p.Memory(); string(after) != text {
			t.Errorf("%s has changed what was known", what)
		}
	}
}
