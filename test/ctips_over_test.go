package test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"strowger/cti/ctips"
	"strowger/cti/ctitest"
	"strowger/cti/soap"
)

// TestCTIPSOverHTTPS: both clients read the descriptions over https and play the
// first flow over it. They trust the certificate since their own stores of
// authorities have it.
func TestCTIPSOverHTTPS(t *testing.T) {
	t.Parallel()
	cert, key, _ := ctitest.Certificate(t)
	for _, kind := range ctipsKinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			sw := ctipsSwitch(t)
			base := "https" + serveCTIPS(t, sw, func(c *ctips.Config) { c.TLS = soap.Certificates{Cert: cert, Key: key} })
			base = strings.Replace(base, "127.0.0.1", "localhost", 1) // Mono knows no addresses in certificates
			p := &ctipsPlay{t: t, exchange: &ctipsFake{t: t, sw: sw}, client: newCTIPSClient(t, kind, base, ctipsTrust(t, kind, cert)...)}
			p.first()
		})
	}
}

// ctipsTrust is the environment in which a client of the kind trusts an authority.
func ctipsTrust(t *testing.T, kind, cert string) []string {
	t.Helper()
	if kind == "zeep" {
		return []string{"REQUESTS_CA_BUNDLE=" + cert}
	}
	home := t.TempDir()
	trusting := []string{"HOME=" + home, "XDG_CONFIG_HOME=" + filepath.Join(home, ".config")}
	cmd := exec.CommandContext(t.Context(), "cert-sync", "--user", cert)
	cmd.Env = append(os.Environ(), trusting...)
	if out, err := cmd.CombinedOutput(); err != nil {
		skipLayer(t, "Mono over https", "cert-sync: "+err.Error()+": "+string(out)+": apt-get install ca-certificates-mono")
	}
	return trusting
}

// TestCTIPSOverOtherNamespaces: clients are generated from descriptions with
// namespaces of a site's own, and play the first flow with them.
func TestCTIPSOverOtherNamespaces(t *testing.T) {
	t.Parallel()
	for _, kind := range ctipsKinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			sw := ctipsSwitch(t)
			base := "http" + serveCTIPS(t, sw, func(c *ctips.Config) {
				c.Namespaces = ctips.Namespaces{Service: "http://portal.example/service/", Data: "http://portal.example/types", Callback: "http://portal.example/events/"}
			})
			p := &ctipsPlay{t: t, exchange: &ctipsFake{t: t, sw: sw}, client: newCTIPSClient(t, kind, base)}
			p.first()
		})
	}
}

// first plays the first flow alone.
func (p *ctipsPlay) first() {
	p.t.Helper()
	p.open()
	p.flow(0, ctipsFlows(p.t)[0])
	p.client.must("CloseConnection")
	p.silent()
}
