package test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"strowger/ari/sandbox"
	"strowger/cti/rest"
	"strowger/sip/siptest"
	"strowger/sip/ua"
	"strowger/switch/records"
)

// TestQueueLogIsAsteriskS plays the same calls through app_queue and through
// the controller, to the same phone, and reads the queue_log of both with one
// reader: the same events, with fields of the same number and meaning.
func TestQueueLogIsAsteriskS(t *testing.T) {
	in := ownAsterisk(t, func(o *sandbox.Options) {
		o.Extra["logger.conf"] = "[general]\nqueue_log = yes\nqueue_log_to_file = yes\n[logfiles]\nmessages.log => notice,warning,error\n"
		o.Extra["queues_local.conf"] = "[sales]\nstrategy = rrmemory\nringinuse = no\ntimeout = 2\nretry = 1\nwrapuptime = 0\njoinempty = yes\nautopause = yes\nmember => PJSIP/101\n"
		o.Extra["extensions_local.conf"] = "[strowger-in](+)\nexten => 700,1,Answer()\n same => n,Queue(sales,,,,60)\n same => n,Hangup()\n"
	})
	s := stageOn(t, in, strings.Replace(threeDesks, "wrap_up: 1s", "wrap_up: 0s, answer: treatment", 1))
	desk := s.desk("101")
	cli := func(command string) func() {
		return func() {
			t.Helper()
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			if out, err := in.CLI(ctx, command); err != nil {
				t.Fatalf("%s: %v %s", command, err, out)
			}
		}
	}
	path := filepath.Join(in.Dir(), "log/queue_log")
	theirs := playQueueLog(s, desk, "700", cli("queue pause member PJSIP/101 queue sales reason lunch"), cli("queue unpause member PJSIP/101 queue sales"), func() []string {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil
		}
		return strings.Split(strings.TrimSpace(string(text)), "\n")
	})
	ours := playQueueLog(s, desk, "600", func() {
		s.must(http.MethodPost, "/api/v1/agents/anna/state", rest.AgentStateRequest{State: "not-ready", Reason: "lunch"}, nil)
	}, func() { s.agentState("anna", "ready") }, func() []string {
		var log rest.QueueLog
		s.must(http.MethodGet, "/api/v1/records/queue-log", nil, &log)
		return log.Lines
	})
	s.noLeftovers()
	if len(theirs) == 0 {
		t.Fatal("app_queue has written nothing")
	}
	for i := range max(len(theirs), len(ours)) {
		if i >= len(theirs) || i >= len(ours) || theirs[i].Event != ours[i].Event {
			t.Fatalf("line %d differs:\napp_queue %v\nstrowger  %v", i, theirs, ours)
		}
		a, b := theirs[i], ours[i]
		t.Logf("%s\n%30s%s", a, "", b)
		if a.Queue != b.Queue || len(a.Data) != len(b.Data) || (a.Agent == "NONE") != (b.Agent == "NONE") || (a.Call == "NONE") != (b.Call == "NONE") {
			t.Errorf("fields differ:\n%s\n%s", a, b)
			continue
		}
		for n := range a.Data {
			if !alike(a.Event, n, a.Data[n], b.Data[n]) {
				t.Errorf("%s, field %d: %q and %q", a.Event, n+1, a.Data[n], b.Data[n])
			}
		}
	}
}

// alike compares a field: names and positions are the same, times nearly, ids
// are each one's own.
func alike(event string, n int, a, b string) bool {
	x, errA := strconv.Atoi(a)
	y, errB := strconv.Atoi(b)
	switch {
	case event == "CONNECT" && n == 1:
		return a != "" && b != ""
	case event == "PAUSE" && a == "Auto-Pause":
		return b == "no-answer"
	case errA != nil || errB != nil:
		return a == b
	case event == "RINGNOANSWER":
		return x > 1000 && y > 1000 && x < 10_000 && y < 10_000 // milliseconds
	}
	return max(x-y, y-x) <= 2
}

// playQueueLog plays calls and returns the lines that are about them.
func playQueueLog(s *site, desk *siptest.Phone, number string, pause, resume func(), lines func() []string) []records.Entry {
	t := s.t
	t.Helper()
	const caller = "4917055501"
	read := func() (out []records.Entry) {
		for _, l := range lines() {
			e, err := records.ParseEntry(l)
			if err != nil {
				t.Fatal(err)
			}
			if e.Queue == "sales" && !slices.Contains([]string{"ADDMEMBER", "REMOVEMEMBER"}, e.Event) {
				out = append(out, e)
			}
		}
		return out
	}
	last := func(event string) {
		t.Helper()
		eventually(t, "a line "+event, func() bool {
			got := read()
			return len(got) > 0 && got[len(got)-1].Event == event
		})
	}
	resume()
	before := len(read())
	for _, byCaller := range []bool{true, false} {
		a := s.caller(caller).Dial(number)
		b := desk.Expect()
		b.MustAnswer()
		siptest.Talk(a, b)
		if byCaller {
			a.MustHangup()
			b.MustEndBy(ua.Remote, 0)
			last("COMPLETECALLER")
		} else {
			b.MustHangup()
			a.MustEndBy(ua.Remote, 0)
			last("COMPLETEAGENT")
		}
	}
	pause()
	last("PAUSE")
	a := s.caller(caller).Dial(number)
	a.MustBeAnswered()
	last("ENTERQUEUE")
	a.MustHangup()
	last("ABANDON")
	resume()
	last("UNPAUSE")
	a = s.caller(caller).Dial(number)
	b := desk.Expect()
	b.MustEndBy(ua.Remote, 487) // rings out, and the agent is taken out of service
	last("PAUSE")
	a.MustHangup()
	last("ABANDON")
	return read()[before:]
}
