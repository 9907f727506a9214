package test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"strowger/ari/sandbox"
	"strowger/configs"
	"strowger/cti/rest"
	"strowger/sip/siptest"
	"strowger/sip/ua"
	"strowger/sip/ua/sdp"
	"strowger/test/faultproxy"
)

// twoServers are two Asterisks, joined by a SIP trunk, under one controller.
// What the sites do with callers and phones they do at their own server.
type twoServers struct {
	a, b *site
	link *faultproxy.Proxy // between the controller and the second server
}

// nodeDesks is a queue with agents at both servers. Nothing runs out by itself.
const nodeDesks = `
ici: {enabled: false}
queues:
  - {id: sales, number: "600", ring_timeout: 60s, wrap_up: 0s}
agents:
  - {id: anna, line: "101", queues: [sales], station: {endpoint: "101"}, dial_rule: outside}
  - {id: ben, line: "102", queues: [sales], station: {endpoint: "102", node: asterisk-2}, dial_rule: outside}
  - {id: cleo, line: "103", queues: [sales], station: {endpoint: "103", node: asterisk-2, mode: call-on-accept}}
  - {id: dora, line: "104", queues: [sales], station: {endpoint: "104"}}
  - {id: emil, line: "105", queues: [sales], station: {endpoint: "105", node: asterisk-2, mode: nailed}}
  - {id: fay, line: "106", queues: [sales], station: {endpoint: "106", node: asterisk-2, mode: talk-notify}}
numbering: {region: DE}
trunks:
  - {id: near, endpoint: trunk, default_caller_id: "+49301000600", allow_withheld: true}
  - {id: far, endpoint: trunk, node: asterisk-2, default_caller_id: "+49301000700", allow_withheld: true}
routes:
  - {id: by-far, prefixes: ["4930"], trunks: [far]}
  - {id: by-near, prefixes: ["4940"], trunks: [near]}
dial_rules:
  - {id: outside, allow: [""]}
`

func newTwoServers(t *testing.T, config string) *twoServers {
	t.Helper()
	siptest.CheckGoroutines(t)
	const addrA, addrB = "127.0.0.2", "127.0.0.3"
	ports := map[string]uint16{addrA: freeUDPPort(t), addrB: freeUDPPort(t)}
	server := func(own, ownAddr, other, otherAddr string) *sandbox.Instance {
		return ownAsterisk(t, func(o *sandbox.Options) {
			o.Name, o.Agents, o.SystemName = own, 6, own // audio comes from the address that signals
			o.Values = configs.Values{SIPAddr: ownAddr, SIPPort: int(ports[ownAddr]), TrunkContact: fmt.Sprintf("sip:127.0.0.1:%d", outsidePort())}
			o.Extra["pjsip_local.conf"] = ownMedia(ownAddr) + fmt.Sprintf(`
[%[1]s](strowger-node,own-media)
from_user=%[2]s
aors=%[1]s
[%[1]s](strowger-node-aor)
contact=sip:%[3]s:%[4]d
[%[1]s]
type=identify
endpoint=%[1]s
match=%[3]s
`, other, own, otherAddr, ports[otherAddr])
		})
	}
	inA := server("asterisk-1", addrA, "asterisk-2", addrB)
	inB := server("asterisk-2", addrB, "asterisk-1", addrA)
	proxy, err := faultproxy.Start(t.Context(), faultproxy.Config{Network: "tcp", HTTP: true, Target: strings.TrimSuffix(strings.TrimPrefix(inB.ARIURL(), "http://"), "/ari")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(proxy.Stop)
	a := newSite(t, inA, "strowger", config)
	path := filepath.Join(a.dir, "strowger.yaml")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	v := inB.Values()
	second := fmt.Sprintf("asterisk:\n  nodes: [{node: asterisk-2, ari_url: \"http://%s\", ari_user: %s, ari_password: %s, ami_addr: \"%s\", talk_notify_user: %s, talk_notify_secret: %s}]\n",
		proxy.Addr(), v.ARIUser, v.ARIPassword, inB.AMIAddr(), notifyUser, notifySecret)
	if err := os.WriteFile(path, []byte(strings.Replace(string(text), "asterisk:\n", second, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	a.start()
	b := *a
	b.asterisk = inB
	n := &twoServers{a: a, b: &b, link: proxy}
	n.bothUp()
	return n
}

// ownMedia has the endpoints of a server send their audio from its own address.
func ownMedia(addr string) string {
	var b strings.Builder
	for _, name := range []string{"101", "102", "103", "104", "105", "106", "trunk"} {
		fmt.Fprintf(&b, "[%s](+)\nmedia_address=%s\nbind_rtp_to_media_address=yes\n", name, addr)
	}
	fmt.Fprintf(&b, "[own-media](!)\nmedia_address=%s\nbind_rtp_to_media_address=yes\n", addr)
	return b.String()
}

// bothUp waits until both servers are in step and see each other.
func (n *twoServers) bothUp() {
	n.a.t.Helper()
	eventually(n.a.t, "both servers are in step", func() bool { return n.a.metric("strowger_ari_connected") == 2 })
	for _, way := range []struct{ from, to *site }{{n.a, n.b}, {n.b, n.a}} {
		peer := way.to.asterisk.Name()[:len("asterisk-1")]
		eventually(n.a.t, peer+" is seen by the other server", func() bool {
			_, body := ariDo(n.a.t, way.from.asterisk, http.MethodGet, "/endpoints/PJSIP/"+peer)
			return strings.Contains(body, `"online"`)
		})
	}
}

func (n *twoServers) noLeftovers() {
	n.a.t.Helper()
	n.a.noLeftovers()
	var left string
	eventually(n.a.t, "no channel and no bridge is left in the second Asterisk", func() bool {
		left = leftovers(n.a.t, n.b.asterisk)
		return left == ""
	}, &left)
}

func (n *twoServers) status() rest.Status {
	n.a.t.Helper()
	var s rest.Status
	n.a.must(http.MethodGet, "/api/v1/status", nil, &s)
	return s
}

// in is the same for a subtest, to which failures then belong.
func (n *twoServers) in(t *testing.T) *twoServers {
	return &twoServers{a: n.a.in(t), b: n.b.in(t), link: n.link}
}

// between brings up a call: a caller at one server, an agent's phone at the same or another.
func (n *twoServers) between(from *site, number string, at *site, agent, line string) *pair {
	n.a.t.Helper()
	p := &pair{number: number, agent: agent, phone: from.caller(number), desk: n.seat(at, agent, line)}
	eventually(n.a.t, "the dialplan's gate is open for the caller", func() bool {
		return asteriskVariable(n.a.t, from.asterisk, "EPOCH")-asteriskVariable(n.a.t, from.asterisk, "SW_HB") <= 3
	})
	n.a.agentState(agent, "ready")
	p.a = p.phone.Dial("600")
	p.b = p.desk.Expect()
	p.b.MustAnswer()
	p.a.MustBeAnswered()
	siptest.Talk(p.a, p.b)
	return p
}

// seat is an agent who is logged in, not ready, at a phone that can be called.
func (n *twoServers) seat(at *site, agent, line string) *siptest.Phone {
	n.a.t.Helper()
	desk := at.desk(line)
	n.a.agentState(agent, "not-ready")
	eventually(n.a.t, "the phone "+line+" is known to be registered", func() bool { return !n.a.agent(agent).PhoneOff })
	return desk
}

// TestTwoServers: what works at one server works across two.
func TestTwoServers(t *testing.T) {
	n := newTwoServers(t, nodeDesks)
	for _, c := range []struct {
		name string
		run  func(*twoServers)
	}{
		{"talk and hold", acrossTalk},
		{"hold by the phone's key", acrossPhoneHold},
		{"accept in the client", acrossAccept},
		{"talk-notify", acrossTalkNotify},
		{"consult and transfer", acrossTransfer},
		{"call out by the other's trunk", acrossOut},
		{"no number shown", acrossWithheld},
		{"outcomes", acrossOutcomes},
		{"rejected", acrossRejected},
		{"nailed", acrossNailed},
	} {
		t.Run(c.name, func(t *testing.T) {
			sub := n.in(t)
			c.run(sub)
			sub.noLeftovers()
		})
	}
}

func acrossTalk(n *twoServers) {
	desk := n.b.desk("102")
	n.a.agentState("ben", "ready")
	a := n.a.caller("4917055501").Dial("600")
	b := desk.Expect()
	if b.From().User != "4917055501" {
		n.a.t.Errorf("the agent's phone shows %q", b.From().User)
	}
	n.a.waitConn("alerting") // that the phone rings is told through both servers
	b.MustAnswer()
	a.MustBeAnswered()
	siptest.Talk(a, b)
	conn := n.a.waitConn("connected")
	a.MustDigits(b, "135#")
	n.a.command(conn, "hold")
	mustHearMusic(n.a.t, a, 1000)
	n.a.waitConn("hold")
	n.a.command(conn, "retrieve")
	a.MustHear(1000)
	b.MustHear(400)
	n.a.waitConn("connected")
	b.MustHangup()
	a.MustEndBy(ua.Remote, 0)
	n.a.agentState("ben", "not-ready")
}

func acrossPhoneHold(n *twoServers) {
	p := n.between(n.a, "4917055502", n.b, "ben", "102")
	a, b := p.a, p.b
	b.MustHold(sdp.SendOnly)
	n.a.waitConn("hold")
	mustHearMusic(n.a.t, a, 1000)
	b.MustResume()
	n.a.waitConn("connected")
	a.MustHear(1000)
	a.MustHangup()
	b.MustEndBy(ua.Remote, 0)
	n.a.agentState("ben", "not-ready")
}

func acrossAccept(n *twoServers) {
	desk := n.b.desk("103")
	n.a.agentState("cleo", "ready")
	a := n.a.caller("4917055503").Dial("600")
	n.a.command(n.a.waitConn("alerting"), "accept")
	b := desk.Expect()
	if !b.AutoAnswer() || b.Header("Alert-Info") == "" || b.Header("Call-Info") == "" {
		n.a.t.Errorf("auto-answer headers: Alert-Info %q, Call-Info %q", b.Header("Alert-Info"), b.Header("Call-Info"))
	}
	a.MustBeAnswered()
	siptest.Talk(a, b)
	n.a.command(n.a.agentConn(), "drop")
	a.MustEndBy(ua.Remote, 0)
	b.MustEndBy(ua.Remote, 0)
	n.a.agentState("cleo", "not-ready")
}

func acrossTalkNotify(n *twoServers) {
	desk := phone(n.a.t, n.b.asterisk, "106", func(c *ua.Config) { c.Pacer, c.Talk = n.a.pacer, true })
	n.a.agentState("fay", "ready")
	a := n.a.caller("4917055504").Dial("600")
	b := desk.Expect()
	n.a.command(n.a.waitConn("alerting"), "accept")
	a.MustBeAnswered()
	siptest.Talk(a, b)
	a.MustHangup()
	b.MustEndBy(ua.Remote, 0)
	n.a.agentState("fay", "not-ready")
}

// acrossTransfer: the caller and the first agent are at two servers, the agent
// who is asked sits at the caller's.
func acrossTransfer(n *twoServers) {
	second := n.a.desk("101")
	p := n.between(n.a, "4917055505", n.b, "ben", "102")
	a, b := p.a, p.b
	n.a.agentState("anna", "not-ready")
	conn := n.a.waitConn("connected")
	n.a.must(http.MethodPost, "/api/v1/connections/"+conn.ID+"/consult", map[string]string{"to": "101"}, nil)
	c := second.Expect()
	c.MustAnswer()
	c.Say(700)
	b.MustHear(700)
	mustHearMusic(n.a.t, a, 1000)
	n.a.command(conn, "transfer")
	a.MustHear(700)
	c.MustHear(400)
	b.MustEndBy(ua.Remote, 0)
	c.MustHangup()
	a.MustEndBy(ua.Remote, 0)
	n.a.agentState("ben", "not-ready")
}

type outward struct {
	To string `json:"to"`
}

// acrossOut: an agent at the first server calls by the second one's trunk.
func acrossOut(n *twoServers) {
	world := n.a.outside(siptest.Script{Answer: true, Say: 1000}, nil)
	desk := n.seat(n.a, "anna", "101")
	n.a.must(http.MethodPost, "/api/v1/agents/anna/call", outward{"0301234567"}, nil)
	b := desk.Expect()
	b.MustAnswer()
	if in := world.MustArrive(); in.Dialed != "+49301234567" || in.From.User != "+49301000700" {
		n.a.t.Errorf("dialled %q from %q", in.Dialed, in.From.User)
	}
	out := world.Expect()
	b.Say(400)
	b.MustHear(1000)
	out.MustHear(400)
	out.MustHangup()
	b.MustEndBy(ua.Remote, 0)
}

func acrossWithheld(n *twoServers) {
	world := n.a.outside(siptest.Script{Answer: true, Say: 1000}, nil)
	desk := n.seat(n.a, "anna", "101")
	for _, to := range []string{"0301234567", "0401234567"} {
		n.a.must(http.MethodPost, "/api/v1/agents/anna/call", map[string]string{"to": to, "caller_id": "anonymous"}, nil)
		b := desk.Expect()
		b.MustAnswer()
		if in := world.MustArrive(); in.From.User != "anonymous" || in.Asserted.User != "" {
			n.a.t.Errorf("%s: from %q, asserted %q", to, in.From.User, in.Asserted.User)
		}
		out := world.Expect()
		b.MustHear(1000)
		out.MustHangup()
		b.MustEndBy(ua.Remote, 0)
		n.a.waitAgent("anna", "not-ready")
	}
}

// acrossOutcomes: a number that cannot be reached ends the call with the same
// word, whichever server has the trunk.
func acrossOutcomes(n *twoServers) {
	codes := []int{486, 603, 480, 404, 503}
	scripts := map[string]siptest.Script{}
	for _, code := range codes {
		scripts[fmt.Sprintf("+49301000%d", code)] = siptest.Refuse(code)
		scripts[fmt.Sprintf("+49401000%d", code)] = siptest.Refuse(code)
	}
	n.a.outside(siptest.Script{Answer: true}, scripts)
	desk := n.seat(n.a, "anna", "101")
	for _, code := range codes {
		var words []string
		for _, prefix := range []string{"030", "040"} {
			n.a.must(http.MethodPost, "/api/v1/agents/anna/call", outward{fmt.Sprintf("%s1000%d", prefix, code)}, nil)
			b := desk.Expect()
			call := n.a.calls()[0].ID
			b.MustAnswer()
			b.MustEnd()
			n.a.waitAgent("anna", "not-ready")
			words = append(words, n.a.outcome(call))
		}
		if words[0] != words[1] {
			n.a.t.Errorf("%d: %q by the other server's trunk, %q by its own", code, words[0], words[1])
		}
		progress(fmt.Sprintf("a number that answers %d: %s by the other server's trunk, %s by its own", code, words[0], words[1]))
	}
}

// outcome is how a call has ended.
func (s *site) outcome(id string) (word string) {
	s.t.Helper()
	eventually(s.t, "call "+id+" is recorded", func() bool {
		var l rest.CallList
		s.must(http.MethodGet, "/api/v1/calls?ended=true", nil, &l)
		for _, c := range l.Calls {
			if c.ID == id {
				word = c.Outcome
			}
		}
		return word != ""
	})
	return word
}

func acrossRejected(n *twoServers) {
	desk := n.b.desk("102")
	n.a.agentState("ben", "ready")
	a := n.a.caller("4917055507").Dial("600")
	desk.Expect().MustReject(486)
	a.MustBeAnswered()
	n.a.wantWaiting("sales", "4917055507")
	n.a.waitAgent("ben", "ready")
	n.a.wantVerdict("4917055507", "ben", "has turned this call down")
	n.a.agentState("ben", "not-ready")
	a.MustHangup()
}

// wantVerdict waits for the reason that an agent was not offered a caller's call.
func (s *site) wantVerdict(caller, agent, why string) {
	s.t.Helper()
	var e rest.Explanation
	call := s.callOf(caller).ID
	eventually(s.t, agent+" is not offered the call: "+why, func() bool {
		s.must(http.MethodGet, "/api/v1/calls/"+call+"/explain", nil, &e)
		return slices.ContainsFunc(e.Verdicts, func(v rest.Verdict) bool { return v.Agent == agent && v.Why == why })
	}, &e)
}

// acrossNailed: a station that is nailed up serves the calls of its own server.
func acrossNailed(n *twoServers) {
	desk := n.b.desk("105")
	n.a.agentState("emil", "ready")
	standing := desk.Expect()
	standing.MustAnswer()
	n.a.waitAgent("emil", "ready") // a verdict is of the moment at which it was the call's turn
	far := n.a.caller("4917055508").Dial("600")
	far.MustBeAnswered()
	n.a.wantVerdict("4917055508", "emil", "nailed station at another telephony server")
	near := n.b.caller("4917055509").Dial("600")
	near.MustBeAnswered()
	siptest.Talk(near, standing)
	near.MustHangup()
	far.MustHangup()
	eventually(n.a.t, "both calls are over", func() bool { return len(n.a.calls()) == 0 })
	n.a.agentState("emil", "logged-out")
	standing.MustEndBy(ua.Remote, 0)
}
