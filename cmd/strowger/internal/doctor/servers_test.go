package doctor

import (
	"slices"
	"strings"
	"testing"
	"time"

	"strowger/ari/arispec"
	"strowger/ari/aritest"
	"strowger/cmd/strowger/internal/config"
)

// named has a fake Asterisk call itself by a name and know an endpoint.
func named(s *aritest.Server, name string, endpoints ...arispec.Endpoint) {
	now := arispec.Date{Time: time.Now().UTC()}
	s.On(arispec.OpAsteriskGetInfo, func(aritest.Request) aritest.Reply {
		return aritest.Reply{Body: arispec.AsteriskInfo{
			System: &arispec.SystemInfo{Version: aritest.Version, EntityID: name}, Status: &arispec.StatusInfo{StartupTime: now, LastReloadTime: now},
			Config: &arispec.ConfigInfo{Name: name},
		}}
	})
	s.On(arispec.OpEndpointsListByTech, func(aritest.Request) aritest.Reply { return aritest.Reply{Body: endpoints} })
}

// TestSeveralServers: each server is looked at, for what is there.
func TestSeveralServers(t *testing.T) {
	h, second := newHealthy(t), aritest.Start(t)
	phone := func(name, state string) arispec.Endpoint {
		return arispec.Endpoint{Technology: "PJSIP", Resource: name, State: state}
	}
	h.setObjects(t, "queues: [{id: support, number: 600}]\nstations: [{id: a, endpoint: 101}, {id: b, endpoint: 102, node: two}]\n")
	h.cfg.Asterisk.Node = "one"
	h.cfg.Asterisk.Nodes = []config.AsteriskNode{{
		Node: "two", Peer: "way-to-two", ARIURL: strings.TrimSuffix(second.URL(), "/ari"), ARIUser: aritest.User, ARIPassword: config.NewSecret(aritest.Password),
	}}
	named(h.ari, "one", phone("101", "online"), phone("way-to-two", "online"))
	named(second, "two", phone("102", "offline"), phone("one", "offline"))
	_, got := h.run(t)
	for _, want := range []string{"note two/phones.unregistered", "warn two/servers.offline", "skip two/ami"} {
		if !slices.Contains(got, want) {
			t.Errorf("no %q in %q", want, got)
		}
	}
	if i := slices.IndexFunc(got, func(s string) bool { return strings.Contains(s, " servers.") || strings.Contains(s, " phones.") }); i >= 0 {
		t.Errorf("the first server is in order: %q", got[i])
	}
	named(h.ari, "other", phone("101", "online"))
	_, got = h.run(t)
	for _, want := range []string{"fail servers.name", "fail servers.missing"} {
		if !slices.Contains(got, want) {
			t.Errorf("no %q in %q", want, got)
		}
	}
}
