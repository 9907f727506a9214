package test

import (
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"strowger/cti/rest"
	"strowger/sip/siptest"
	"strowger/sip/ua"
	"strowger/sip/ua/sdp"
	"strowger/test/faultproxy"
)

// mediaSite looks for dead air often, and ends a conversation soon.
const (
	deadAirAfter = 4 * time.Second
	mediaSite    = `
ici: {enabled: false}
queues:
  - {id: sales, number: "600", ring_timeout: 60s, wrap_up: 0s, dead_air: 4s}
agents:
  - {id: anna, line: "101", queues: [sales], station: {endpoint: "101"}}
  - {id: ben, line: "102", queues: [sales], station: {endpoint: "102"}}
`
)

// radio relays the audio of one phone: what it sends, and what it hears.
type radio struct {
	t      *testing.T
	mu     sync.Mutex
	relays []*faultproxy.Proxy
	faults []faultproxy.Fault // of relays that are still to be made
	active []*faultproxy.Active
}

// relay implements ua.Config.Relay.
func (r *radio) relay(peer netip.AddrPort) netip.AddrPort {
	r.mu.Lock()
	defer r.mu.Unlock()
	p, err := faultproxy.Start(r.t.Context(), faultproxy.Config{Network: "udp", Target: peer.String(), Seed: 1})
	if err != nil {
		r.t.Error(err)
		return peer
	}
	r.t.Cleanup(p.Stop)
	r.relays = append(r.relays, p)
	for _, f := range r.faults {
		r.begin(p, f)
	}
	at, err := netip.ParseAddrPort(p.Addr())
	if err != nil {
		r.t.Error(err)
	}
	return at
}

func (r *radio) begin(p *faultproxy.Proxy, f faultproxy.Fault) {
	a, err := p.Inject(f)
	if err != nil {
		r.t.Error(err)
		return
	}
	r.active = append(r.active, a)
}

// inject begins a fault on all that the phone sends and hears, now and later.
func (r *radio) inject(f faultproxy.Fault) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.faults = append(r.faults, f)
	for _, p := range r.relays {
		r.begin(p, f)
	}
}

// lift ends the faults and returns how many datagrams they touched.
func (r *radio) lift() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	var n uint64
	for _, a := range r.active {
		a.Lift()
		n += a.Bitten().Units
	}
	r.active, r.faults = nil, nil
	return n
}

// radioCaller is a caller whose audio goes through relays.
func (s *site) radioCaller(number string) (*siptest.Phone, *radio) {
	s.t.Helper()
	r := &radio{t: s.t}
	return siptest.NewCaller(s.t, ua.Config{User: number, Server: s.asterisk.SIPAddr(), Pacer: s.pacer, Relay: r.relay}), r
}

// TestChaosMedia runs the faults of the audio beside a call without any.
func TestChaosMedia(t *testing.T) {
	siptest.CheckGoroutines(t)
	s := newSite(t, testAsterisk(t), "strowger", mediaSite)
	s.edit("  app: strowger\n", "  app: strowger\n  audio_check: 500ms\n")
	s.start()
	s.disturbed = true
	anna, ben := s.desk("101"), s.desk("102")
	s.agentState("anna", "ready")
	good := s.caller("4917055500").Dial("600")
	goodDesk := anna.Expect()
	goodDesk.MustAnswer()
	siptest.Talk(good, goodDesk)
	marks := markGaps(t, good, goodDesk)
	s.agentState("ben", "ready")
	calls := 0
	dial := func(s *site, prepare func(*radio)) (a, b *siptest.Leg, r *radio, call rest.Call) {
		s.t.Helper()
		calls++
		number := fmt.Sprintf("4917055%03d", calls)
		phone, r := s.radioCaller(number)
		if prepare != nil {
			prepare(r)
		}
		a = phone.Dial("600")
		b = ben.Expect()
		b.MustAnswer()
		a.MustBeAnswered()
		return a, b, r, s.callOf(number)
	}
	run := func(number int, name string, f func(s *site, r *chaosReport)) {
		t.Run(fmt.Sprintf("F%d-%s", number, strings.ReplaceAll(name, " ", "-")), func(t *testing.T) {
			r := chaosReport{Fault: number, Name: name, Seed: 1}
			defer func() { r.OK = !t.Failed(); r.write(t) }()
			f(s.in(t), &r)
			if r.Bitten == 0 {
				t.Error("the fault has touched nothing: the run shows nothing")
			}
			s.waitAgent("ben", "ready")
		})
	}
	for _, loss := range []float64{0.05, 0.2, 0.5} {
		run(26, fmt.Sprintf("RTP loss %g", loss), func(s *site, r *chaosReport) {
			a, b, air, _ := dial(s, nil)
			siptest.Talk(a, b)
			got, lost := s.metric("strowger_audio_packets_total"), s.metric("strowger_audio_lost_total")
			air.inject(faultproxy.Fault{Mode: faultproxy.Drop, Share: loss})
			eventually(s.t, "the loss is counted", func() bool { return s.metric("strowger_audio_lost_total") >= lost+200*loss })
			progress(fmt.Sprintf("F26: of %g packets of all parties %g more were lost", s.metric("strowger_audio_packets_total")-got, s.metric("strowger_audio_lost_total")-lost))
			r.bitten("datagrams", air.lift())
			siptest.Talk(a, b)
			a.MustHangup()
			b.MustEndBy(ua.Remote, 0)
		})
	}
	run(26, "one-way audio", func(s *site, r *chaosReport) {
		a, b, air, call := dial(s, nil)
		siptest.Talk(a, b)
		began := time.Now()
		air.inject(faultproxy.Fault{Mode: faultproxy.Drop, Ways: faultproxy.ToServer})
		mustEndForSilence(s, a, b, call, began, r)
		r.bitten("datagrams", air.lift())
	})
	run(26, "no audio after the answer", func(s *site, r *chaosReport) {
		began := time.Now()
		a, b, air, call := dial(s, func(r *radio) { r.inject(faultproxy.Fault{Mode: faultproxy.Drop, Ways: faultproxy.ToServer}) })
		mustEndForSilence(s, a, b, call, began, r)
		r.bitten("datagrams", air.lift())
	})
	run(26, "silence on hold", func(s *site, r *chaosReport) {
		a, b, air, _ := dial(s, nil)
		siptest.Talk(a, b)
		a.MustHold(sdp.SendOnly)
		air.inject(faultproxy.Fault{Mode: faultproxy.Drop, Ways: faultproxy.ToServer})
		looks := s.metric("strowger_audio_packets_total")
		eventually(s.t, "others have talked for longer", func() bool {
			return s.metric("strowger_audio_packets_total") > looks+50*1.5*deadAirAfter.Seconds()
		})
		air.lift()
		r.bitten("seconds on hold without audio", 6)
		a.MustResume()
		siptest.Talk(a, b)
		a.MustHangup()
		b.MustEndBy(ua.Remote, 0)
	})
	run(27, "digits over a bad line", func(s *site, r *chaosReport) {
		const digits = "0123456789*#112233"
		a, b, air, _ := dial(s, nil)
		siptest.Talk(a, b)
		air.inject(faultproxy.Fault{Mode: faultproxy.Drop, Share: 0.3, Ways: faultproxy.ToServer})
		air.inject(faultproxy.Fault{Mode: faultproxy.Dup, Share: 0.5, Ways: faultproxy.ToServer})
		a.MustDigits(b, digits)
		r.bitten("datagrams", air.lift())
		a.MustHangup()
		b.MustEndBy(ua.Remote, 0)
	})
	if gap := marks.longest(); gap > maxGap {
		t.Errorf("the other call's audio was gone for %v", gap)
	}
	good.MustHangup()
	goodDesk.MustEndBy(ua.Remote, 0)
	s.noLeftovers()
}

// mustEndForSilence waits until the controller has ended a call, and says why.
func mustEndForSilence(s *site, a, b *siptest.Leg, call rest.Call, began time.Time, r *chaosReport) {
	s.t.Helper()
	b.MustEndBy(ua.Remote, 0)
	r.detected(began)
	if d := time.Since(began); d < deadAirAfter-time.Second {
		s.t.Errorf("ended after %v already", d)
	}
	a.MustEnd()
	s.wantEnded(call.ID, "handled")
	var status rest.Status
	s.must(http.MethodGet, "/api/v1/status", nil, &status)
	if !slices.ContainsFunc(status.Incidents, func(i rest.Incident) bool {
		return strings.Contains(i.Reason, "no audio came from +"+call.Caller) || strings.Contains(i.Reason, "no audio came from "+call.Caller)
	}) {
		s.t.Errorf("no reason is told: %+v", status.Incidents)
	}
}
