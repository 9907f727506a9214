package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"strowger/cti/ctitest"
	"strowger/cti/sapphone"
	"strowger/cti/sapphone/gateway"
)

// servePort serves SAPphone over the classic RFC wire on a fake switch.
func servePort(t *testing.T) string {
	t.Helper()
	cfg := sapphone.DefaultConfig()
	cfg.Listen, cfg.Servers = "127.0.0.1:0", []string{"-aSTROWGER -gswitch -xsapgw88 LISTEN=127.0.0.1:0"}
	log := slog.New(slog.DiscardHandler)
	srv, err := sapphone.New(cfg, ctitest.NewFakeSwitch(ctitest.Config()), nil, log, sapphone.Observer{})
	if err != nil {
		t.Fatal(err)
	}
	g, err := gateway.New(&cfg, srv, log)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(srv.Start(t.Context()), g.Start(t.Context())); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := errors.Join(g.Stop(ctx), srv.Stop(ctx)); err != nil {
			t.Error(err)
		}
	})
	return g.Listeners()[0].Addr().String()
}

func TestSAPphoneCheck(t *testing.T) {
	t.Parallel()
	addr := servePort(t)
	var stdout, stderr bytes.Buffer
	if code := run(t.Context(), []string{"sapphone", "check", addr}, &stdout, &stderr); code != exitOK || strings.Count(stdout.String(), " ok ") != 6 || !strings.Contains(stdout.String(), "5.11A") {
		t.Errorf("%d\n%s\n%s", code, &stdout, &stderr)
	}
	stdout.Reset()
	var reports []portReport
	if code := run(t.Context(), []string{"sapphone", "check", addr, "--output", "json"}, &stdout, &stderr); code != exitOK || json.Unmarshal(stdout.Bytes(), &reports) != nil || len(reports) != 1 || len(reports[0].Findings) != 6 {
		t.Errorf("%d\n%s\n%s", code, &stdout, &stderr)
	}
}

func TestGatewayAddresses(t *testing.T) {
	t.Parallel()
	got, err := gatewayAddresses([]string{"-aA -gh -xsapgw88", "-aB -gh -x3388", "-aC -gh -xsapgw88 LISTEN=10.0.0.1:3377"})
	if err != nil || strings.Join(got, " ") != "127.0.0.1:3388 10.0.0.1:3377" {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := gatewayAddresses(nil); err == nil {
		t.Error("nothing was checked, and nobody was told")
	}
}
