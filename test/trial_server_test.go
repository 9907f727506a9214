package test

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"os/exec"
	"slices"
	"syscall"
	"testing"
	"time"

	"strowger/cti/rest"
	"strowger/sip/siptest"
)

// runOnce runs a controller in the site's folder until it ends by itself.
func (s *site) runOnce() (code int, output string) {
	s.t.Helper()
	path, err := binary()
	if err != nil {
		s.t.Fatal(err)
	}
	ctx, cancel := contextFor(s.t, waitFor)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, "serve")
	var out bytes.Buffer
	cmd.Dir, cmd.Stdout, cmd.Stderr = s.dir, &out, &out
	var exit *exec.ExitError
	if err := cmd.Run(); errors.As(err, &exit) && ctx.Err() == nil {
		code = exit.ExitCode()
	}
	return code, out.String()
}

// notReady waits until the controller says that it is cut off, and how long
// that took.
func (s *site) notReady(since time.Time) time.Duration {
	s.t.Helper()
	eventually(s.t, "the controller says that it is not ready", func() bool {
		var ready rest.ReadyAnswer
		return s.try(http.MethodGet, "/readyz", nil, &ready) != nil
	})
	return time.Since(since)
}

func (s *site) inStep() {
	s.t.Helper()
	eventually(s.t, "the controller is in step", func() bool { return s.metric("strowger_ready") == 1 })
}

// TestChaosAsteriskKilled is fault 9: every leg is gone with Asterisk, every
// call has its end, agents are free.
func TestChaosAsteriskKilled(t *testing.T) {
	x := startTrial(t, "9 Asterisk kill -9", size(load{2, 1, 2}, load{10, 5, 5}), trialSetup{own: true})
	x.e.Deadly = true
	all := slices.Concat(x.talking, x.ringing, x.waiting)
	held := x.talking[1]
	x.s.must(http.MethodPost, "/api/v1/connections/"+x.s.agent(held.agent).Connection+"/hold", nil, nil)
	x.s.waitConnOf(held.number, "hold")
	x.strike(func() int {
		began := time.Now()
		done := x.s.asterisk.Done()
		if err := x.s.asterisk.Kill(); err != nil {
			t.Fatal(err)
		}
		<-done
		x.detect = x.s.notReady(began)
		for _, p := range all {
			p.phone.Abandon() // they would wait for answers to their BYE
			p.desk.Abandon()
		}
		return len(all)
	}, func() {
		x.e.Witness.Tapped = x.tap.Stop()
		if err := x.s.asterisk.Restart(t.Context()); err != nil {
			t.Fatal(err)
		}
		x.tapOn()
		x.s.inStep()
	})
	x.e.Recoveries++
	for i, p := range all {
		outcome := "lost"
		if i < len(x.talking) {
			outcome = "handled"
		}
		x.wantOutcome(p.number, outcome)
	}
	for _, p := range slices.Concat(x.talking, x.ringing) {
		x.s.waitAgent(p.agent, "ready")
		x.s.agentState(p.agent, "not-ready")
	}
	x.e.Witness.Before = nil
	x.talking, x.ringing, x.waiting, x.marks = nil, nil, nil, nil
	x.bring(1, 0, 0)
	x.goHome()
	x.finish()
}

// TestChaosAsteriskFrozen is fault 11: Asterisk stands still, and the
// conversations with it; an order that it was given meanwhile takes effect
// when it goes on, and is not given twice.
func TestChaosAsteriskFrozen(t *testing.T) {
	frozen := time.Duration(size(load{talking: 5}, load{talking: 60}).talking) * time.Second
	x := startTrial(t, fmt.Sprintf("11 Asterisk frozen for %v", frozen), size(load{2, 1, 2}, load{10, 5, 5}), trialSetup{own: true, desks: 1})
	x.e.MaxGap = frozen + 10*time.Second
	pid, connects := x.s.asterisk.PID(), x.s.metric("strowger_ari_reconnects_total")
	served := x.waiting[0]
	agent := x.pair()
	x.strike(func() int {
		began := time.Now()
		if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		defer func() { _ = syscall.Kill(pid, syscall.SIGCONT) }() // where the test has failed, too
		x.s.agentState(agent.agent, "ready")                      // is offered the first waiter: an order that nobody answers
		x.detect = x.s.notReady(began)
		if x.detect > 10*time.Second {
			t.Errorf("noticed only after %v", x.detect)
		}
		thaw := time.NewTimer(frozen - time.Since(began))
		defer thaw.Stop()
		select {
		case <-thaw.C:
		case <-t.Context().Done():
		}
		return len(x.s.calls())
	}, x.s.inStep)
	x.e.Recoveries += int(x.s.metric("strowger_ari_reconnects_total") - connects)
	served.b = agent.desk.Expect()
	served.b.MustAnswer()
	siptest.Talk(served.a, served.b)
	if n := agent.desk.Stats().Received; n != 1 {
		t.Errorf("the phone was called %d times", n)
	}
	served.agent, served.desk = agent.agent, agent.desk
	x.noteEnd(served)
	x.waiting = x.waiting[1:]
	x.afterwards()
	x.talking = append(x.talking, served)
	x.goHome()
	x.finish()
}

// TestChaosPhoneGone is fault 30: an agent's phone is switched off while it
// rings: it unregisters, and nobody answers. The caller is first in the queue again and is served by another agent.
func TestChaosPhoneGone(t *testing.T) {
	const fault = "30 phone gone while ringing"
	onlyLong(t, fault)
	x := startTrial(t, fault, size(load{1, 1, 2}, load{10, 5, 5}), trialSetup{ring: "6s"})
	dead := x.ringing
	x.ringing = nil
	x.strike(func() int {
		began := time.Now()
		for _, p := range dead {
			if err := p.desk.Unregister(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		for _, p := range dead {
			x.s.waitAgent(p.agent, "not-ready")
		}
		x.detect = time.Since(began)
		return len(dead)
	}, nil)
	x.s.wantWaiting("sales", numbers(slices.Concat(dead, x.waiting))...)
	x.waiting = slices.Concat(dead, x.waiting)
	x.afterwards()
	for _, p := range dead {
		p.b = nil
	}
	x.goHomeBy(x.pair())
	x.finish()
}

// goHomeBy has one agent serve all who wait, one after the other.
func (x *trial) goHomeBy(agent *pair) {
	x.t.Helper()
	x.s.agentState(agent.agent, "ready")
	for _, p := range x.waiting {
		b := agent.desk.Expect()
		if b.From().User != p.number {
			x.t.Errorf("%s is served, want %s", b.From().User, p.number)
		}
		b.MustAnswer()
		siptest.Talk(p.a, b)
		b.MustHangup()
	}
	x.hangUp(x.talking)
}
