package test

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"strowger/cti/rest"
	"strowger/sip/siptest"
	"strowger/test/faultproxy"
)

// TestChaosMirrorFaults: AMI that is cut, half open, refused or full of garbage
// disturbs no call; it shows as degraded, and the picture is right afterwards.
func TestChaosMirrorFaults(t *testing.T) {
	in := mirrorAsterisk(t)
	w := newWitness(t, in)
	p, err := faultproxy.Start(t.Context(), faultproxy.Config{Network: "tcp", Target: in.AMIAddr()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Stop)
	s := mirrorSite(t, handsetSite, p.Addr(), in)
	s.disturbed = true
	s.wantMirror(w)
	desk := s.desk("101")
	s.agentState("anna", "ready")
	a1 := s.caller("4917055501").Dial("600")
	b1 := desk.Expect()
	b1.MustAnswer()
	siptest.Talk(a1, b1)
	gap := markGaps(t, a1, b1)
	waiter := s.caller("4917055509").Dial("700")
	first := s.waitMirrored("4917055509", "waiting")
	cases := []struct {
		name  string
		fault faultproxy.Fault
		wrong string // must be shown while it lasts
	}{
		{"cut", faultproxy.Fault{Mode: faultproxy.Reset}, "is not, or not fully|are not, or not fully"},
		{"half-open", faultproxy.Fault{Mode: faultproxy.Drop}, "are not, or not fully"},
		{"garbage", faultproxy.Fault{Mode: faultproxy.Insert, Ways: faultproxy.ToClient, Payload: [][]byte{[]byte("\x00\xff\xfe nonsense\r\nEvent: QueueCallerJoin\r\n\r\n" + strings.Repeat("x", 3000) + "\r\n")}}, ""},
		{"slow", faultproxy.Fault{Mode: faultproxy.Latency, Delay: 700 * time.Millisecond}, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := s.in(t)
			began := time.Now()
			garbage := s.metric("strowger_mirror_garbage_total") + s.metric("strowger_mirror_events_bad_total")
			f, err := p.Inject(c.fault)
			if err != nil {
				t.Fatal(err)
			}
			w.do("QueuePause", "Interface", "PJSIP/102", "Paused", "true", "Reason", c.name, "Queue", "support")
			other := s.caller("4917055502").Dial("700") // joins while it lasts
			var seen string
			if c.wrong != "" {
				eventuallyIn(t, 40*time.Second, "degraded", func() bool {
					var st rest.Status
					s.must(http.MethodGet, "/api/v1/status", nil, &st)
					seen = strings.Join(st.Degraded, "; ")
					return st.Ready && strings.Contains(seen, "not fully, in step")
				})
			} else {
				eventually(t, "the fault bites", func() bool { return f.Bitten().Units > 2 })
			}
			detected := time.Since(began)
			if c.name == "garbage" {
				eventually(t, "garbage is counted", func() bool {
					return s.metric("strowger_mirror_garbage_total")+s.metric("strowger_mirror_events_bad_total") > garbage
				})
			}
			f.Lift()
			lifted := time.Now()
			if !f.Bitten().Any() {
				t.Fatal("the fault has touched nothing")
			}
			eventuallyIn(t, 40*time.Second, "in step again", func() bool { return s.metric("strowger_mirror_in_step") == 1 && s.mirroredCall("4917055502") != nil })
			s.wantMirror(w)
			again := s.mirroredCall("4917055509")
			if again.ID != first.ID || math.Abs(again.ArrivedAt.Sub(*first.ArrivedAt).Seconds()) > 1 {
				t.Errorf("the waiter after it: %+v\nbefore: %+v", again, first)
			}
			progress(fmt.Sprintf("AMI %s: %v touched, noticed after %s, in step %s after it was over: %s", c.name, f.Bitten(), detected.Round(time.Millisecond), time.Since(lifted).Round(time.Millisecond), seen))
			other.MustHangup()
			s.waitMirrored("4917055502", "gone")
			siptest.Talk(a1, b1)
		})
	}
	t.Run("login refused", func(t *testing.T) {
		s := s.in(t)
		s.setAMISecret("wrong-for-a-while")
		p.Cut("")
		eventuallyIn(t, 40*time.Second, "degraded", func() bool {
			var st rest.Status
			s.must(http.MethodGet, "/api/v1/status", nil, &st)
			return strings.Contains(strings.Join(st.Degraded, "; "), "Authentication failed")
		})
		s.setAMISecret(in.Values().AMIPassword)
		eventuallyIn(t, 40*time.Second, "in step again", func() bool { return s.metric("strowger_mirror_in_step") == 1 })
		s.wantMirror(w)
		siptest.Talk(a1, b1)
	})
	progress(fmt.Sprintf("longest gap of the talk over all faults: %s", gap.longest().Round(time.Millisecond)))
	waiter.MustHangup()
	a1.MustHangup()
	s.waitAgent("anna", "ready")
	s.noLeftovers()
}

// setAMISecret changes the password of the controller's AMI user in Asterisk.
func (s *site) setAMISecret(secret string) {
	s.t.Helper()
	file := filepath.Join(s.asterisk.Dir(), "etc", "manager_strowger.conf")
	text, err := os.ReadFile(file)
	if err != nil {
		s.t.Fatal(err)
	}
	lines := strings.Split(string(text), "\n")
	for i, l := range lines {
		if strings.HasPrefix(l, "secret = ") {
			lines[i] = "secret = " + secret
			break
		}
	}
	if err := os.WriteFile(file, []byte(strings.Join(lines, "\n")), 0o644); err != nil { //nolint:gosec // Asterisk reads it as another user
		s.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(s.t.Context(), waitFor)
	defer cancel()
	if _, err := s.asterisk.CLI(ctx, "manager reload"); err != nil {
		s.t.Fatal(err)
	}
}

// eventuallyIn is eventually for what takes longer by its nature.
func eventuallyIn(t *testing.T, limit time.Duration, what string, ok func() bool) {
	t.Helper()
	deadline := time.NewTimer(limit)
	defer deadline.Stop()
	tick := time.NewTicker(lookAt)
	defer tick.Stop()
	for !ok() {
		select {
		case <-deadline.C:
			t.Fatalf("after %s: still not so: %s", limit, what)
		case <-tick.C:
		}
	}
}
