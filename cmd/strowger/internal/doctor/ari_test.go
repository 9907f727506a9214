package doctor

import (
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"strowger/ari/arispec"
	"strowger/ari/aritest"
	"strowger/cmd/strowger/internal/config"
)

func ariBreakages() map[string]breakage {
	down := func(id string) []string { return append(slices.Clone(withoutARI), "fail "+id) }
	version := func(v string) func(*testing.T, *healthy) {
		return func(_ *testing.T, h *healthy) {
			h.ari.On(arispec.OpAsteriskGetInfo, func(aritest.Request) aritest.Reply {
				return aritest.Reply{Body: arispec.AsteriskInfo{System: &arispec.SystemInfo{Version: v}}}
			})
		}
	}
	info := func(code int) func(*testing.T, *healthy) {
		return func(_ *testing.T, h *healthy) { h.ari.On(arispec.OpAsteriskGetInfo, status(code)) }
	}
	return map[string]breakage{
		"healthy":        {func(*testing.T, *healthy) {}, nil, "Asterisk 22.10.1"},
		"version 18":     {version("18.26.4"), []string{"fail asterisk.version.too-old"}, "too old"},
		"version 22.9":   {version("22.9.0~dfsg-1"), []string{"warn asterisk.version.old"}, "AST#1936, AST#1872); about 100 calls a minute under ARI"},
		"version 22.11":  {version("22.11.0"), []string{"warn asterisk.version.whisper"}, "AST#2134"},
		"version 20.21":  {version("20.21.0"), []string{"warn asterisk.version.whisper"}, "AST#2134"},
		"version 22.12":  {version("22.12.0"), nil, "Asterisk 22.12.0"},
		"version 22.2":   {version("22.2.0"), []string{"warn asterisk.version.old"}, "AST#211"},
		"version 20 new": {version("20.20.1"), []string{"warn asterisk.version.old"}, "tested with 22.10.1 and later"},
		"version git":    {version("GIT-master-1a2b"), []string{"warn asterisk.version.unknown"}, "GIT-master-1a2b"},
		"refused":        {func(_ *testing.T, h *healthy) { h.ari.Close() }, down("ari.refused"), "systemctl start asterisk"},
		"timeout": {func(_ *testing.T, h *healthy) {
			h.opt.Timeout = 50 * time.Millisecond
			h.ari.On(arispec.OpAsteriskGetInfo, func(aritest.Request) aritest.Reply { return aritest.Reply{Hang: true} })
		}, down("ari.timeout"), "firewall"},
		"closed": {func(_ *testing.T, h *healthy) {
			h.ari.On(arispec.OpAsteriskGetInfo, func(aritest.Request) aritest.Reply { return aritest.Reply{Close: true} })
		}, down("ari.closed"), "sessionlimit = 1000"},
		"login": {func(_ *testing.T, h *healthy) { h.cfg.Asterisk.ARIPassword = config.NewSecret("canary-password-x") }, down("ari.login"), "ari.conf: [strowger] with password"},
		"acl":   {info(403), down("ari.acl"), "permit ="},
		"error": {info(500), down("ari.error"), "500"},
		"prefix": {func(t *testing.T, h *healthy) {
			answer(t, h, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Server", "Asterisk/22.10.1")
				w.WriteHeader(404)
			})
		}, down("ari.not-found"), "prefix"},
		"other server": {func(t *testing.T, h *healthy) {
			answer(t, h, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Server", "nginx")
				w.WriteHeader(404)
			})
		}, down("ari.not-asterisk"), `"nginx"`},
		"web page": {func(t *testing.T, h *healthy) {
			answer(t, h, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) })
		}, down("ari.not-ari"), "invalid character"},
		"no TLS": {func(_ *testing.T, h *healthy) {
			h.cfg.Asterisk.ARIURL = strings.Replace(h.cfg.Asterisk.ARIURL, "http:", "https:", 1)
		}, down("ari.tls"), "write http://"},
		"certificate": {func(t *testing.T, h *healthy) {
			s := httptest.NewUnstartedServer(http.NotFoundHandler())
			s.Config.ErrorLog = log.New(io.Discard, "", 0)
			s.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
			s.StartTLS()
			t.Cleanup(s.Close)
			h.cfg.Asterisk.ARIURL = s.URL
		}, down("ari.certificate"), "update-ca-certificates"},
		"unusable": {func(_ *testing.T, h *healthy) { h.cfg.Asterisk.ARIURL = "ftp://x" }, append(down("ari.config"), "skip ports"), ""},
	}
}

func orderBreakages() map[string]breakage {
	return map[string]breakage{
		"read only": {func(_ *testing.T, h *healthy) { h.ari.On(arispec.OpAsteriskSetGlobalVar, status(403)) }, []string{"fail ari.rights.read-only"}, "read_only = no"},
		"no write":  {func(_ *testing.T, h *healthy) { h.ari.On(arispec.OpAsteriskSetGlobalVar, status(500)) }, []string{"fail ari.rights.error"}, ""},
		"not removed": {func(_ *testing.T, h *healthy) {
			h.ari.On(arispec.OpAsteriskSetGlobalVar, func(r aritest.Request) aritest.Reply {
				if r.Arg("value") == "" {
					return aritest.Error(400, "no")
				}
				return aritest.Reply{}
			})
		}, []string{"note ari.rights.left"}, "SW_DOCTOR"},
		"socket denied": {func(_ *testing.T, h *healthy) { h.ari.Refuse(403) }, []string{"fail ari.websocket.denied"}, ""},
		"socket closed": {func(_ *testing.T, h *healthy) { h.ari.Refuse(404) }, []string{"fail ari.websocket.closed"}, "res_http_websocket"},
		"no requests over it": {func(_ *testing.T, h *healthy) {
			h.ari.On(arispec.OpAsteriskPing, func(r aritest.Request) aritest.Reply {
				if r.Via == "websocket" {
					return aritest.Error(404, "no")
				}
				return aritest.Reply{Body: arispec.AsteriskPing{Timestamp: time.Now().Format("2006-01-02T15:04:05.000-0700")}}
			})
		}, []string{"note ari.websocket.no-requests"}, "22.4"},
		"clock": {func(_ *testing.T, h *healthy) {
			h.heartbeat(age(time.Hour))
			h.ari.On(arispec.OpAsteriskPing, func(aritest.Request) aritest.Reply {
				return aritest.Reply{Body: arispec.AsteriskPing{Timestamp: time.Now().Add(-time.Hour).Format("2006-01-02T15:04:05.000-0700")}}
			})
		}, []string{"note clock.differs"}, "1h0m0s ahead of Asterisk's"},
		"clock unread": {
			func(_ *testing.T, h *healthy) { h.ari.On(arispec.OpAsteriskPing, status(500)) },
			[]string{"warn clock.error", "fail readiness.error", "note ari.websocket.no-requests"},
			"",
		},
		"many requests": {func(_ *testing.T, h *healthy) { h.cfg.Asterisk.RESTInFlight = 100 }, []string{"warn ari.sessions.in-flight"}, "sessionlimit"},
		"missing phone": {func(_ *testing.T, h *healthy) { h.phones = h.phones[:1] }, []string{"fail phones.missing"}, "1 of 2 stations have no PJSIP endpoint in Asterisk: 102"},
		"phone off":     {func(_ *testing.T, h *healthy) { h.phones[0].State = "offline" }, []string{"note phones.unregistered"}, "101"},
		"no SIP":        {func(_ *testing.T, h *healthy) { h.ari.On(arispec.OpEndpointsListByTech, status(404)) }, []string{"fail phones.missing"}, "101, 102"},
		"phones broken": {func(_ *testing.T, h *healthy) { h.ari.On(arispec.OpEndpointsListByTech, status(500)) }, []string{"fail phones.error"}, ""},
		"nobody":        {func(t *testing.T, h *healthy) { h.setObjects(t, "") }, []string{"note phones.none"}, ""},
		"ten missing": {func(t *testing.T, h *healthy) {
			text := "stations:\n"
			for i := range 10 {
				text += fmt.Sprintf("  - {id: x%d, endpoint: x%d}\n", i, i)
			}
			h.setObjects(t, text)
		}, []string{"fail phones.missing"}, "x7 and 2 more"},
	}
}
