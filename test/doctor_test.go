package test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"strowger/ari/sandbox"
	"strowger/sip/siptest"
)

// doctorFinding is a line of `strowger doctor --output json`.
type doctorFinding struct{ ID, Severity, What, Why, Fix string }

// doctor runs the program as a person would, in the site's folder; env
// overrides keys of the configuration.
func (s *site) doctor(env ...string) (code int, found map[string]doctorFinding) {
	s.t.Helper()
	path, err := binary()
	if err != nil {
		s.t.Fatal(err)
	}
	cmd := exec.CommandContext(s.t.Context(), path, "doctor", "--output", "json")
	var stdout, stderr bytes.Buffer
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = s.dir, env, &stdout, &stderr
	if err := cmd.Run(); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			s.t.Fatal(err)
		}
		code = exit.ExitCode()
	}
	var report struct{ Findings []doctorFinding }
	if err := json.Unmarshal(stdout.Bytes(), &report); err != nil {
		s.t.Fatalf("exit code %d, %v\n%s%s", code, err, &stdout, &stderr)
	}
	found = map[string]doctorFinding{}
	for _, f := range report.Findings {
		found[f.ID] = f
	}
	for _, f := range report.Findings {
		if f.Severity != "ok" {
			s.t.Logf("%s %s: %s", f.Severity, f.ID, f.What)
		}
	}
	return code, found
}

// only checks that exactly these findings are not ok.
func only(t *testing.T, found map[string]doctorFinding, want ...string) {
	t.Helper()
	var got []string
	for id, f := range found {
		if f.Severity != "ok" {
			got = append(got, f.Severity+" "+id)
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("not ok are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// doctorAsterisk has, beside the usual, an ARI user who may only read, and AMI
// users with too few and too many rights.
func doctorAsterisk(t *testing.T) *sandbox.Instance {
	return ownAsterisk(t, func(o *sandbox.Options) {
		o.Name = "doctor"
		o.Extra = map[string]string{
			"ari_local.conf":     "[reader]\ntype = user\nread_only = yes\npassword = reading-is-all-it-may\n",
			"manager_local.conf": "[weak]\nsecret = calling-is-all-it-may\nread = call\nwrite = call\n[strong]\nsecret = everything-is-what-it-may\nread = all\nwrite = all\n",
			"extensions_local.conf": "[bare]\nexten => _X.,1,Stasis(strowger,in,${EXTEN})\n" +
				"[elsewhere]\nexten => _X.,1,Stasis(other,in,${EXTEN})\n",
		}
	})
}

// TestDoctorOnAsterisk: each finding that depends on how a real Asterisk
// answers, and nothing else beside it.
func TestDoctorOnAsterisk(t *testing.T) {
	in := doctorAsterisk(t)
	siptest.CheckGoroutines(t)
	s := newSite(t, in, "strowger", handsetSite)
	s.caller("4917055501").Dial("699").MustHangup() // for the file of channel events
	eventually(t, "Asterisk writes channel events", func() bool { _, err := os.Stat(in.CELPath()); return err == nil })
	v := in.Values()
	ami := []string{"STROWGER_ASTERISK__AMI_ADDR=" + in.AMIAddr(), "STROWGER_ASTERISK__AMI_USER=" + v.AMIUser, "STROWGER_ASTERISK__AMI_PASSWORD=" + v.AMIPassword}
	with := func(more ...string) []string { return append(slices.Clone(ami), more...) }
	noARI := []string{
		"skip asterisk.version", "skip ari.rights", "skip ari.websocket", "skip ari.sessions", "skip application", "skip readiness",
		"skip clock", "skip phones", "skip sounds", "skip trunks", "note controller.none",
	}
	usual := []string{"note ari.sessions.unknown", "note controller.none", "note readiness.none", "note phones.unregistered"}
	wrong := func(more ...string) []string { return append(slices.Clone(noARI), more...) }
	plus := func(more ...string) []string { return append(slices.Clone(usual), more...) }
	for name, c := range map[string]struct {
		env  []string
		code int
		want []string
	}{
		"healthy":        {ami, 0, usual},
		"without AMI":    {nil, 0, plus("skip ami", "skip ami.rights", "note dialplan.unknown", "skip phones-context")},
		"wrong password": {with("STROWGER_ASTERISK__ARI_PASSWORD=not-the-right-password"), 3, wrong("fail ari.login")},
		"nobody there":   {with(fmt.Sprintf("STROWGER_ASTERISK__ARI_URL=http://127.0.0.1:%d", freePort(t))), 3, wrong("fail ari.refused")},
		"AMI's port":     {with("STROWGER_ASTERISK__ARI_URL=http://" + in.AMIAddr()), 3, wrong("fail ari.not-ari")},
		"ARI read only":  {with("STROWGER_ASTERISK__ARI_USER=reader", "STROWGER_ASTERISK__ARI_PASSWORD=reading-is-all-it-may"), 3, plus("fail ari.rights.read-only")},
		"AMI password":   {with("STROWGER_ASTERISK__AMI_PASSWORD=not-the-right-password"), 3, plus("fail ami.login", "skip ami.rights", "note dialplan.unknown", "skip phones-context")},
		"AMI too weak":   {with("STROWGER_ASTERISK__AMI_USER=weak", "STROWGER_ASTERISK__AMI_PASSWORD=calling-is-all-it-may"), 3, plus("fail ami.rights.missing", "note dialplan.unknown", "note phones-context.unknown")},
		"AMI too strong": {with("STROWGER_ASTERISK__AMI_USER=strong", "STROWGER_ASTERISK__AMI_PASSWORD=everything-is-what-it-may"), 3, plus("warn ami.rights.too-much")},
		"no context":     {with("STROWGER_ASTERISK__CONTEXT=nowhere"), 3, plus("fail dialplan.no-context")},
		"no gate":        {with("STROWGER_ASTERISK__CONTEXT=bare"), 3, plus("warn dialplan.no-gate")},
		"no hand-over":   {with("STROWGER_ASTERISK__CONTEXT=elsewhere"), 3, plus("fail dialplan.no-stasis")},
	} {
		t.Run(name, func(t *testing.T) {
			run := *s
			run.t = t
			code, found := run.doctor(c.env...)
			if code != c.code {
				t.Errorf("exit code %d, want %d", code, c.code)
			}
			only(t, found, c.want...)
		})
	}
	t.Run("missing endpoint", func(t *testing.T) {
		other := newSite(t, in, "strowger", strings.ReplaceAll(handsetSite, `endpoint: "102"`, `endpoint: "nobody"`))
		code, found := other.doctor(ami...)
		if f := found["phones.missing"]; code != 3 || f.Severity != "fail" || !strings.Contains(f.What, "1 of 2 stations") || !strings.Contains(f.Fix, "[nobody]") {
			t.Errorf("exit code %d, %+v of %v", code, f, slices.Sorted(maps.Keys(found)))
		}
	})
	t.Run("detector of a campaign", func(t *testing.T) {
		const things = "queues: [{id: spring, number: 600, dial_rule: all}]\nnumbering: {region: DE}\ndial_rules: [{id: all, allow: [\"\"]}]\n" +
			"campaigns: [{id: spring, queue: spring, mode: progressive, rules: uk, lists: [{list: spring}], screen: {detector: DETECTOR}}]\n"
		for _, detector := range []string{"audio", "asterisk"} {
			other := newSite(t, in, "strowger", strings.ReplaceAll(things, "DETECTOR", detector))
			if code, found := other.doctor(ami...); code != 0 || found["screening"].Severity != "ok" || !strings.Contains(found["screening"].What, detector) {
				t.Errorf("%s: exit code %d, %+v of %v", detector, code, found["screening"], slices.Sorted(maps.Keys(found)))
			}
			code, found := other.doctor(with("STROWGER_ASTERISK__CONTEXT=bare")...)
			if f := found["screening.no-context"]; code != 3 || f.Severity != "fail" || !strings.Contains(f.What, "bare-screen") {
				t.Errorf("%s: exit code %d, %+v of %v", detector, code, f, slices.Sorted(maps.Keys(found)))
			}
		}
	})
	// Beside a running controller: nothing is taken from it.
	s.start()
	registered := phone(t, in, "101", nil)
	_ = registered // it stays registered until the test ends
	code, found := s.doctor(ami...)
	if code != 0 {
		t.Errorf("beside a controller: exit code %d", code)
	}
	only(t, found, "note ari.sessions.unknown", "note phones.unregistered")
	if f := found["phones.unregistered"]; !strings.Contains(f.What, "1 of 2 phones are not registered now: 102") {
		t.Errorf("%+v", f)
	}
	var ready struct{ Ready bool }
	s.must("GET", "/readyz", nil, &ready)
	if !ready.Ready || strings.Contains(s.logText(), "another program") {
		t.Errorf("the controller suffered:\n%s", s.logTail())
	}
	// A controller elsewhere, with a socket that we do not know.
	code, found = s.doctor(with("STROWGER_HTTP__SOCKET=" + s.dir + "/none.sock")...)
	if code != 3 || found["application.taken"].Severity != "fail" || found["readiness.foreign"].Severity != "warn" {
		t.Errorf("a second controller: exit code %d, %v", code, slices.Sorted(maps.Keys(found)))
	}
	s.stop()
	eventually(t, "the heartbeat is old", func() bool {
		_, found = s.doctor(ami...)
		return found["readiness.none"].ID != ""
	})
	only(t, found, usual...)
	if value, err := in.CLI(t.Context(), "dialplan show globals"); err != nil || strings.Contains(value, "SW_DOCTOR") || !strings.Contains(value, "SW_HB") {
		t.Errorf("globals: %v\n%s", err, value)
	}
}
