package test

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"strowger/cti/rest"
	"strowger/sip/siptest"
	"strowger/sip/ua"
	"strowger/switch/callmodel"
)

const (
	crowdTalking = 20
	crowdRinging = 3
	crowdWaiting = 5
	backInTime   = 3 * time.Second // DESIGN.md 7: restart after kill -9
)

// crowdSite has one agent per phone from 101 on; nothing runs out by itself.
func crowdSite(agents int) string {
	var b strings.Builder
	b.WriteString("\nici: {enabled: false}\nqueues:\n  - {id: sales, number: \"600\", ring_timeout: 60s, wrap_up: 0s}\nagents:\n")
	for n := 101; n < 101+agents; n++ {
		fmt.Fprintf(&b, "  - {id: agent%d, line: \"%d\", queues: [sales], station: {endpoint: \"%d\"}}\n", n, n, n)
	}
	return b.String()
}

// pair is one caller and the agent's end of the call, nil while waiting.
type pair struct {
	number      string // the caller's
	agent       string
	phone, desk *siptest.Phone
	a, b        *siptest.Leg
}

// crowd is many calls in all states.
type crowd struct {
	s                         *site
	talking, ringing, waiting []*pair
	next                      int // agents and callers used so far
}

func (c *crowd) pair() *pair {
	c.s.t.Helper()
	p := &pair{number: fmt.Sprintf("49170555%04d", c.next), agent: fmt.Sprintf("agent%d", 101+c.next)}
	p.phone, p.desk = c.s.caller(p.number), c.s.desk(strconv.Itoa(101+c.next))
	c.next++
	return p
}

// gather brings the calls up: some talk, some ring, the rest wait.
func gather(s *site, talking, ringing, waiting int) *crowd {
	s.t.Helper()
	c := &crowd{s: s}
	c.bring(talking, ringing, waiting)
	return c
}

// bring brings more calls up.
func (c *crowd) bring(talking, ringing, waiting int) {
	s := c.s
	s.t.Helper()
	for i := range talking + ringing {
		p := c.pair()
		s.agentState(p.agent, "ready")
		eventually(s.t, "the controller knows that the phone of "+p.agent+" is there", func() bool { return !s.agent(p.agent).PhoneOff })
		p.a = p.phone.Dial("600")
		p.b = p.desk.Expect()
		if i >= talking {
			p.a.MustRing()
			c.ringing = append(c.ringing, p)
			continue
		}
		p.b.MustAnswer()
		p.a.MustBeAnswered()
		siptest.Talk(p.a, p.b)
		c.talking = append(c.talking, p)
	}
	for range waiting {
		p := c.pair()
		p.a = p.phone.Dial("600")
		p.a.MustBeAnswered()
		s.callOf(p.number) // has arrived, so that the order is known
		c.waiting = append(c.waiting, p)
	}
	s.wantWaiting("sales", numbers(c.waiting)...)
}

func numbers(pairs []*pair) []string {
	out := []string{}
	for _, p := range pairs {
		out = append(out, p.number)
	}
	return out
}

// mustTalk checks the audio of all calls that talk, both ways, and returns the
// longest gap since the marks.
func (c *crowd) mustTalk(marks []gaps) time.Duration {
	c.s.t.Helper()
	var longest time.Duration
	for i, p := range c.talking {
		p.a.MustHear(1000)
		p.b.MustHear(400)
		longest = max(longest, marks[i].longest())
	}
	return longest
}

func (c *crowd) mark() []gaps {
	c.s.t.Helper()
	var marks []gaps
	for _, p := range c.talking {
		marks = append(marks, markGaps(c.s.t, p.a, p.b))
	}
	return marks
}

// serveWaiting makes agents ready one after the other and expects the callers
// in this order.
func (c *crowd) serveWaiting(order []*pair) {
	c.s.t.Helper()
	for _, p := range order {
		agent := p
		if p.b != nil { // its own agent has had it before
			agent = c.pair()
		}
		c.s.agentState(agent.agent, "ready")
		b := agent.desk.Expect()
		if b.From().User != p.number {
			c.s.t.Fatalf("%s is served, want %s", b.From().User, p.number)
		}
		b.MustAnswer()
		p.agent, p.b = agent.agent, b
		siptest.Talk(p.a, p.b)
	}
}

func (c *crowd) hangUp(pairs []*pair) {
	c.s.t.Helper()
	for i, p := range pairs {
		from, to := p.a, p.b
		if i%2 == 1 {
			from, to = to, from
		}
		from.MustHangup()
		to.MustEndBy(ua.Remote, 0)
	}
}

// TestCrash kills the controller with calls in all states.
func TestCrash(t *testing.T) {
	s := stage(t, crowdSite(crowdTalking+crowdRinging+crowdWaiting+2))
	c := gather(s, crowdTalking, crowdRinging, crowdWaiting)
	marks := c.mark()
	before := s.picture()
	killed := time.Now()
	s.kill()
	began := time.Now()
	s.start()
	took := time.Since(began)
	progress(fmt.Sprintf("kill -9 with %d talking, %d ringing, %d waiting: back in control %v after the start (%v after the kill), goal %v",
		crowdTalking, crowdRinging, crowdWaiting, took.Round(time.Millisecond), time.Since(killed).Round(time.Millisecond), backInTime))
	longest := c.mustTalk(marks)
	progress(fmt.Sprintf("kill -9: longest audio gap of %d calls, both ways: %v", 2*len(marks), longest.Round(time.Millisecond)))
	if longest > maxGap {
		t.Errorf("the audio was gone for %v", longest)
	}
	s.mustLookLike(before)
	s.mustMatchAsterisk()
	for _, p := range c.ringing[1:] {
		p.b.MustAnswer()
		siptest.Talk(p.a, p.b)
	}
	rejected := c.ringing[0]
	s.agentState(rejected.agent, "not-ready") // after this offer
	rejected.b.MustReject(486)
	s.wantWaiting("sales", numbers(append([]*pair{rejected}, c.waiting...))...) // it came before them
	c.serveWaiting(append([]*pair{rejected}, c.waiting...))
	s.mustMatchAsterisk()
	c.hangUp(slices.Concat(c.talking, c.ringing, c.waiting))
	s.noLeftovers()
}

// mustMatchAsterisk compares the controller's view with what lives in
// Asterisk: the same legs, the talking ones in pairs in their bridges, and what is recorded.
func (s *site) mustMatchAsterisk() {
	s.t.Helper()
	var want, got string
	eventually(s.t, "controller and Asterisk agree", func() bool {
		want, got = s.expectedInAsterisk(), s.listedInAsterisk()
		return want == got
	}, &want, &got)
}

func (s *site) expectedInAsterisk() string {
	s.t.Helper()
	var out []string
	for _, c := range s.calls() {
		var members []string
		for _, p := range c.Connections {
			name := p.Device
			if p.Role == "agent" {
				name = callmodel.OwnPrefix + p.ID
			}
			if p.Leg != "gone" && p.Leg != "none" {
				out = append(out, "leg "+name)
				members = append(members, name)
			}
		}
		if c.Phase == "talking" {
			slices.Sort(members)
			out = append(out, "bridge of "+c.ID+": "+strings.Join(members, " "))
		}
	}
	var l rest.RecordingList
	s.must(http.MethodGet, "/api/v1/recordings?state=recording&limit=1000", nil, &l)
	for _, r := range l.Recordings {
		out = append(out, "recording "+r.ID)
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

// ariGet asks Asterisk, beside the controller.
func (s *site) ariGet(path string, into any) {
	s.t.Helper()
	_, body := ariDo(s.t, s.asterisk, http.MethodGet, path)
	if err := json.Unmarshal([]byte(body), into); err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) listedInAsterisk() string {
	s.t.Helper()
	var channels []struct {
		ID     string
		Caller struct{ Number string }
	}
	var bridges []struct {
		ID       string
		Channels []string
	}
	s.ariGet("/channels", &channels)
	s.ariGet("/bridges", &bridges)
	var out []string
	names := map[string]string{}
	for _, c := range channels {
		if id, tap := strings.CutPrefix(c.ID, callmodel.RecordPrefix); tap {
			id, _, _ = strings.Cut(id, "-")
			out = append(out, "recording "+id)
			continue
		}
		names[c.ID] = c.ID
		if !strings.HasPrefix(c.ID, callmodel.OwnPrefix) {
			names[c.ID] = c.Caller.Number
		}
		out = append(out, "leg "+names[c.ID])
	}
	for _, b := range bridges {
		call, ours := strings.CutPrefix(b.ID, callmodel.OwnPrefix+"b-")
		if !ours || len(b.Channels) == 0 { // made for an offer, or left from one
			continue
		}
		call, _, _ = strings.Cut(call, "-")
		var members []string
		for _, id := range b.Channels {
			members = append(members, names[id])
		}
		slices.Sort(members)
		out = append(out, "bridge of "+call+": "+strings.Join(members, " "))
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

// TestConnectionCut destroys every TCP connection of the controller to
// Asterisk, while calls end that it then cannot hear of.
func TestConnectionCut(t *testing.T) {
	ss := needTool(t, "ss", "iproute2")
	s := stage(t, crowdSite(12))
	s.disturbed = true
	c := gather(s, 4, 2, 3)
	connects := s.metric("strowger_ari_reconnects_total")
	u, err := url.Parse(s.asterisk.ARIURL())
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(u.Host)
	if err != nil {
		t.Fatal(err)
	}
	http.DefaultClient.CloseIdleConnections() // of this test, which go to the same port
	talked, rang, waited := c.talking[:2], c.ringing[0], c.waiting[1]
	c.talking, c.ringing, c.waiting = c.talking[2:], c.ringing[1:], []*pair{c.waiting[0], c.waiting[2]}
	for _, p := range append([]*pair{rang}, talked...) { // they do not take the next caller
		s.agentState(p.agent, "not-ready")
	}
	marks := c.mark()
	began := time.Now()
	out, err := exec.CommandContext(t.Context(), ss, "-K", "-tnH", "state", "established", "dst", "127.0.0.1", "dport", "=", port).CombinedOutput()
	if err != nil {
		skipLayer(t, "connections cut by ss -K", err.Error()+": "+string(out))
	}
	ends := make(chan error, 4)
	for _, l := range []*siptest.Leg{talked[0].a, talked[1].b, rang.a, waited.a} { // before it is connected again
		go func() { ends <- l.Hangup(t.Context()) }()
	}
	for range cap(ends) {
		if err := <-ends; err != nil {
			t.Error(err)
		}
	}
	if len(strings.TrimSpace(string(out))) == 0 {
		t.Fatal("no connection was cut: the test showed nothing")
	}
	eventually(t, "the websocket is connected again", func() bool { return s.metric("strowger_ari_reconnects_total") > connects })
	eventually(t, "the controller is in step", func() bool { return s.metric("strowger_ready") == 1 })
	progress(fmt.Sprintf("connections cut (%d lines of ss -K): in step again after %v",
		strings.Count(string(out), "\n"), time.Since(began).Round(time.Millisecond)))
	s.wantWaiting("sales", numbers(c.waiting)...)
	s.mustMatchAsterisk()
	if n := len(s.calls()); n != 2+1+2 {
		t.Errorf("%d calls are left, want 5", n)
	}
	if d := c.mustTalk(marks); d > maxGap {
		t.Errorf("the audio was gone for %v", d)
	}
	for _, p := range append([]*pair{rang}, talked...) {
		s.waitAgent(p.agent, "not-ready")
	}
	c.ringing[0].b.MustAnswer()
	siptest.Talk(c.ringing[0].a, c.ringing[0].b)
	c.serveWaiting(c.waiting)
	s.mustMatchAsterisk()
	c.hangUp(slices.Concat(c.talking, c.ringing, c.waiting))
	s.noLeftovers()
}
