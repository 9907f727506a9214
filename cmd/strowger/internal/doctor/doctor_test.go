package doctor

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"strowger/ari/ami"
	"strowger/ari/arispec"
	"strowger/ari/aritest"
	"strowger/cmd/strowger/internal/config"
	"strowger/cti/rest"
	"strowger/switch/fault"
)

// advice is the one note of a healthy site.
const advice = "note ari.sessions.unknown"

// withoutARI is what follows when ARI does not answer.
var withoutARI = []string{
	"skip asterisk.version", "skip ari.rights", "skip ari.websocket", "skip ari.sessions", "skip application", "skip readiness", "skip clock", "skip phones",
	"skip trunks", "skip sounds",
}

func age(d time.Duration) *time.Duration { return &d }

// answer makes Asterisk's HTTP server another one.
func answer(t *testing.T, h *healthy, f http.HandlerFunc) {
	t.Helper()
	s := httptest.NewServer(f)
	t.Cleanup(s.Close)
	h.cfg.Asterisk.ARIURL = s.URL
}

func status(code int) func(aritest.Request) aritest.Reply {
	return func(aritest.Request) aritest.Reply { return aritest.Error(code, "no") }
}

type breakage struct {
	spoil func(*testing.T, *healthy)
	want  []string // beside the advice
	text  string   // somewhere in the findings' texts
}

func controllerBreakages() map[string]breakage {
	free := func(h *healthy) { h.ari.On(arispec.OpApplicationsGet, status(404)) }
	return map[string]breakage{
		"no controller": {
			func(_ *testing.T, h *healthy) { h.noController(); free(h); h.heartbeat(nil) },
			[]string{"note controller.none", "note readiness.none"},
			"SW_HB is not set",
		},
		"stopped": {
			func(_ *testing.T, h *healthy) { h.noController(); free(h); h.heartbeat(age(time.Minute)) },
			[]string{"note controller.none", "note readiness.none"},
			"SW_HB is 1m",
		},
		"another controller": {
			func(_ *testing.T, h *healthy) { h.noController() },
			[]string{"note controller.none", "fail application.taken", "warn readiness.foreign"},
			"http.socket",
		},
		"name occupied": {
			func(_ *testing.T, h *healthy) { h.noController(); h.heartbeat(nil) },
			[]string{"note controller.none", "warn application.occupied", "note readiness.none"},
			"another program uses the name",
		},
		"lost":         {func(_ *testing.T, h *healthy) { free(h) }, []string{"fail application.lost"}, ""},
		"applications": {func(_ *testing.T, h *healthy) { h.ari.On(arispec.OpApplicationsGet, status(500)) }, []string{"fail application.error"}, "AST#2170"},
		"stale":        {func(_ *testing.T, h *healthy) { h.heartbeat(age(10 * time.Second)) }, []string{"fail readiness.stale"}, "old, though a controller runs"},
		"nonsense": {func(_ *testing.T, h *healthy) {
			h.ari.On(arispec.OpAsteriskGetGlobalVar, func(aritest.Request) aritest.Reply { return aritest.Reply{Body: arispec.Variable{Value: "soon"}} })
		}, []string{"fail readiness.error"}, `"soon"`},
		"not ready": {func(_ *testing.T, h *healthy) {
			h.status.Ready, h.status.NotReady = false, []string{"the disk is full"}
		}, []string{"fail controller.not-ready"}, "the disk is full"},
		"simulated": {
			func(_ *testing.T, h *healthy) { h.status.Mode = rest.ModeSimulated; free(h); h.heartbeat(nil) },
			[]string{"note controller.simulated", "note readiness.none"},
			"SIMULATED",
		},
		"other version": {func(_ *testing.T, h *healthy) { h.status.Version = "0.9" }, []string{"note controller.version"}, "strowger 0.9 runs; this program is 1.0"},
		"strange":       {func(_ *testing.T, h *healthy) { h.refuse = 418; free(h); h.heartbeat(nil) }, []string{"warn controller.unknown", "note readiness.none"}, ""},
		"stuck": {func(_ *testing.T, h *healthy) {
			h.refuse, h.opt.Timeout = http.StatusRequestTimeout, 300*time.Millisecond
			free(h)
			h.heartbeat(nil)
		}, []string{"fail controller.stuck", "note readiness.none"}, ""},
		"config": {func(_ *testing.T, h *healthy) {
			h.cfg.Warnings = []config.Problem{{Key: "http.listen", What: "is reachable", Fix: "use a firewall", Doc: "Address.", Line: 7}}
		}, []string{"warn config"}, "http.listen: is reachable (line 7)"},
	}
}

func amiBreakages() map[string]breakage {
	off := []string{"skip ami.rights", "skip phones-context", "note dialplan.unknown"}
	add := func(name, rights string) func(*testing.T, *healthy) {
		return func(_ *testing.T, h *healthy) {
			h.actions = append(h.actions, ami.Field{Name: name, Value: "X.  (Priv: " + rights + ")"})
		}
	}
	return map[string]breakage{
		"not used":    {func(_ *testing.T, h *healthy) { h.cfg.Asterisk.AMIUser = "" }, append([]string{"skip ami"}, off...), "asterisk -rx 'dialplan show strowger-in'"},
		"refused":     {func(_ *testing.T, h *healthy) { h.ami.Close() }, append([]string{"fail ami.refused"}, off...), "manager.conf, [general]"},
		"login":       {func(_ *testing.T, h *healthy) { h.cfg.Asterisk.AMIPassword = config.NewSecret("canary-password-y") }, append([]string{"fail ami.login"}, off...), "secret ="},
		"hangs":       {func(_ *testing.T, h *healthy) { h.ami.Silence(true); h.opt.Timeout = 300 * time.Millisecond }, append([]string{"fail ami.timeout"}, off...), ""},
		"web server":  {func(_ *testing.T, h *healthy) { h.cfg.Asterisk.AMIAddr = banner(h) }, append([]string{"fail ami.not-ami"}, off...), "SSH-2.0"},
		"too little":  {func(_ *testing.T, h *healthy) { h.actions = h.actions[:2] }, []string{"fail ami.rights.missing"}, "lacks the right reporting"},
		"command":     {add("Command", "command,all"), []string{"warn ami.rights.too-much"}, "the right command"},
		"config":      {add("UpdateConfig", "config,all"), []string{"warn ami.rights.too-much"}, "the right config"},
		"shared only": {add("GetConfig", "system,config,all"), nil, ""},
		"no list": {func(_ *testing.T, h *healthy) {
			h.ami.On("ListCommands", func(ami.Message) []ami.Message { return []ami.Message{aritest.Refusal("Permission denied")} })
		}, append([]string{"fail ami.error"}, off...), ""},
		"no context": {func(_ *testing.T, h *healthy) { h.cfg.Asterisk.Context = "else" }, []string{"fail dialplan.no-context"}, "extensions_strowger.conf"},
		"plan denied": {func(_ *testing.T, h *healthy) {
			h.ami.On("ShowDialPlan", func(ami.Message) []ami.Message { return []ami.Message{aritest.Refusal("Permission denied")} })
		}, []string{"note dialplan.unknown", "note phones-context.unknown"}, "reporting"},
		"plan broken": {func(_ *testing.T, h *healthy) {
			h.ami.On("ShowDialPlan", func(ami.Message) []ami.Message { return []ami.Message{aritest.Refusal("Out of memory")} })
		}, []string{"warn dialplan.error", "note phones-context.unknown"}, "Out of memory"},
		"old plan": {func(_ *testing.T, h *healthy) { h.plan[1] = line("Stasis", "strowger,in,${EXTEN}") }, []string{"warn dialplan.old"}, "copy extensions_strowger.conf"},
		"plan without headers": {func(_ *testing.T, h *healthy) {
			h.plan[1] = line("Stasis", "strowger,in,${EXTEN},pres=${CALLERID(num-pres)},xfer=${BLINDTRANSFER}")
		}, []string{"warn dialplan.old"}, "DNIS by SIP header"},
		"no hand-over": {func(_ *testing.T, h *healthy) { h.plan[1] = line("Stasis", "strowger2,in") }, []string{"fail dialplan.no-stasis"}, ""},
		"included": {func(_ *testing.T, h *healthy) {
			h.plan = []ami.Message{{{Name: "Event", Value: "ListDialplan"}, {Name: "IncludeContext", Value: "x"}}}
		}, []string{"note dialplan.unknown"}, ""},
		"no gate":     {func(_ *testing.T, h *healthy) { h.plan = h.plan[1:] }, []string{"warn dialplan.no-gate"}, ""},
		"no fallback": {func(_ *testing.T, h *healthy) { h.plan = h.plan[:2] }, []string{"warn dialplan.no-fallback"}, ""},
	}
}

// objectBreakages are about what the configuration objects name.
func objectBreakages() map[string]breakage {
	const trunks = "numbering: {region: DE}\ntrunks: [{id: telco, endpoint: sip-telco}, {id: gsm, endpoint: gsm}]\nstations: [{id: a, endpoint: 101}]\n"
	const notify = "stations: [{id: a, endpoint: 101, mode: talk-notify}]\n"
	trunk := func(state string) arispec.Endpoint {
		return arispec.Endpoint{Technology: "PJSIP", Resource: "sip-telco", State: state}
	}
	account := func(t *testing.T, h *healthy) {
		h.setObjects(t, notify)
		h.cfg.Asterisk.TalkNotify = config.TalkNotify{User: aritest.User, Secret: config.NewSecret(aritest.Password)}
	}
	// The fake has one account, whose rights are also those of the ordinary one.
	allowed := func(list ...string) func(*testing.T, *healthy) {
		return func(t *testing.T, h *healthy) {
			account(t, h)
			h.cfg.Asterisk.AMIUser = ""
			h.actions = ami.Message{{Name: "Response", Value: "Success"}}
			for _, rights := range list {
				h.actions = append(h.actions, ami.Field{Name: strings.ToUpper(rights[:1]) + rights[1:], Value: "X.  (Priv: " + rights + ",all)"})
			}
		}
	}
	off := []string{"skip ami", "skip ami.rights", "skip phones-context", "note dialplan.unknown"}
	withNotify := func(list ...string) func(*testing.T, *healthy) {
		return func(t *testing.T, h *healthy) {
			allowed(list...)(t, h)
			h.actions = append(h.actions, ami.Field{Name: "PJSIPNotify", Value: "Send NOTIFY.  (Priv: system,all)"})
		}
	}
	return map[string]breakage{
		"context included":   {func(_ *testing.T, h *healthy) { h.context = "house" }, nil, "the contexts of 2 phones lead to the controller"},
		"context astray":     {func(_ *testing.T, h *healthy) { h.context = "island" }, []string{"warn phones-context.astray"}, "2 of 2 phones have a context that does not lead to the controller: 101 (island), 102 (island)"},
		"context of nowhere": {func(_ *testing.T, h *healthy) { h.context = "nowhere" }, []string{"warn phones-context.astray"}, "pjsip.conf, [101]: context = strowger-in-phones"},
		"context unknown": {func(_ *testing.T, h *healthy) {
			h.ami.On("Getvar", func(ami.Message) []ami.Message { return []ami.Message{aritest.Refusal("Permission denied")} })
		}, []string{"note phones-context.unknown"}, "pjsip show endpoint 101"},

		"trunks": {func(t *testing.T, h *healthy) {
			h.setObjects(t, trunks)
			h.phones = append(h.phones, trunk("online"), arispec.Endpoint{Technology: "PJSIP", Resource: "gsm", State: "unknown"})
		}, nil, "all 2 are endpoints of Asterisk"},
		"trunk missing": {func(t *testing.T, h *healthy) {
			h.setObjects(t, trunks)
			h.phones = append(h.phones, trunk("online"))
		}, []string{"fail trunks.missing"}, "1 of 2 trunks have no PJSIP endpoint in Asterisk: gsm"},
		"trunk offline": {func(t *testing.T, h *healthy) {
			h.setObjects(t, trunks)
			h.phones = append(h.phones, trunk("offline"), arispec.Endpoint{Technology: "PJSIP", Resource: "gsm", State: "online"})
		}, []string{"warn trunks.offline"}, "telco (sip-telco)"},
		"trunks broken": {func(t *testing.T, h *healthy) {
			h.setObjects(t, trunks)
			h.ari.On(arispec.OpEndpointsListByTech, status(500))
		}, []string{"fail phones.error", "fail trunks.error"}, ""},

		"sounds": {func(t *testing.T, h *healthy) {
			h.setObjects(t, "queues: [{id: q, number: 600, announce: {every: 30s, prompts: [\"sound:queue-thankyou\"]}}]\nstations: [{id: a, endpoint: 101, mode: nailed}]\n")
		}, nil, "all 2 that prompts name are there"},
		"sounds missing": {func(t *testing.T, h *healthy) {
			h.setObjects(t, "queues: [{id: q, number: 600, overflow: [{when: no-agents, to: \"announce:sound:shut\"}], announce: {every: 30s, position: true, prompts: [\"sound:queue-thankyou\", \"digits:12\"]}}]\n"+
				"ivrs: [{id: m, nodes: [{id: n, kind: play, prompts: [\"sound:hello\"], next: \"announce:bye\"}]}]\nstations: [{id: a, endpoint: 101, beep: \"sound:ding\"}]\n")
		}, []string{"warn sounds.missing"}, "6 of 7 sounds that the configuration objects name are not in Asterisk: queue-youarenext, queue-thereare, queue-callswaiting, shut, hello, bye"},
		"sounds broken": {func(t *testing.T, h *healthy) {
			h.setObjects(t, "stations: [{id: a, endpoint: 101, mode: nailed}]\n")
			h.ari.On(arispec.OpSoundsList, status(500))
		}, []string{"warn sounds.error"}, ""},

		"talk-notify without an account": {func(t *testing.T, h *healthy) { h.setObjects(t, notify) }, []string{"fail talk-notify.no-account"}, "1 stations have the mode talk-notify, and there is no AMI account for it: 101"},
		"talk-notify":                    {withNotify("system"), off, "may ask phones to answer, and nothing else"},
		"talk-notify with more":          {withNotify("system", "command", "originate"), append([]string{"warn talk-notify.too-much"}, off...), "command and originate"},
		"talk-notify without the right":  {allowed("call"), append([]string{"fail talk-notify.rights"}, off...), "write = system"},
		"talk-notify login": {func(t *testing.T, h *healthy) {
			account(t, h)
			h.cfg.Asterisk.TalkNotify.Secret = config.NewSecret("canary-password-z")
		}, []string{"fail talk-notify.login"}, "asterisk.talk_notify.secret"},
		"talk-notify refused": {func(t *testing.T, h *healthy) { account(t, h); h.ami.Close() }, append([]string{"fail ami.refused", "fail talk-notify.refused"}, off[1:]...), ""},
		"weak token": {func(_ *testing.T, h *healthy) {
			h.cfg.REST.Tokens = []config.Token{{Name: "wall", Role: "reader", Secret: config.NewSecret("aaaaaaaaaaaaaaaaaaaa")}}
		}, []string{"warn passwords.weak"}, "rest.tokens[0].secret repeats a few characters"},
	}
}

// banner is the address of a server that greets like another one.
func banner(h *healthy) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go func() {
		defer func() { _ = l.Close() }()
		if c, err := l.Accept(); err == nil {
			_, _ = c.Write([]byte("SSH-2.0-x\r\n"))
			_ = c.Close()
		}
	}()
	return l.Addr().String()
}

// TestFindings: each thing that can be wrong gives its finding, and no other.
func TestFindings(t *testing.T) {
	for group, cases := range map[string]map[string]breakage{
		"ari": ariBreakages(), "orders": orderBreakages(), "controller": controllerBreakages(), "ami": amiBreakages(), "objects": objectBreakages(), "host": hostBreakages(), "cel": celBreakages(), "screening": screenBreakages(),
	} {
		for name, c := range cases {
			t.Run(group+"/"+name, func(t *testing.T) {
				h := newHealthy(t)
				c.spoil(t, h)
				report, got := h.run(t)
				text := texts(t, report)
				if !strings.Contains(text, c.text) {
					t.Errorf("no %q in\n%s", c.text, text)
				}
				if strings.Contains(text, "canary") || strings.Contains(text, aritest.Password) {
					t.Errorf("a password is shown:\n%s", text)
				}
				if name == "elsewhere" { // what the network says depends on where the test runs
					return
				}
				want := slices.Clone(c.want)
				if !slices.Contains(want, "skip ari.sessions") && !slices.Contains(want, "warn ari.sessions.in-flight") {
					want = append(want, advice)
				}
				slices.Sort(want)
				if !slices.Equal(got, want) {
					t.Errorf("not ok are\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
				}
				if bad := slices.ContainsFunc(want, func(s string) bool { return strings.HasPrefix(s, "warn") || strings.HasPrefix(s, "fail") }); report.Healthy() == bad {
					t.Errorf("healthy is %v with %v", report.Healthy(), want)
				}
			})
		}
	}
}

// texts is the report as a person reads it, without line breaks, and checks
// that every finding that needs a correction says which.
func texts(t *testing.T, r Report) string {
	t.Helper()
	var out strings.Builder
	for _, f := range r.Findings {
		if (f.Severity == Warn || f.Severity == Fail) && f.Fix == "" {
			t.Errorf("%s has no fix", f.ID)
		}
		fmt.Fprintf(&out, "%s %s: %s; %s; %s\n", f.Severity, f.ID, f.What, f.Why, f.Fix)
	}
	var printed, encoded bytes.Buffer
	if err := r.Write(&printed); err != nil {
		t.Error(err)
	}
	if err := json.NewEncoder(&encoded).Encode(r); err != nil {
		t.Error(err)
	}
	if strings.Contains(printed.String()+encoded.String(), "canary") {
		t.Error("a password is printed")
	}
	return out.String()
}

// TestLiveApplicationIsLeftAlone: no websocket uses its name, the one write is
// our own variable, and it is gone afterwards.
func TestLiveApplicationIsLeftAlone(t *testing.T) {
	h := newHealthy(t)
	h.run(t)
	value, writes := "unset", 0
	for _, r := range h.ari.Requests() {
		if d, known := arispec.Describe(r.Op); known && d.Method == http.MethodGet {
			continue
		}
		writes++
		if r.Op != arispec.OpAsteriskSetGlobalVar || r.Arg("variable") != "SW_DOCTOR" {
			t.Errorf("%s %v was sent", r.Op, r.Query)
		}
		value = r.Arg("value")
	}
	if writes != 2 || value != "" {
		t.Errorf("%d writes, SW_DOCTOR is left as %q", writes, value)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if err := h.ari.WaitGone(ctx); err != nil {
		t.Errorf("the websocket stays: %v", err)
	}
}

// TestNameWithoutAddress does not depend on a name server.
func TestNameWithoutAddress(t *testing.T) {
	e := &examiner{cfg: config.Default()}
	f := e.explainARI(t.Context(), fault.Wrap(fault.Unavailable, "x", "", &net.DNSError{Name: "pbx.example", IsNotFound: true}))
	if f.ID != "ari.name" || !strings.Contains(f.What, "pbx.example") {
		t.Errorf("%+v", f)
	}
}

// TestOverrun: a check that hangs is reported, and holds nobody up.
func TestOverrun(t *testing.T) {
	h := newHealthy(t)
	release := make(chan struct{})
	defer close(release)
	h.opt.Host.Disk = func(string) (Space, error) { <-release; return Space{Free: 9 << 30}, nil }
	h.opt.Timeout = 300 * time.Millisecond
	_, got := h.run(t)
	if !slices.Equal(got, []string{advice, "warn disk.timeout"}) {
		t.Errorf("not ok: %v", got)
	}
}

func TestInterrupted(t *testing.T) {
	h := newHealthy(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Run(ctx, h.opt); !fault.Is(err, fault.Stopped) {
		t.Errorf("got %v", err)
	}
}

func TestParseListener(t *testing.T) {
	for text, want := range map[string]string{
		"0: 0100007F:1F98 00000000:0000 0A 0":                                                 "127.0.0.1:8088",
		"0: 00000000:13AE 00000000:0000 0A 0":                                                 "0.0.0.0:5038",
		"0: 00000000000000000000000000000000:1F98 00000000000000000000000000000000:0000 0A 0": "[::]:8088",
		"0: 0000000000000000FFFF00000100007F:1F98 00000000000000000000000000000000:0000 0A 0": "[::ffff:127.0.0.1]:8088",
		"0: B80D0120000000000000000001000000:0050 00000000000000000000000000000000:0000 0A 0": "[2001:db8::1]:80",
	} {
		a, ok := parseListener(text)
		if !ok || a.String() != want {
			t.Errorf("%q: %v %v, want %s", text, a, ok, want)
		}
	}
	if at := outside(parsed("0: 0000000000000000FFFF00000100007F:1F98 0:0 0A"), 8088); at != "" {
		t.Errorf("a mapped loopback is outside: %s", at)
	}
}

func FuzzParseListener(f *testing.F) {
	f.Add("0: 0100007F:1F98 00000000:0000 0A 0")
	f.Add("0: 0100007:1F98 00000000:0000 0A")
	f.Add("0: zz:1 x 0A")
	f.Fuzz(func(t *testing.T, text string) {
		if a, ok := parseListener(text); ok && !a.IsValid() {
			t.Errorf("%q gave %v", text, a)
		}
	})
}

func TestPrinted(t *testing.T) {
	r := Report{Counts: map[Severity]int{OK: 1, Skip: 2, Fail: 1, Note: 1}, Findings: []Finding{
		ok("clock", "fine"), skip("a", "no\x1b[2J reason")[0], note("n", "known", "", "look"),
		fail("x.with-a-very-long-name", strings.Repeat("word ", 30), "because", "type this "+strings.Repeat("long ", 30)), skip("b", "no\x1b[2J reason")[0],
	}}
	var b strings.Builder
	if err := r.Write(&b); err != nil {
		t.Fatal(err)
	}
	want := "ok    clock              fine\n" +
		"note  n                  known\n                         tip: look\n" +
		"FAIL  x.with-a-very-long-name\n" +
		"                         " + strings.TrimSpace(strings.Repeat("word ", 15)) + "\n                         " + strings.TrimSpace(strings.Repeat("word ", 15)) + "\n" +
		"                         why: because\n                         fix: type this " + strings.Repeat("long ", 30) + "\n" +
		"skip  a, b - not checked: no·[2J reason\n\n" +
		"Correct what is marked FAIL first, then warn; then run this again. 1 failure, 1 note, 1 ok, 2 not checked.\n"
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}
