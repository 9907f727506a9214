package screen_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"strowger/media/codec"
	"strowger/media/screen"
	"strowger/media/screen/screentest"
)

// What the detector is held to: on texts that nobody has tuned it on.
const (
	mostFalse  = 0.02
	mostTime   = 1200 * time.Millisecond
	leastFound = 0.08 // machines found in the shortest time; the rest goes to an agent, as without a detector
)

// corpus is made once for all tests; without the voice they are skipped, and fail on CI.
var corpus = sync.OnceValues(func() ([]screentest.Clip, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Minute)
	defer cancel()
	return screentest.Corpus(ctx, cacheDir())
})

// cacheDir is where spoken texts are kept between runs.
func cacheDir() string {
	dir := os.Getenv("STROWGER_CACHE")
	if dir == "" {
		dir = filepath.Join("..", "..", ".cache")
	}
	return filepath.Join(dir, "speech")
}

// half returns the clips for tuning, or those that judge.
func half(t *testing.T, tune bool) []screentest.Clip {
	t.Helper()
	if !screentest.Found() {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s is not installed: nobody speaks, so nothing is judged", screentest.Program)
		}
		t.Skipf("%s is not installed (test/deps.sh installs it): answer classification is not judged", screentest.Program)
	}
	all, err := corpus()
	if err != nil {
		t.Fatal(err)
	}
	var out []screentest.Clip
	for _, c := range all {
		if c.Tune == tune {
			out = append(out, c)
		}
	}
	if len(out) < 500 {
		t.Fatalf("only %d clips: nothing is judged by so few", len(out))
	}
	return out
}

// listen plays a clip to a detector.
func listen(s *screen.Screen, pcm []int16) screen.Verdict {
	for ; len(pcm) > 0; pcm = pcm[min(len(pcm), codec.FrameSamples):] {
		if v, ok := s.Frame(pcm[:min(len(pcm), codec.FrameSamples)]); ok {
			return v
		}
	}
	return s.Timeout()
}

// result is how a detector did on clips.
type result struct {
	matrix map[screentest.Truth]map[screen.Word]int
	lines  map[string][3]int // people, of them false machines, machines found
	times  []time.Duration
	wrong  []string
}

func try(set screen.Settings, clips []screentest.Clip) result {
	r := result{matrix: map[screentest.Truth]map[screen.Word]int{}, lines: map[string][3]int{}}
	for _, c := range clips {
		v := listen(screen.New(set), c.PCM)
		if r.matrix[c.Truth] == nil {
			r.matrix[c.Truth] = map[screen.Word]int{}
		}
		r.matrix[c.Truth][v.Word]++
		n := r.lines[c.Line]
		if c.Truth == screentest.Person {
			n[0]++
		}
		if c.Truth == screentest.Person && hangsUp(v.Word) {
			n[1]++
			r.wrong = append(r.wrong, fmt.Sprintf("%s after %v (%s), %s: %s", v.Word, v.At, v.Why, c.Line, c.Name))
		}
		if c.Truth == screentest.Machine && v.Word == screen.Machine {
			n[2]++
		}
		r.lines[c.Line] = n
		if (c.Truth == screentest.Person || c.Truth == screentest.Machine) && c.Line != ringsOn {
			r.times = append(r.times, v.At)
		}
	}
	slices.Sort(r.times)
	return r
}

// ringsOn is the line whose answer was none: its time counts from the person.
const ringsOn = "rings on first"

// hangsUp tells whether a verdict costs a person the call.
func hangsUp(w screen.Word) bool {
	return w == screen.Machine || w == screen.Fax || w == screen.SIT
}

func (r *result) count(t screentest.Truth) (n int) {
	for _, k := range r.matrix[t] {
		n += k
	}
	return n
}

// falseShare is the share of people who are taken for something that is hung up on.
func (r *result) falseShare() float64 {
	return float64(len(r.wrong)) / float64(max(1, r.count(screentest.Person)))
}

func (r *result) found() float64 {
	return float64(r.matrix[screentest.Machine][screen.Machine]) / float64(max(1, r.count(screentest.Machine)))
}

func (r *result) quantile(q float64) time.Duration {
	return r.times[min(len(r.times)-1, int(q*float64(len(r.times))))]
}

func (r *result) String() string {
	words := []screen.Word{screen.Human, screen.Unsure, screen.Machine, screen.Fax, screen.SIT, screen.Silence}
	var b strings.Builder
	b.WriteString("| on the line | clips |")
	for _, w := range words {
		fmt.Fprintf(&b, " %s |", w)
	}
	b.WriteString("\n")
	for _, t := range []screentest.Truth{screentest.Person, screentest.Machine, screentest.Fax, screentest.SIT, screentest.Nobody} {
		fmt.Fprintf(&b, "| %s | %d |", t, r.count(t))
		for _, w := range words {
			fmt.Fprintf(&b, " %d |", r.matrix[t][w])
		}
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "false machines %.2f %%, machines found %.0f %%, verdict p50 %v, p95 %v, longest %v\n",
		100*r.falseShare(), 100*r.found(), r.quantile(0.5), r.quantile(0.95), r.times[len(r.times)-1])
	for _, l := range append(slices.Clone(screentest.Lines), ringsOn) {
		n := r.lines[l]
		fmt.Fprintf(&b, "| %s | %d people | %d false | %d machines found |\n", l, n[0], n[1], n[2])
	}
	return b.String()
}

// objections says what is wrong with a detector; empty when nothing.
func (r *result) objections() (out []string) {
	if s := r.falseShare(); s > mostFalse {
		out = append(out, fmt.Sprintf("%.2f %% of the people are taken for a machine, at most %.0f %% may be", 100*s, 100*mostFalse))
	}
	if p := r.quantile(0.95); p > mostTime {
		out = append(out, fmt.Sprintf("95 %% of the verdicts take %v, at most %v is allowed", p, mostTime))
	}
	if f := r.found(); f < leastFound {
		out = append(out, fmt.Sprintf("%.0f %% of the machines are found, at least %.0f %% should be", 100*f, 100*leastFound))
	}
	return out
}

// TestJudge holds the detector as it is shipped against the half of the corpus
// that it was not tuned on. docs/amd.md shows what it prints.
func TestJudge(t *testing.T) {
	r := try(screen.Settings{}, half(t, false))
	t.Log("\n" + r.String())
	for _, o := range r.objections() {
		t.Error(o)
	}
	if t.Failed() {
		t.Log(strings.Join(r.wrong, "\n"))
	}
}

// TestJudgeSeesBadDetectors plants thresholds that are wrong: a judge that
// accepts them would accept anything.
func TestJudgeSeesBadDetectors(t *testing.T) {
	clips := half(t, false)
	for name, set := range map[string]screen.Settings{
		"everybody who says more than a word is a machine": {Greeting: 400 * time.Millisecond},
		"takes its time":                 {Limit: 1500 * time.Millisecond},
		"never dares to say machine":     {Greeting: 3 * time.Second},
		"does not look at pauses at all": {Pause: time.Second, Silence: 1100 * time.Millisecond, Contrast: 0.1, Depth: 60},
	} {
		if r := try(set, clips); len(r.objections()) == 0 {
			t.Errorf("a detector that %q passes:\n%s", name, r.String())
		}
	}
}

// TestJudgeLonger is the table of what more time brings: the share of people
// who are taken for machines must hold there too.
func TestJudgeLonger(t *testing.T) {
	clips := half(t, false)
	found := 0.0
	for _, limit := range []time.Duration{1200, 1500, 1800, 2500} {
		limit *= time.Millisecond
		r := try(screen.Within(limit), clips)
		t.Logf("limit %v: false machines %.2f %%, machines found %.0f %%, verdict p50 %v, p95 %v, people known for people %d of %d",
			limit, 100*r.falseShare(), 100*r.found(), r.quantile(0.5), r.quantile(0.95), r.matrix[screentest.Person][screen.Human], r.count(screentest.Person))
		if s := r.falseShare(); s > mostFalse {
			t.Errorf("with a limit of %v %.2f %% of the people are taken for machines", limit, 100*s)
		}
		if r.found() < found {
			t.Errorf("with a limit of %v fewer machines are found than in less time", limit)
		}
		found = r.found()
	}
}

// TestTune prints, for the half that is for it, what the thresholds would do:
// go test -run TestTune -v with STROWGER_TUNE=true.
func TestTune(t *testing.T) {
	if os.Getenv("STROWGER_TUNE") != "true" {
		t.Skip("prints a table for who changes thresholds: set STROWGER_TUNE=true")
	}
	clips := half(t, true)
	r := try(screen.Settings{}, clips)
	t.Log("\n" + r.String() + strings.Join(r.wrong, "\n"))
	for _, greeting := range []time.Duration{800, 900, 1000, 1100} {
		for _, depth := range []float64{16, 20, 24} {
			for _, pause := range []time.Duration{120, 160, 200, 240} {
				set := screen.Settings{
					Greeting: greeting * time.Millisecond, Nearly: (greeting - 200) * time.Millisecond,
					Depth: depth, Pause: pause * time.Millisecond,
				}
				r := try(set, clips)
				t.Logf("greeting %4d depth %2.0f pause %3d: false %.2f %%, found %.1f %%, people as people %d, p95 %v",
					greeting, depth, pause, 100*r.falseShare(), 100*r.found(), r.matrix[screentest.Person][screen.Human], r.quantile(0.95))
			}
		}
	}
}
