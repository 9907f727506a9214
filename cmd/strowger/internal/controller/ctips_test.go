package controller

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"strowger/cmd/strowger/internal/config"
	"strowger/cmd/strowger/internal/ctipscheck"
	"strowger/cmd/strowger/internal/peercheck"
	"strowger/cti/ctips"
)

// TestCTIPS plays a client application against both listeners of a controller as
// it is put together, with an agent who is logged in and out, and looks at what
// operators are shown of it.
func TestCTIPS(t *testing.T) {
	hash, err := ctips.HashPassword("long-and-random")
	if err != nil {
		t.Fatal(err)
	}
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
