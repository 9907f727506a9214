package doctor

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"strowger/ari/ami"
	"strowger/ari/arispec"
	"strowger/ari/aritest"
	"strowger/ari/cel"
	"strowger/cmd/strowger/internal/config"
	"strowger/cti/rest"
	"strowger/switch/objects"
)

// healthy is a site where everything is in order: fake Asterisk, fake AMI, a
// fake controller on the socket, and a machine with room.
type healthy struct {
	ari     *aritest.Server
	ami     *aritest.AMI
	cfg     *config.Config
	objects *objects.Set
	opt     Options
	dir     string
	status  rest.Status
	refuse  int // status of the controller's answers; 0: a good one
	phones  []arispec.Endpoint
	sounds  []string
	context string // of all phones
	actions ami.Message
	plan    []ami.Message
	screen  []ami.Message // the context of campaigns; none: it is not there
}

// heartbeat is what SW_HB holds; nil: it is not set.
func (h *healthy) heartbeat(age *time.Duration) {
	h.ari.On(arispec.OpAsteriskGetGlobalVar, func(aritest.Request) aritest.Reply {
		v := arispec.Variable{}
		if age != nil {
			v.Value = strconv.FormatInt(time.Now().Add(-*age).Unix(), 10)
		}
		return aritest.Reply{Body: v}
	})
}

// setObjects has the controller know these configuration objects.
func (h *healthy) setObjects(t *testing.T, text string) {
	t.Helper()
	set, err := objects.Check("objects.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	h.objects, h.opt.Objects = set, set
}

// events is what stands in the file of channel events.
func (h *healthy) events(t *testing.T, text []byte) {
	t.Helper()
	if err := os.WriteFile(h.cfg.Asterisk.CELFile, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

func newHealthy(t *testing.T) *healthy {
	t.Helper()
	h := &healthy{ari: aritest.Start(t), ami: aritest.StartAMI(t), cfg: config.Default()}
	var err error
	if h.dir, err = os.MkdirTemp("", "doctor"); err != nil { // a socket's path must be short
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(h.dir) })
	a := &h.cfg.Asterisk
	a.ARIURL, a.ARIUser, a.ARIPassword = strings.TrimSuffix(h.ari.URL(), "/ari"), aritest.User, config.NewSecret(aritest.Password)
	a.AMIAddr, a.AMIUser, a.AMIPassword = h.ami.Addr(), aritest.User, config.NewSecret(aritest.Password)
	h.cfg.Store.URL, h.cfg.Store.JournalDir = "sqlite:"+h.dir+"/strowger.db", filepath.Join(h.dir, "journal")
	h.cfg.HTTP.Socket = filepath.Join(h.dir, "s.sock")
	a.CELFile = filepath.Join(h.dir, "cel.csv")
	h.events(t, cel.Format(cel.Event{Kind: cel.ChanEnd, At: time.Now(), Channel: "c"}))
	h.setObjects(t, "queues: [{id: support, number: 600}]\nstations: [{id: a, endpoint: 101}, {id: b, endpoint: 102}]\n")
	h.phones = []arispec.Endpoint{{Technology: "PJSIP", Resource: "101", State: "online"}, {Technology: "PJSIP", Resource: "102", State: "online"}}
	h.ari.On(arispec.OpEndpointsListByTech, func(aritest.Request) aritest.Reply { return aritest.Reply{Body: h.phones} })
	now := time.Duration(0)
	h.heartbeat(&now)
	h.status = rest.Status{Version: "1.0", Mode: rest.ModeReal, Ready: true}
	h.serveStatus(t)
	h.actions = ami.Message{
		{Name: "Response", Value: "Success"},
		{Name: "Ping", Value: "Keepalive command.  (Priv: <none>)"},
		{Name: "CoreShowChannels", Value: "List channels.  (Priv: system,reporting,all)"},
		{Name: "Atxfer", Value: "Transfer.  (Priv: call,all)"},
		{Name: "ShowDialPlan", Value: "Show.  (Priv: config,reporting,all)"},
	}
	h.ami.On("ListCommands", func(ami.Message) []ami.Message { return []ami.Message{h.actions} })
	h.plan = []ami.Message{line("GotoIf", "$[${EPOCH}-0${GLOBAL(SW_HB)}>3]?fallback"), line("Stasis", "strowger,in,${EXTEN},pres=${CALLERID(num-pres)},xfer=${URIENCODE(${BLINDTRANSFER})}${SW_SIP}"), line("GotoIf", `$["${STASISSTATUS}"="FAILED"]?fallback`)}
	h.ami.On("ShowDialPlan", func(m ami.Message) []ami.Message {
		plan, known := map[string][]ami.Message{
			"strowger-in": h.plan, "strowger-in-phones": {line("Stasis", "strowger,in,${EXTEN}")},
			"house": {includes("house"), includes("none"), includes("strowger-in-phones")}, "island": {includes("island"), line("Dial", "PJSIP/1")},
		}[m.Get("Context")]
		if screen := "strowger-in-screen"; m.Get("Context") == screen && h.screen != nil {
			plan, known = h.screen, true
		}
		if !known {
			return []ami.Message{aritest.Refusal("Did not find context " + m.Get("Context"))}
		}
		out := append([]ami.Message{{{Name: "Response", Value: "Success"}, {Name: "EventList", Value: "start"}}}, plan...)
		return append(out, ami.Message{{Name: "Event", Value: "ShowDialPlanComplete"}, {Name: "EventList", Value: "Complete"}})
	})
	h.context = "strowger-in-phones"
	h.ami.On("Getvar", func(m ami.Message) []ami.Message {
		return []ami.Message{{{Name: "Response", Value: "Success"}, {Name: "Variable", Value: m.Get("Variable")}, {Name: "Value", Value: h.context}}}
	})
	h.sounds = []string{"beep", "queue-thankyou"}
	h.ari.On(arispec.OpSoundsList, func(aritest.Request) aritest.Reply {
		list := []arispec.Sound{}
		for _, s := range h.sounds {
			list = append(list, arispec.Sound{ID: s, Formats: []arispec.FormatLangPair{}})
		}
		return aritest.Reply{Body: list}
	})
	h.opt = Options{Config: h.cfg, Objects: h.objects, Version: "1.0", Timeout: 2 * time.Second, Host: Host{
		ProcNet:   h.dir,
		Disk:      func(string) (Space, error) { return Space{Free: 50 << 30, Inodes: 1e6}, nil },
		OpenFiles: func() (uint64, error) { return 65536, nil },
		Resolve:   func(context.Context, string) []netip.Addr { return nil },
		Own:       func() ([]net.Addr, error) { return nil, nil },
	}}
	h.listening(t)
	return h
}

func line(application, data string) ami.Message {
	return ami.Message{{Name: "Event", Value: "ListDialplan"}, {Name: "Application", Value: application}, {Name: "AppData", Value: data}}
}

func includes(name string) ami.Message {
	return ami.Message{{Name: "Event", Value: "ListDialplan"}, {Name: "IncludeContext", Value: name}}
}

// listening writes the kernel's table of sockets.
func (h *healthy) listening(t *testing.T, lines ...string) {
	t.Helper()
	text := "  sl  local_address rem_address   st\n" + strings.Join(lines, "\n") + "\n"
	if err := os.WriteFile(filepath.Join(h.dir, "tcp"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (h *healthy) serveStatus(t *testing.T) {
	t.Helper()
	l, err := net.Listen("unix", h.cfg.HTTP.Socket)
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if h.refuse == http.StatusRequestTimeout { // a controller that hangs
			<-r.Context().Done()
			return
		}
		if h.refuse != 0 {
			w.WriteHeader(h.refuse)
			return
		}
		if err := json.NewEncoder(w).Encode(h.status); err != nil {
			t.Error(err)
		}
	})}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.Serve(l) // ends with ErrServerClosed
	}()
	t.Cleanup(func() {
		_ = s.Close()
		<-done
	})
}

// noController leaves the socket's path empty.
func (h *healthy) noController() { h.cfg.HTTP.Socket = filepath.Join(h.dir, "none.sock") }

// run returns the report and what is not ok: "severity id". The fakes' own
// password has 11 characters, which is left out of both.
func (h *healthy) run(t *testing.T) (Report, []string) {
	t.Helper()
	r, err := Run(t.Context(), h.opt)
	if err != nil {
		t.Fatal(err)
	}
	r.Findings = slices.DeleteFunc(r.Findings, func(f Finding) bool {
		ours := f.ID == "passwords.weak" && strings.HasPrefix(f.What, "asterisk.") && strings.Contains(f.What, "has 11 characters")
		if ours {
			r.Counts[Warn]--
		}
		return ours
	})
	var out []string
	for _, f := range r.Findings {
		if f.Severity != OK {
			out = append(out, string(f.Severity)+" "+f.ID)
		}
	}
	slices.Sort(out)
	return r, out
}

func parsed(line string) []netip.AddrPort {
	a, ok := parseListener(line)
	if !ok {
		return nil
	}
	return []netip.AddrPort{a}
}
