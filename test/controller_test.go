package test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"strowger/ari/sandbox"
	"strowger/cti/rest"
	"strowger/media/rtpio"
	"strowger/sip/siptest"
	"strowger/sip/ua"
	"strowger/switch/callmodel"
	"strowger/test/mutants"
)

// binary builds the program once per test process, with the race detector when
// the tests run with it.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "strowger-test-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "strowger")
	args := []string{"build", "-o", path}
	args = append(args, raceFlags...)
	if overlay := os.Getenv(mutants.OverlayEnv); overlay != "" {
		args = append(args, "-overlay", overlay)
	}
	cmd := exec.Command("go", append(args, "./cmd/strowger")...)
	cmd.Dir = projectRoot()
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, out)
	}
	return path, nil
})

// site is a folder with a configuration, and a controller that runs on it as
// its own process, as at a real site.
type site struct {
	t        *testing.T
	dir      string
	asterisk *sandbox.Instance
	http     *http.Client
	cmd      *exec.Cmd
	done     chan error
	log      *os.File

	pacer      *rtpio.Pacer                     // of all phones of the test
	goroutines float64                          // right after the start
	seen       func(phone string, in ua.Invite) // told of every call at a desk phone; nil: nobody is
	disturbed  bool                             // the test makes faults: incidents are expected
	unreadable float64                          // so many events that cannot be read are the test's
}

// newSite writes a configuration for an Asterisk: strowger.yaml, and beside it
// objects.yaml with what stands in config from the first section of objects
// on, see splitConfig. Nothing runs yet.
func newSite(t *testing.T, in *sandbox.Instance, app, config string) *site {
	t.Helper()
	return newSiteAt(t, in, in.ARIURL(), app, config)
}

// newSiteAt is newSite with another way to ARI, such as a proxy.
func newSiteAt(t *testing.T, in *sandbox.Instance, ari, app, config string) *site {
	t.Helper()
	s := &site{t: t, dir: t.TempDir(), asterisk: in, pacer: siptest.NewPacer(t)}
	v := in.Values()
	settings, things := splitConfig(config)
	text := fmt.Sprintf(`objects: objects.yaml
asterisk:
  ari_url: %s
  ari_user: %s
  ari_password: %s
  app: %s
  ami_addr: %s
  cel_file: %s
%shttp:
  listen: 127.0.0.1:%d
%s`, strings.TrimSuffix(ari, "/ari"), v.ARIUser, v.ARIPassword, app, in.AMIAddr(), in.CELPath(), notifyAccount(things), freePort(t), settings)
	for name, text := range map[string]string{"strowger.yaml": text, "objects.yaml": things} {
		if err := os.WriteFile(filepath.Join(s.dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	socket := filepath.Join(s.dir, "var", "strowger.sock")
	s.http = &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", socket)
		},
	}}
	t.Cleanup(func() { s.http.CloseIdleConnections(); http.DefaultClient.CloseIdleConnections() })
	return s
}

// notifyAccount is the AMI account by which phones are answered, where objects
// have a station that needs it.
func notifyAccount(things string) string {
	if !strings.Contains(things, "talk-notify") {
		return ""
	}
	return "  talk_notify: {user: " + notifyUser + ", secret: " + notifySecret + "}\n"
}

// givenPorts are those that freePort has returned: a test asks for several
// before it uses the first.
var givenPorts sync.Map

// Ports of controllers lie below those that the system hands out by itself:
// while a controller is dead nobody else gets its port by chance.
const firstPort, portCount = 24_000, 8_000

func freePort(t *testing.T) int {
	t.Helper()
	for {
		port := firstPort + rand.IntN(portCount)
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			continue // it is taken
		}
		_ = l.Close() // its port is all that was wanted
		if _, given := givenPorts.LoadOrStore(port, true); !given {
			return port
		}
	}
}

// start runs the controller and waits until it serves callers.
func (s *site) start() {
	s.t.Helper()
	s.launch()
	eventually(s.t, "the controller is ready", func() bool {
		var ready rest.ReadyAnswer
		return s.try(http.MethodGet, "/readyz", nil, &ready) == nil && ready.Ready
	})
	s.goroutines = s.metric("go_goroutines")
}

// launch runs the controller.
func (s *site) launch() {
	s.t.Helper()
	path, err := binary()
	if err != nil {
		s.t.Fatal(err)
	}
	if s.log, err = os.OpenFile(filepath.Join(s.dir, "controller.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600); err != nil {
		s.t.Fatal(err)
	}
	s.cmd = exec.Command(path, "serve")
	s.cmd.Dir, s.cmd.Stdout, s.cmd.Stderr = s.dir, s.log, s.log
	s.cmd.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=20") // not the usual second
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	cmd, done := s.cmd, make(chan error, 1)
	s.done = done
	go func() { done <- cmd.Wait() }()
	s.t.Cleanup(s.stop)
}

// stop ends the controller the polite way.
func (s *site) stop() {
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Signal(syscall.SIGTERM) // it may have ended by itself
	select {
	case err := <-s.done:
		if err != nil {
			s.t.Errorf("the controller ended with %v", err)
		}
		s.ended()
	case <-time.After(20 * time.Second):
		s.t.Error("the controller does not stop")
		s.kill()
	}
	if s.t.Failed() {
		s.t.Logf("log of the controller:\n%s", s.logTail())
	}
}

// kill is kill -9.
func (s *site) kill() {
	_ = s.cmd.Process.Kill() // it may have ended by itself
	if err := <-s.done; err == nil {
		s.t.Error("the controller had ended by itself")
	}
	s.ended()
}

// ended looks for what a controller must never log.
func (s *site) ended() {
	s.t.Helper()
	s.cmd = nil
	_ = s.log.Close() // it is the controller's, which has gone
	b, err := os.ReadFile(s.log.Name())
	if err != nil {
		s.t.Fatal(err)
	}
	if found := neverLogged.Find(b); found != nil {
		s.t.Errorf("the controller's log has %q:\n%s", found, b)
	}
	if leak := findSecret(s.t, s.dir, s.asterisk.Values().ARIPassword); leak != "" {
		s.t.Errorf("the ARI password stands in %s", leak)
	}
}

// findSecret returns the first file below a folder, the configuration apart,
// that holds a secret: log, journal, snapshot, database.
func findSecret(t *testing.T, dir, secret string) (leak string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || d.Name() == "strowger.yaml" || leak != "" {
			return err
		}
		b, err := os.ReadFile(path)
		if err == nil && bytes.Contains(b, []byte(secret)) {
			leak = path
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return leak
}

func TestFindSecretIsNotBlind(t *testing.T) {
	dir := t.TempDir()
	if leak := findSecret(t, dir, "canary"); leak != "" {
		t.Errorf("found in an empty folder: %s", leak)
	}
	if err := os.WriteFile(filepath.Join(dir, "x.seg"), []byte("..canary.."), 0o600); err != nil {
		t.Fatal(err)
	}
	if findSecret(t, dir, "canary") == "" {
		t.Error("a planted secret was not found")
	}
}

// neverLogged is a race, a crash, an input that broke the model, or a replay
// that does not give the outputs of its first time.
var neverLogged = regexp.MustCompile(`DATA RACE|panic:|goroutine \d+ \[|mismatches=[1-9]`)

// logTail is for people; what a test looks for may stand before it.
func (s *site) logTail() string {
	text := s.logText()
	return text[max(0, len(text)-12000):]
}

// logText is all that the controller has logged.
func (s *site) logText() string {
	s.t.Helper()
	b, err := os.ReadFile(filepath.Join(s.dir, "controller.log"))
	if err != nil {
		s.t.Fatal(err)
	}
	return string(b)
}

// logged returns the value that the controller's log gives after a key.
func (s *site) logged(key string) string {
	s.t.Helper()
	text := s.logText()
	_, value, found := strings.Cut(text, " "+key)
	if !found {
		s.t.Fatalf("no %s in the log:\n%s", key, text)
	}
	return strings.Fields(value)[0]
}

// iciURL is the base URL that a CRM is given.
func (s *site) iciURL() string { s.t.Helper(); return s.logged("ici=") }

// try sends a request over the admin socket and decodes the answer into out.
func (s *site) try(method, path string, body, out any) error {
	if body == nil {
		return s.send(method, path, "", nil, out)
	}
	b, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return s.send(method, path, "application/json", bytes.NewReader(b), out)
}

// send is try with a body as it is.
func (s *site) send(method, path, contentType string, body io.Reader, out any) error {
	req, err := http.NewRequestWithContext(s.t.Context(), method, "http://strowger"+path, body)
	if err != nil {
		return err
	}
	if body != nil {
		req.Header.Set("Content-Type", contentType)
	}
	resp, err := s.http.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }() // it has been read
	b, err := io.ReadAll(io.LimitReader(resp.Body, 16<<20))
	if err != nil {
		return err
	}
	if resp.StatusCode >= 300 {
		return fmt.Errorf("%s %s: %s: %s", method, path, resp.Status, b)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(b, out)
}

func (s *site) must(method, path string, body, out any) {
	s.t.Helper()
	if err := s.try(method, path, body, out); err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) agentState(id, state string) {
	s.t.Helper()
	s.must(http.MethodPost, "/api/v1/agents/"+id+"/state", rest.AgentStateRequest{State: state}, nil)
}

func (s *site) agent(id string) rest.Agent {
	s.t.Helper()
	var a rest.Agent
	s.must(http.MethodGet, "/api/v1/agents/"+id, nil, &a)
	return a
}

func (s *site) calls() []rest.Call {
	s.t.Helper()
	var l rest.CallList
	s.must(http.MethodGet, "/api/v1/calls", nil, &l)
	return l.Calls
}

// waitAgent waits until an agent is in a state.
func (s *site) waitAgent(id, state string) {
	s.t.Helper()
	eventually(s.t, "agent "+id+" is "+state, func() bool { return s.agent(id).State == state })
}

// waitPhase waits until the only call is in a phase.
func (s *site) waitPhase(phase string) rest.Call {
	s.t.Helper()
	var c rest.Call
	eventually(s.t, "the call is "+phase, func() bool {
		l := s.calls()
		if len(l) != 1 {
			return false
		}
		c = l[0]
		return c.Phase == phase
	})
	return c
}

// noLeftovers checks that nothing of a finished test lives on in Asterisk or
// in the controller: no channel, no bridge of ours, no call, no order, no
// goroutine; and that nothing happened that should not.
func (s *site) noLeftovers() {
	s.t.Helper()
	eventually(s.t, "no call is left in the controller", func() bool { return len(s.calls()) == 0 })
	var left string
	eventually(s.t, "no channel and no bridge is left in Asterisk", func() bool {
		left = leftovers(s.t, s.asterisk)
		return left == ""
	}, &left)
	eventually(s.t, "no order is left in the controller", func() bool { return s.metric("strowger_orders_waiting") == 0 })
	for name, want := range map[string]float64{"strowger_poisonous_inputs_total": 0, "strowger_ari_events_bad_total": s.unreadable} {
		if n := s.metric(name); n != want {
			s.t.Errorf("%s is %g, want %g", name, n, want)
		}
	}
	var status rest.Status
	s.must(http.MethodGet, "/api/v1/status", nil, &status)
	status.Incidents = slices.DeleteFunc(status.Incidents, func(i rest.Incident) bool { return strings.HasPrefix(i.Reason, callmodel.ContactBack) })
	if !s.disturbed && len(status.Incidents) > 0 {
		s.t.Errorf("incidents: %+v", status.Incidents)
	}
	// What comes and goes are HTTP connections, to Asterisk and from this test.
	var now float64
	eventually(s.t, "no goroutine is left in the controller", func() bool {
		now = s.metric("go_goroutines")
		return now <= s.goroutines+goroutinesOfConnections
	}, &now)
}

// goroutinesOfConnections is how many more goroutines a controller may have
// than right after its start: idle connections have two each, and are closed
// after 10 s.
const goroutinesOfConnections = 40

// leftovers lists channels, and bridges of ours, in an Asterisk.
func leftovers(t *testing.T, in *sandbox.Instance) string {
	t.Helper()
	var out []string
	var channels []struct{ ID, Name, State string }
	var bridges []struct{ ID string }
	for path, v := range map[string]any{"/channels": &channels, "/bridges": &bridges} {
		status, body := ariDo(t, in, http.MethodGet, path)
		if status != http.StatusOK {
			t.Fatalf("GET %s: %d", path, status)
		}
		if err := json.Unmarshal([]byte(body), v); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range channels {
		out = append(out, "channel "+c.Name+" "+c.State)
	}
	for _, b := range bridges {
		if strings.HasPrefix(b.ID, "sw-") {
			out = append(out, "bridge "+b.ID)
		}
	}
	return strings.Join(out, "\n")
}

// desk registers an agent's phone of the sandbox.
func (s *site) desk(number string) *siptest.Phone {
	s.t.Helper()
	return s.deskWith(number, nil)
}

func (s *site) deskWith(number string, policy ua.Policy) *siptest.Phone {
	s.t.Helper()
	if s.seen != nil {
		decide := policy
		if decide == nil {
			decide = ua.AutoAnswer
		}
		policy = func(in ua.Invite) ua.Decision { s.seen(number, in); return decide(in) }
	}
	return phone(s.t, s.asterisk, number, func(c *ua.Config) {
		c.Pacer, c.Policy, c.RingLimit = s.pacer, policy, patientPhone
	})
}

// patientPhone is how long a desk phone rings: tests end it before.
const patientPhone = 30 * time.Minute

// phone is a registered phone of the sandbox; change may set more of it.
func phone(t *testing.T, in *sandbox.Instance, number string, change func(*ua.Config)) *siptest.Phone {
	t.Helper()
	cfg := ua.Config{User: number, Server: in.SIPAddr()}
	for _, p := range in.Values().Phones {
		if p.Number == number {
			cfg.Password = p.Password
		}
	}
	if change != nil {
		change(&cfg)
	}
	if cfg.Pacer == nil {
		cfg.Pacer = siptest.NewPacer(t)
	}
	return siptest.NewPhone(t, cfg)
}

// caller is a trunk that shows one caller's number.
func (s *site) caller(number string) *siptest.Phone {
	s.t.Helper()
	return siptest.NewCaller(s.t, ua.Config{User: number, Server: s.asterisk.SIPAddr(), Pacer: s.pacer})
}

func contextFor(t *testing.T, d time.Duration) (context.Context, context.CancelFunc) {
	t.Helper()
	return context.WithTimeout(t.Context(), d)
}
