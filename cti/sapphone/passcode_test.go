package sapphone_test

import (
	"log/slog"
	"strings"
	"testing"

	"strowger/cti/ctitest"
	"strowger/cti/sapphone"
)

// TestPasscode: SAPphone cannot log in at a station that asks for a passcode,
// and the log says why; who has logged in otherwise works with it.
func TestPasscode(t *testing.T) {
	t.Parallel()
	var log ctitest.Log
	config := ctitest.Config()
	config.Agents[0].Station.Passcode = true
	sw := ctitest.NewFakeSwitch(config)
	cfg := sapphone.DefaultConfig()
	cfg.Listen = "127.0.0.1:0"
	srv, err := sapphone.New(cfg, sw, nil, slog.New(slog.NewTextHandler(&log, nil)), sapphone.Observer{})
	if err != nil {
		t.Fatal(err)
	}
	ctitest.Serve(t, sw, srv)
	r := &rig{T: t, sw: sw, srv: srv, url: "http://" + srv.Addr() + cfg.Path}
	r.ask("905", "SPS_AGENTLOGIN", "EXT="+anna, "PASSWORD=417")
	if text := log.String(); !strings.Contains(text, "asks for a passcode") || !strings.Contains(text, "strowger agents login") || strings.Contains(text, "417") {
		t.Errorf("the log has %s", text)
	}
	r.ask("903", "SPS_SETWORKMODE", "EXT="+anna, "WORKMODE=02")
	if err := sw.Enter(t.Context(), ctitest.Anna); err != nil {
		t.Fatal(err)
	}
	r.must("SPS_AGENTLOGIN", "EXT="+anna, "QUEUE=600")
	r.must("SPS_SETWORKMODE", "EXT="+anna, "WORKMODE=02")
}
