package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"strowger/switch/fault"
)

const (
	greeting = `{"hello":{"agents":4,"trunk_limit":20,"grace":2,"ring_limit":22,"shift_ends":28800,"target":0.03}}` + "\n"
	quiet    = `{"t":700,"agents":[[1,690,0],[1,640,0],[2,650,0],[0,0,0]],"ringing":[],"waiting":0,"trunk_limit":20,"trunks":1,"answered":40,"abandoned":0,"log":[]}` + "\n"
)

func serve(t *testing.T, in string, o Options) ([]Reply, error) {
	t.Helper()
	var out strings.Builder
	err := Serve(strings.NewReader(in), &out, o)
	var replies []Reply
	for text := range strings.Lines(out.String()) {
		var r Reply
		if err := json.Unmarshal([]byte(text), &r); err != nil {
			t.Fatalf("the reply %q: %v", text, err)
		}
		replies = append(replies, r)
	}
	return replies, err
}

// TestServe: a state, a line; the plain reply has the number alone.
func TestServe(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	if err := Serve(strings.NewReader(greeting+quiet+"\n"+quiet), &out, Options{}); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 2 || lines[0] != lines[1] || !strings.HasPrefix(lines[0], `{"dial":`) || strings.Contains(lines[0], ",") {
		t.Fatalf("the replies are %q", out.String())
	}
	replies, err := serve(t, greeting+quiet, Options{Why: true})
	if err != nil || len(replies) != 1 {
		t.Fatal(replies, err)
	}
	if r := replies[0]; r.Dial < 2 || r.Dial > 12 || r.Rate != 0.2 || r.Reachable != 3 || !strings.Contains(r.Why, "2 of 3 agents are free") {
		t.Errorf("two free agents: %+v", r)
	}
	zero := 0.0
	careful, err := serve(t, greeting+quiet, Options{Target: &zero})
	if err != nil || len(careful) != 1 || careful[0].Dial != 2 {
		t.Errorf("with a target of nothing: %+v, %v", careful, err)
	}
}

// TestServeLearns: what the log tells changes what is dialled.
func TestServeLearns(t *testing.T) {
	t.Parallel()
	var log []string
	for i := range 400 {
		log = append(log, fmt.Sprintf("[%d,0,%d,%d]", i, map[bool]int{true: 0, false: 4}[i%2 == 0], 5+i%10))
	}
	told := strings.Replace(quiet, `"log":[]`, `"log":[`+strings.Join(log, ",")+`]`, 1)
	knows, err := serve(t, greeting+told, Options{Why: true})
	if err != nil || len(knows) != 1 {
		t.Fatal(knows, err)
	}
	fresh, err := serve(t, greeting+quiet, Options{Why: true})
	if err != nil || knows[0].Rate < 0.45 || knows[0].Dial >= fresh[0].Dial {
		t.Errorf("half answer: %+v; nothing known: %+v, %v", knows[0], fresh[0], err)
	}
}

// TestWrongLines: each is one clear fault that names its line.
func TestWrongLines(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, in, says string }{
		{"nothing", "", "line 1: there is no hello"},
		{"no hello", quiet, "line 1: the first line must be the hello"},
		{"two hellos", greeting + greeting, "line 2: hello is said once"},
		{"no JSON", greeting + "dial 3\n", "line 2: this is no JSON object"},
		{"an array", greeting + "[1]\n", "line 2: this is no JSON object"},
		{"two objects", greeting + "{} {}\n", "line 2: there is more than one"},
		{"a target of 60 %", strings.Replace(greeting, "0.03", "0.6", 1), "line 1: target"},
		{"agents below none", strings.Replace(greeting, `"agents":4`, `"agents":-4`, 1), "line 1: agents"},
		{"a grace of an hour", strings.Replace(greeting, `"grace":2`, `"grace":3600`, 1), "line 1: grace"},
		{"negative lines", strings.Replace(greeting, `"trunk_limit":20`, `"trunk_limit":-1`, 1), "line 1: trunk_limit"},
		{"a shift of a century", strings.Replace(greeting, "28800", "4e9", 1), "line 1: ring_limit and shift_ends"},
		{"a status of 9", greeting + strings.Replace(quiet, "[2,650,0]", "[9,650,0]", 1), "line 2: agents[2]"},
		{"half a status", greeting + strings.Replace(quiet, "[2,650,0]", "[1.5,650,0]", 1), "line 2: agents[2]"},
		{"time before the shift", greeting + strings.Replace(quiet, `"t":700`, `"t":-1`, 1), "line 2: t:"},
		{"dialled before the shift", greeting + strings.Replace(quiet, `"ringing":[]`, `"ringing":[-2]`, 1), "line 2: ringing[0]"},
		{"an unknown kind", greeting + strings.Replace(quiet, `"log":[]`, `"log":[[1,7,0,2]]`, 1), "line 2: log[0]"},
		{"fewer than none wait", greeting + strings.Replace(quiet, `"waiting":0`, `"waiting":-1`, 1), "line 2: waiting"},
		{"a share above all", greeting + strings.Replace(quiet, `"log":[]`, `"log":[],"target":0.7`, 1), "line 2: target"},
		{"half a window", greeting + strings.Replace(quiet, `"log":[]`, `"log":[],"windows":[[9,0.5,0.03]]`, 1), "line 2: windows[0]"},
		{"a memory of nothing", strings.Replace(greeting, `"target":0.03`, `"target":0.03,"memory":{}`, 1) + quiet, "the figures contradict each other"},
		{"a line without end", greeting + `{"t":` + strings.Repeat("1", MaxLine+10), "line 2: it is longer"},
	} {
		_, err := serve(t, c.in, Options{})
		if !fault.Is(err, fault.Invalid) || !strings.Contains(fault.ReasonOf(err), c.says) {
			t.Errorf("%s: %v, want %q", c.name, err, c.says)
		}
	}
}

// TestReplay: a recorded day is decided again, as then and with another target.
func TestReplay(t *testing.T) {
	t.Parallel()
	var day strings.Builder
	in := greeting
	for i := range 50 {
		in += strings.Replace(quiet, `"t":700`, fmt.Sprintf(`"t":%d`, 700+i), 1)
	}
	replies, err := serve(t, in, Options{Why: true})
	if err != nil {
		t.Fatal(err)
	}
	for i, text := range strings.SplitAfter(strings.TrimSuffix(in, "\n"), "\n") {
		day.WriteString(strings.TrimSuffix(text, "\n") + "\n")
		if i > 0 && i < 50 { // the last reply was cut off
			b, err := json.Marshal(replies[i-1])
			if err != nil {
				t.Fatal(err)
			}
			day.Write(append(b, '\n'))
		}
	}
	steps, other := 0, 0
	err = Replay(strings.NewReader(day.String()), Options{}, func(s Step) error {
		if steps++; steps == 50 && s.Then != -1 || steps < 50 && s.Then != s.Now.Dial {
			t.Errorf("step %d: %d lines then, %d now", steps, s.Then, s.Now.Dial)
		}
		return nil
	})
	if err != nil || steps != 50 {
		t.Fatalf("%d steps, %v", steps, err)
	}
	none := 0.0
	err = Replay(strings.NewReader(day.String()), Options{Target: &none}, func(s Step) error {
		if s.Then >= 0 && s.Now.Dial < s.Then {
			other++
		}
		return nil
	})
	if err != nil || other != 49 {
		t.Errorf("with a target of nothing %d steps dial less, %v", other, err)
	}
	stop := errors.New("enough")
	if err := Replay(strings.NewReader(day.String()), Options{}, func(Step) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("who has seen enough gets %v", err)
	}
	// The recorded replies are skipped when the day is played to the pacer.
	if again, err := serve(t, day.String(), Options{}); err != nil || len(again) != 50 {
		t.Errorf("%d replies, %v", len(again), err)
	}
}

// FuzzServe: whatever comes in, it ends in order and dials within bounds.
func FuzzServe(f *testing.F) {
	f.Add(greeting + quiet)
	f.Add(greeting + strings.Replace(quiet, `"ringing":[]`, `"ringing":[1,2,699.5]`, 1) + `{"dial":3}`)
	f.Add(`{"hello":{}}` + "\n{}\n{}")
	f.Fuzz(func(t *testing.T, in string) {
		replies, err := serve(t, in, Options{Why: true})
		if err != nil && !fault.Is(err, fault.Invalid) {
			t.Fatal(err)
		}
		for _, r := range replies {
			if r.Dial < 0 || r.Dial > maxLines || r.Cancel < 0 || r.Why == "" {
				t.Fatalf("%+v", r)
			}
		}
	})
}
