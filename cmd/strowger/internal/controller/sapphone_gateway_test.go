package controller

import (
	"testing"

	"strowger/cmd/strowger/internal/config"
	"strowger/cti/sapphone/typet"
)

// TestSAPphoneOverRFC: a destination of type T reaches the functions, and what
// its port does is in /metrics.
func TestSAPphoneOverRFC(t *testing.T) {
	l := startLiveWith(t, liveObjects, func(c *config.Config) {
		c.SAPphone.Enabled, c.SAPphone.Listen = true, "127.0.0.1:0"
		c.SAPphone.StateFile = t.TempDir() + "/sapphone.json"
		c.SAPphone.Servers = []string{"-aSTROWGER -gswitch -xsapgw88 LISTEN=127.0.0.1:0"}
	})
	c, err := typet.Dial(l.ctx, l.gateway.Listeners()[0].Addr().String(), typet.ClientConfig{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if _, err := c.Call(l.ctx, typet.Call{Function: "RFC_PING"}); err != nil {
		t.Fatal(err)
	}
	out, err := c.Call(l.ctx, typet.Call{Function: "XCHGVERSION", Wanted: []string{"EXT_VERSION", "PRODUCT"}})
	if err != nil || len(out.Exports) != 2 {
		t.Fatalf("%+v, %v", out, err)
	}
	version, err := (&typet.Column{Name: "EXT_VERSION", Kind: typet.Char, Len: 6}).Read(typet.LittleEndian, out.Exports[0].Data)
	if err != nil || version != "5.11A" {
		t.Errorf("the version is %q, %v", version, err)
	}
	wantMetrics(t, scrape(t, l.Controller), "sapphone_rfc_connections 1", "sapphone_rfc_called_total 1", `sapphone_rfc_cut_total{reason="garbled"} 0`)
}
