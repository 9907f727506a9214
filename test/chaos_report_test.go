package test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"strowger/test/faultproxy"
)

// chaosReport is the line that a run writes.
type chaosReport struct {
	Fault     int     `json:"fault"`
	Name      string  `json:"name"`
	Seed      uint64  `json:"seed"`
	Bitten    uint64  `json:"bitten"`
	What      string  `json:"what"` // of what so many were touched
	DetectMS  float64 `json:"detect_ms,omitempty"`
	RecoverMS float64 `json:"recover_ms,omitempty"`
	GapMS     float64 `json:"worst_gap_ms"`
	OK        bool    `json:"ok"`
}

func (r *chaosReport) bitten(what string, n uint64) { r.What, r.Bitten = what, r.Bitten+n }

func (r *chaosReport) bites(a *faultproxy.Active) {
	b := a.Bitten()
	r.bitten("frames, requests and connections", b.Units+b.Conns)
}

func (r *chaosReport) detected(since time.Time) { r.DetectMS = millis(time.Since(since)) }

func (r *chaosReport) recovered(since time.Time) { r.RecoverMS = millis(time.Since(since)) }

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// write tells the run's figures, and adds them to the report's file.
func (r *chaosReport) write(t *testing.T) {
	t.Helper()
	line, err := json.Marshal(r)
	if err != nil {
		t.Error(err)
		return
	}
	progress(fmt.Sprintf("F%d %s: bitten: %d %s; detected %.0f ms, recovered %.0f ms, worst audio gap %.0f ms", r.Fault, r.Name, r.Bitten, r.What, r.DetectMS, r.RecoverMS, r.GapMS))
	if file := os.Getenv(trialReports); file != "" {
		if err := appendLine(file, string(line)+"\n"); err != nil {
			t.Error(err)
		}
	}
}

// edit changes the settings of a controller that does not run.
func (s *site) edit(old, now string) {
	s.t.Helper()
	path := filepath.Join(s.dir, "strowger.yaml")
	text, err := os.ReadFile(path)
	if err != nil {
		s.t.Fatal(err)
	}
	changed := strings.Replace(string(text), old, now, 1)
	if changed == string(text) {
		s.t.Fatalf("%q is not in the settings:\n%s", old, text)
	}
	if err := os.WriteFile(path, []byte(changed), 0o600); err != nil {
		s.t.Fatal(err)
	}
}
