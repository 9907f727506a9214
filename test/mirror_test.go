package test

import (
	"fmt"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"strowger/ari/ami"
	"strowger/ari/sandbox"
	"strowger/cti/rest"
	"strowger/sip/siptest"
	"strowger/sip/ua"
)

// The queues of app_queue next to ours. What the controller shows is compared
// with what Asterisk itself says over a second AMI session of the test.

const (
	mirrorQueues = `[support]
musicclass = default
strategy = rrmemory
timeout = 15
retry = 1
wrapuptime = 0
weight = 2
maxlen = 40
servicelevel = 20
announce-frequency = 0
joinempty = yes
ringinuse = no
member => PJSIP/101,0,Anna
member => PJSIP/102,1,Ben
member => Local/103@mirror-agents/n,2,Cleo,PJSIP/103

[side]
strategy = ringall
timeout = 15
ringinuse = no
member => PJSIP/102,5
`
	mirrorPlan = `[mirror-agents]
exten => _X.,1,Dial(PJSIP/${EXTEN})

[strowger-in](+)
exten => 700,1,Queue(support,t,,,300)
 same => n,Hangup()
exten => 701,1,Queue(support,t,,,2)
 same => n,Goto(strowger-in,600,1)
exten => 702,1,Queue(side,t,,,300)
 same => n,Hangup()
`
)

// mirrorSite is a controller whose AMI account leads to an Asterisk with
// queues of its own, through addr where that is not empty.
func mirrorSite(t *testing.T, objects, addr string, in *sandbox.Instance) *site {
	t.Helper()
	siptest.CheckGoroutines(t)
	s := newSite(t, in, "strowger", objects)
	v := in.Values()
	file := filepath.Join(s.dir, "strowger.yaml")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	with := strings.Replace(string(text), "  ami_addr: ", fmt.Sprintf("  ami_user: %s\n  ami_password: %s\n  ami_addr: ", v.AMIUser, v.AMIPassword), 1)
	if addr != "" {
		with = strings.Replace(with, "ami_addr: "+in.AMIAddr(), "ami_addr: "+addr, 1)
	}
	if err := os.WriteFile(file, []byte(with), 0o600); err != nil {
		t.Fatal(err)
	}
	s.start()
	return s
}

func mirrorAsterisk(t *testing.T) *sandbox.Instance {
	t.Helper()
	return ownAsterisk(t, func(o *sandbox.Options) {
		o.Extra["queues_local.conf"] = mirrorQueues
		o.Extra["extensions_local.conf"] = mirrorPlan
	})
}

// witness is an AMI session that does not go through the controller.
type witness struct {
	t *testing.T
	c *ami.Client
}

func newWitness(t *testing.T, in *sandbox.Instance) *witness {
	t.Helper()
	c, err := ami.Dial(t.Context(), ami.Config{Addr: in.AMIAddr(), User: tapUser, Secret: tapSecret})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return &witness{t, c}
}

func (w *witness) do(action string, fields ...string) {
	w.t.Helper()
	f := make([]ami.Field, 0, len(fields)/2)
	for i := 0; i+1 < len(fields); i += 2 {
		f = append(f, ami.Field{Name: fields[i], Value: fields[i+1]})
	}
	if _, err := w.c.Action(w.t.Context(), action, f...); err != nil {
		w.t.Fatalf("%s: %v", action, err)
	}
}

// picture is what QueueStatus says, in lines; waits are by caller in seconds.
func (w *witness) picture(node string) (lines []string, waits map[string]float64) {
	w.t.Helper()
	list, err := w.c.List(w.t.Context(), "QueueStatus")
	if err != nil {
		w.t.Fatal(err)
	}
	waits = map[string]float64{}
	for _, m := range list {
		queue := m.Get("Queue") + "@" + node
		switch m.Event() {
		case "QueueParams":
			lines = append(lines, fmt.Sprintf("queue %s %s max=%s weight=%s completed=%s abandoned=%s", queue, m.Get("Strategy"), m.Get("Max"), m.Get("Weight"), m.Get("Completed"), m.Get("Abandoned")))
		case "QueueMember":
			lines = append(lines, fmt.Sprintf("member %s %s penalty=%s paused=%v reason=%s calls=%s in-call=%v %s", queue, m.Get("Location"), m.Get("Penalty"),
				m.Get("Paused") == "1", m.Get("PausedReason"), m.Get("CallsTaken"), m.Get("InCall") == "1", m.Get("Membership")))
		case "QueueEntry":
			lines = append(lines, fmt.Sprintf("caller %s %s place=%s", queue, m.Get("CallerIDNum"), m.Get("Position")))
			waits[m.Get("CallerIDNum")], _ = strconv.ParseFloat(m.Get("Wait"), 64)
		}
	}
	slices.Sort(lines)
	return lines, waits
}

// mirrored is the same picture, from the controller's lists.
func (s *site) mirrored() (lines []string, waits map[string]float64) {
	s.t.Helper()
	var snap rest.Snapshot
	s.must(http.MethodGet, "/api/v1/snapshot", nil, &snap)
	waits = map[string]float64{}
	for _, q := range snap.Queues {
		if q.Mirror != "" {
			lines = append(lines, fmt.Sprintf("queue %s %s max=%d weight=%d completed=%d abandoned=%d", q.ID, q.Strategy, q.MaxWaiting, q.Priority, q.Answered, q.Abandoned))
		}
	}
	for _, a := range snap.Agents {
		for _, m := range a.Memberships {
			lines = append(lines, fmt.Sprintf("member %s %s penalty=%d paused=%v reason=%s calls=%d in-call=%v %s", m.Queue, m.Interface, m.Penalty, m.Paused, m.Reason, m.Calls, m.InCall, m.Source))
		}
	}
	for _, c := range snap.Calls {
		if c.Mirror != "" && c.Phase != "talking" {
			lines = append(lines, fmt.Sprintf("caller %s %s place=%d", c.Queue, c.Caller, c.Position))
			waits[c.Caller] = c.WaitingSeconds
		}
	}
	slices.Sort(lines)
	return lines, waits
}

// mirrorTolerance is how far our waiting time may be from Asterisk's, which
// tells whole seconds of a wait that began within one.
const mirrorTolerance = 1.2

// wantMirror waits until the picture is app_queue's own, waiting times included.
func (s *site) wantMirror(w *witness) {
	s.t.Helper()
	var diff string
	eventually(s.t, "the mirror shows what app_queue has", func() bool {
		want, waits := w.picture(s.node())
		got, ours := s.mirrored()
		diff = fmt.Sprintf("\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		if !slices.Equal(got, want) {
			return false
		}
		for caller, sec := range waits {
			if d := ours[caller] - sec; d < -mirrorTolerance || d > 1+mirrorTolerance {
				diff = fmt.Sprintf("%s waits for %.1f s, app_queue says %.0f", caller, ours[caller], sec)
				return false
			}
		}
		return true
	}, &diff)
}

func (s *site) node() string {
	s.t.Helper()
	var st rest.Status
	s.must(http.MethodGet, "/api/v1/status", nil, &st)
	return st.Nodes[0].ID
}

// mirroredCall returns the mirrored call of a caller, or nil.
func (s *site) mirroredCall(number string) *rest.Call {
	for _, c := range s.calls() {
		if c.Caller == number && c.Mirror != "" {
			return &c
		}
	}
	return nil
}

func (s *site) waitMirrored(number, phase string) rest.Call {
	s.t.Helper()
	var c *rest.Call
	eventually(s.t, "mirrored call of "+number+" is "+phase, func() bool {
		c = s.mirroredCall(number)
		return phase == "gone" && c == nil || c != nil && c.Phase == phase
	})
	if c == nil {
		return rest.Call{}
	}
	return *c
}

func TestMirrorShowsAppQueue(t *testing.T) {
	in := mirrorAsterisk(t)
	w := newWitness(t, in)
	s := mirrorSite(t, handsetSite, "", in)
	s.wantMirror(w)
	desk1, desk2 := s.desk("101"), s.desk("102")
	s.wantMirror(w)
	a1 := s.caller("4917055501").Dial("700")
	b1 := desk1.Expect()
	c := s.waitMirrored("4917055501", "offered")
	if c.Agent != "PJSIP/101@"+s.node() || c.Queue != "support@"+s.node() {
		t.Errorf("rings: %+v", c)
	}
	a2 := s.caller("4917055502").Dial("700")
	b2 := desk2.Expect() // the second caller rings the second phone
	s.wantMirror(w)
	b1.MustAnswer()
	siptest.Talk(a1, b1)
	talk := s.waitMirrored("4917055501", "talking")
	if talk.ID != c.ID || talk.Agent != "PJSIP/101@"+s.node() {
		t.Errorf("talks: %+v", talk)
	}
	s.wantMirror(w)
	w.do("QueuePause", "Interface", "PJSIP/102", "Paused", "true", "Reason", "lunch", "Queue", "support")
	w.do("QueueAdd", "Queue", "side", "Interface", "PJSIP/104", "Penalty", "3", "MemberName", "Dora")
	b2.MustReject(486)
	a3 := s.caller("4917055503").Dial("700")
	s.wantMirror(w)
	for i, number := range []string{"4917055502", "4917055503"} {
		if got := s.waitMirrored(number, "waiting").Position; got != i+1 {
			t.Errorf("%s has place %d", number, got)
		}
	}
	s.refusedMirror()
	s.killedInSight(w, func() { a2.MustHangup() })
	a1.MustHangup()
	b1.MustEndBy(ua.Remote, 0)
	s.waitMirrored("4917055501", "gone")
	desk1.Expect().MustAnswer()
	s.waitMirrored("4917055503", "talking")
	a3.MustBeAnswered()
	a3.MustHangup()
	s.waitMirrored("4917055503", "gone")
	w.do("QueueRemove", "Queue", "side", "Interface", "PJSIP/104")
	s.wantMirror(w)
}

// killedInSight kills the controller, has the second caller hang up meanwhile,
// and wants the other two to be who and where they were, since when they were.
func (s *site) killedInSight(w *witness, meanwhile func()) {
	s.t.Helper()
	before := map[string]rest.Call{}
	for _, n := range []string{"4917055501", "4917055503"} {
		before[n] = *s.mirroredCall(n)
	}
	s.kill()
	meanwhile()
	s.start()
	s.waitMirrored("4917055502", "gone")
	s.wantMirror(w)
	for n, was := range before {
		now := *s.mirroredCall(n)
		off := math.Abs(now.ArrivedAt.Sub(*was.ArrivedAt).Seconds())
		if now.ID != was.ID || now.Phase != was.Phase || off > 1 {
			s.t.Errorf("%s after the restart: %+v\nbefore: %+v", n, now, was)
		}
		progress(fmt.Sprintf("mirrored %s after kill -9: %s, waiting time off by %.3f s", n, now.Phase, off))
	}
}

// refusedMirror checks that commands about what app_queue has are refused with a reason.
func (s *site) refusedMirror() {
	s.t.Helper()
	call := s.mirroredCall("4917055503")
	for path, body := range map[string]any{
		"/api/v1/queues/support@" + s.node() + "/pause":                nil,
		"/api/v1/calls/" + call.ID + "/end":                            nil,
		"/api/v1/calls/" + strconv.FormatInt(call.Number, 10) + "/end": nil,
		"/api/v1/agents/PJSIP%2F101@" + s.node() + "/state":            rest.AgentStateRequest{State: "ready"},
	} {
		if err := s.try(http.MethodPost, path, body, nil); err == nil || !strings.Contains(err.Error(), "belongs to app_queue") {
			s.t.Errorf("%s: %v", path, err)
		}
	}
}

// One phone serves both: app_queue's calls and ours never ring there at the same time.
func TestMirrorSharedPhone(t *testing.T) {
	in := mirrorAsterisk(t)
	w := newWitness(t, in)
	s := mirrorSite(t, strings.Replace(handsetSite, "ring_timeout: 3s", "ring_timeout: 30s", 1), "", in)
	desk := s.desk("101")
	s.agentState("anna", "ready")
	s.wantMirror(w)
	a1 := s.caller("4917055501").Dial("700") // to app_queue
	b1 := desk.Expect()
	eventually(t, "anna's phone is elsewhere", func() bool { return s.agent("anna").Elsewhere == "support@"+s.node() })
	a2 := s.caller("4917055502").Dial("600") // to us
	s.wantWaiting("sales", "4917055502")
	var why rest.Explanation
	s.must(http.MethodGet, "/api/v1/calls/"+s.callOf("4917055502").ID+"/explain", nil, &why)
	if text := strings.Join(why.Text, "\n"); !strings.Contains(text, "phone 101 is in a call of support@") {
		t.Errorf("explained: %s", text)
	}
	b1.MustAnswer()
	siptest.Talk(a1, b1)
	if n := len(desk.Calls()); n != 1 {
		t.Errorf("%d calls at the phone", n)
	}
	a1.MustHangup()
	b2 := desk.Expect() // ours, now that the phone is free
	if from := b2.From().User; from != "4917055502" {
		t.Errorf("then %s rings", from)
	}
	b2.MustAnswer()
	siptest.Talk(a2, b2)
	// The other way round: app_queue leaves the phone alone while we have it.
	a3 := s.caller("4917055503").Dial("700")
	s.waitMirrored("4917055503", "waiting")
	if n := len(desk.Calls()); n != 1 {
		t.Errorf("%d calls at the phone", n)
	}
	a2.MustHangup()
	b3 := desk.Expect()
	if from := b3.From().User; from != "4917055503" {
		t.Errorf("then %s rings", from)
	}
	// Moved: app_queue gives the caller up after 2 s, and the dialplan sends them to us.
	a4 := s.caller("4917055504").Dial("701")
	s.waitMirrored("4917055504", "waiting")
	s.wantWaiting("sales", "4917055504")
	if c := s.mirroredCall("4917055504"); c != nil {
		t.Errorf("counted twice: %+v", c)
	}
	a4.MustBeAnswered()
	a4.MustHangup()
	a3.MustHangup()
	s.waitMirrored("4917055503", "gone")
	s.wantMirror(w)
	t.Run("race", func(t *testing.T) { s.in(t).race(w, desk) })
}

// race has callers come to both queues at the same moment, again and again.
func (s *site) race(w *witness, desk *siptest.Phone) {
	const rounds = 12
	both := 0
	for range rounds {
		eventually(s.t, "anna is free", func() bool { a := s.agent("anna"); return a.State == "ready" && a.Elsewhere == "" })
		ours, theirs := s.caller("4917055511"), s.caller("4917055512")
		legs := make(chan *siptest.Leg, 2)
		go func() { legs <- ours.Dial("600") }()
		theirLeg := theirs.Dial("700")
		ourLeg := <-legs
		desk.Expect()
		eventually(s.t, "one call rings, the other waits", func() bool {
			n := 0
			for _, c := range s.calls() {
				if c.Phase == "offered" {
					n++
				}
			}
			return n == 1 && len(desk.Calls()) == 1
		})
		if desk.Stats().Received%2 != 0 {
			both++
		}
		hangUp(s.t, ourLeg) // the music may be answering it at this very moment
		hangUp(s.t, theirLeg)
		s.waitMirrored("4917055512", "gone")
		eventually(s.t, "nothing rings", func() bool { return len(desk.Calls()) == 0 })
	}
	s.wantMirror(w)
	progress(fmt.Sprintf("race for one phone: %d rounds, the phone got %d calls", rounds, desk.Stats().Received))
}

// hangUp ends a call that may just be being answered: a CANCEL that comes too
// late has no effect, and the call that came up all the same is ended then.
func hangUp(t *testing.T, l *siptest.Leg) {
	t.Helper()
	ctx, cancel := contextFor(t, waitFor)
	defer cancel()
	if l.Hangup(ctx) != nil {
		l.MustBeAnswered()
		l.MustHangup()
	}
}
