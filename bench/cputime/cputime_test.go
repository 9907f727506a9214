package cputime

import (
	"os"
	"testing"
	"time"
)

func TestParse(t *testing.T) {
	t.Parallel()
	got, err := parseProcess("42 (a) b (c)) S 1 42 42 0 -1 4194560 100 0 0 0 150 25 0 0 20 0 8 0 1000\n")
	if err != nil || got != 1750*time.Millisecond {
		t.Errorf("got %s, %v; want 1.75s", got, err)
	}
	busy, stolen, err := parseMachine("cpu  100 1 50 9000 7 2 3 4 0 0\ncpu0 1\n")
	if err != nil || busy != 1560*time.Millisecond || stolen != 40*time.Millisecond {
		t.Errorf("got %s, %s, %v; want 1.56s, 40ms", busy, stolen, err)
	}
	for _, bad := range []string{"", "42 (x", "42 (x) S 1", "42 (x) S 1 2 3 4 5 6 7 8 9 10 eleven 12"} {
		if _, err := parseProcess(bad); err == nil {
			t.Errorf("no error for %q", bad)
		}
	}
	if _, _, err := parseMachine("intr 5"); err == nil {
		t.Error("no error for another file's line")
	}
}

func TestThisProcess(t *testing.T) {
	t.Parallel()
	if _, err := OfProcess(os.Getpid()); err != nil {
		t.Error(err)
	}
	if busy, _, err := OfMachine(); err != nil || busy <= 0 {
		t.Errorf("machine: %s, %v", busy, err)
	}
}
