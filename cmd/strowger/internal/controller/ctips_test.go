package controller

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"strowger/cmd/strowger/internal/config"
	"strowger/cmd/strowger/internal/ctipscheck"
	"strowger/cmd/strowger/internal/peercheck"
	"strowger/cti/ctips"
	"strowger/cti/ctitest"
	"strowger/switch/fault"
)

// TestCTIPS plays a client application against both listeners of a controller as
// it is put together, with an agent who is logged in and out, and looks at what
// operators are shown of it.
func TestCTIPS(t *testing.T) {
	hash := ctitest.StoredPassword("long-and-random")
	l := startLiveWith(t, liveObjects, func(c *config.Config) {
		c.CTIPS.Enabled, c.CTIPS.Listen, c.CTIPS.MemberOrder = true, "127.0.0.1:0", "any"
		c.CTIPS.Listeners = []config.CTIPSListener{{Listen: "127.0.0.1:0"}}
		c.CTIPS.Users = []config.CTIPSUser{{Name: "desktop", PasswordHash: config.NewSecret(hash), Rights: []string{"monitor", "agent"}, Tenants: []string{"1"}}}
	})
	addrs := l.CTIPSAddrs()
	if len(addrs) != 2 {
		t.Fatalf("served at %q", addrs)
	}
	for _, addr := range addrs {
		report, err := ctipscheck.Run(l.ctx, ctipscheck.Options{URL: "http://" + addr + ctips.DefaultPath, User: "desktop", Password: "long-and-random", Agent: "anna", Act: true})
		if err != nil || !report.OK {
			t.Errorf("%+v, %v", report, err)
		}
		for _, s := range report.Steps {
			if s.Result != peercheck.OK {
				t.Errorf("%s: %s %s", s.Name, s.Result, s.Detail)
			}
		}
	}
	o := l.ctipsOperator()
	if st := o.Status(); st.Opened != 2 || st.Sessions != 0 || st.Refused["login"] != 2 || st.Ended["closed"] != 2 || len(st.Listeners) != 2 || st.Sent == 0 || st.Heartbeats != 2 {
		t.Errorf("%+v", st)
	}
	for _, id := range []string{"1-1", "3-1", "0-1", "x", "1-x"} {
		if o.Close(id) {
			t.Errorf("session %s was closed", id)
		}
	}
	out := httptest.NewRecorder()
	l.metrics.handler().ServeHTTP(out, httptest.NewRequestWithContext(l.ctx, http.MethodGet, "/metrics", nil))
	for _, want := range []string{
		"strowger_ctips_sessions_opened_total 2", `strowger_ctips_requests_total{operation="OpenConnection"} 4`, `strowger_ctips_sessions_refused_total{reason="login"} 2`,
		`strowger_ctips_sessions_ended_total{reason="closed"} 2`, "strowger_ctips_event_seconds", "strowger_ctips_heartbeats_total 2", "strowger_ctips_panics_total 0", "strowger_ctips_pending 0",
	} {
		if !strings.Contains(out.Body.String(), want) {
			t.Errorf("no %s in the metrics", want)
		}
	}
}

// TestCTIPSReload: users and limits change with a reload, listeners with the
// next start, which is said.
func TestCTIPSReload(t *testing.T) {
	hash := func(password string) config.Secret { return config.NewSecret(ctitest.StoredPassword(password)) }
	rights := []string{"monitor"}
	l := startLiveWith(t, liveObjects, func(c *config.Config) {
		c.CTIPS.Enabled, c.CTIPS.Listen = true, "127.0.0.1:0"
		c.CTIPS.Users = []config.CTIPSUser{{Name: "desktop", PasswordHash: hash("old"), Rights: rights}}
	})
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute) // passwords take their time
	defer cancel()
	works := func(password string) bool {
		report, err := ctipscheck.Run(ctx, ctipscheck.Options{URL: "http://" + l.CTIPSAddrs()[0] + ctips.DefaultPath, User: "desktop", Password: password, Wait: time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		if !report.OK {
			t.Logf("with %q: %+v", password, report.Steps)
		}
		return report.OK
	}
	if !works("old") {
		t.Fatal("the first password does not hold")
	}
	cfg := *l.opt.Config
	cfg.CTIPS.MaxConnections = 77
	cfg.CTIPS.Users = []config.CTIPSUser{{Name: "desktop", PasswordHash: hash("new"), Rights: rights}}
	if err := l.Reload(ctx, &cfg); err != nil {
		t.Fatal(err)
	}
	if works("old") || !works("new") {
		t.Error("the passwords are not those of the reload")
	}
	o := l.ctipsOperator()
	if st := o.Status(); st.Listeners[0].MaxSessions != 77 || len(st.Restart) != 0 || !strings.Contains(st.LastError, "login") || st.LastErrorAt == nil {
		t.Errorf("%+v", st)
	}
	cfg.CTIPS.Enabled, cfg.CTIPS.Listen, cfg.CTIPS.MaxBody = false, "127.0.0.1:1", 5000
	cfg.CTIPS.Listeners = []config.CTIPSListener{{Listen: "127.0.0.1:2"}}
	if err := l.Reload(ctx, &cfg); err != nil {
		t.Fatal(err)
	}
	if st := o.Status(); !slices.Equal(st.Restart, []string{"enabled", "listeners", "listen", "max_body"}) || !works("new") {
		t.Errorf("%+v", st)
	}
	cfg.CTIPS.Users[0].Tenants = []string{"9"}
	if err := l.Reload(ctx, &cfg); !fault.Is(err, fault.Invalid) || !works("new") {
		t.Errorf("a user of a tenant that there is not: %v", err)
	}
	cfg.CTIPS = l.opt.Config.CTIPS
	if err := l.Reload(ctx, &cfg); err != nil || len(o.Status().Restart) != 0 || !works("old") {
		t.Errorf("back again: %v, %+v", err, o.Status())
	}
	if err := o.Reload(ctx); !fault.Is(err, fault.Conflict) {
		t.Errorf("without a file: %v", err)
	}
}

// Listeners keep the settings of their address, wherever it stands in the file.
func TestCTIPSMatched(t *testing.T) {
	serving := func(listen string) *ctips.Server {
		cfg := ctips.DefaultConfig()
		cfg.Listen = listen
		s, err := ctips.New(cfg, nil, nil, ctips.Observer{})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	servers := []*ctips.Server{serving("127.0.0.1:1"), serving("127.0.0.1:2"), serving("127.0.0.1:3")}
	for _, tt := range []struct{ file, want string }{
		{"1 2 3", "1 2 3"}, {"3 1 2", "1 2 3"}, {"3", "1 2 3"}, {"4 3", "4 2 3"}, {"5 4 3 2 1", "1 2 3"}, {"4 5 6", "4 5 6"},
	} {
		var all []ctips.Config
		for port := range strings.FieldsSeq(tt.file) {
			cfg := ctips.DefaultConfig()
			cfg.Listen, cfg.Site = "127.0.0.1:"+port, 7
			all = append(all, cfg)
		}
		got := ""
		for _, c := range matched(servers, all) {
			got += " " + strings.TrimPrefix(c.Listen, "127.0.0.1:")
			if c.Site != 7 {
				t.Errorf("%s: a listener has old settings", tt.file)
			}
		}
		if got[1:] != tt.want {
			t.Errorf("%s: %s, want %s", tt.file, got, tt.want)
		}
	}
}

// TestCTIPSConfig: every key reaches the interface.
func TestCTIPSConfig(t *testing.T) {
	c := config.Default()
	c.CTIPS.Tenants = []config.CTIPSTenant{{ID: 7, Queues: []string{"support"}, Agents: []string{"anna"}}}
	c.CTIPS.LDAP = config.CTIPSLDAP{URL: "ldaps://ldap.example", Bind: "uid=%s,dc=example", Groups: []config.CTIPSGroup{{DN: "cn=cti,dc=example", Rights: []string{"panic"}}}}
	c.CTIPS.Listeners = []config.CTIPSListener{{Listen: "127.0.0.1:1", TLSCert: "c", TLSKey: "k", TLSClientCA: "a"}}
	all, err := ctipsConfigs(c)
	if err != nil || len(all) != 2 {
		t.Fatal(all, err)
	}
	first, second := all[0], all[1]
	if first.Listen != ctips.DefaultListen || second.Listen != "127.0.0.1:1" || second.TLS.Key != "k" || first.TLS.Key != "" || first.Directory == nil {
		t.Errorf("%+v", all)
	}
	if n := first.Tenants[0]; n.ID != 7 || !n.HasQueue("support") || !n.HasAgent("anna") || n.HasQueue("sales") {
		t.Errorf("tenant %+v", n)
	}
	want := ctips.DefaultConfig()
	if first.MaxConnections != want.MaxConnections || first.HeartbeatInterval != want.HeartbeatInterval || first.MissedHeartbeats != want.MissedHeartbeats ||
		first.CallbackTimeout != want.CallbackTimeout || first.QueueLength != want.QueueLength || first.RequestTimeout != want.RequestTimeout || first.IdleTimeout != want.IdleTimeout ||
		first.BindAddress != want.BindAddress || first.MaxBody != want.MaxBody || first.MaxInFlight != want.MaxInFlight || first.UserDataLength != want.UserDataLength ||
		first.Order != want.Order || first.Path != want.Path || first.Site != want.Site {
		t.Errorf("the file's defaults are others than the interface's: %+v", first)
	}
}
