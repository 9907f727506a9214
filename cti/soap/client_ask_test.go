package soap_test

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	"strowger/cti/soap"
	"strowger/switch/fault"
)

func local() soap.Destinations {
	return soap.Destinations{Nets: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
}

func TestAskAndGet(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		if user != "u" || password != "p" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		if r.URL.Path == "/none" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/xml; charset=iso-8859-1")
		_, _ = w.Write([]byte("<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\"><e:Body><a>\xe9</a></e:Body></e:Envelope>"))
	}))
	defer srv.Close()
	c := soap.NewClient(soap.ClientConfig{Allow: local(), User: "u", Password: "p"})
	defer c.Close()
	answer, err := c.Ask(t.Context(), srv.URL, "x", []byte("<x/>"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if env, err := answer.Envelope(soap.Limits{}); err != nil || env.Body[0].Text != "é" {
		t.Errorf("the answer: %v %v", env, err)
	}
	if got, err := c.Get(t.Context(), srv.URL+"/x"); err != nil || got.Charset() != "iso-8859-1" {
		t.Errorf("get: %v %v", got, err)
	}
	if _, err := c.Get(t.Context(), srv.URL+"/none"); !fault.Is(err, fault.NotFound) {
		t.Errorf("what is not there: %v", err)
	}
	if _, err := c.Get(t.Context(), "http://192.0.2.1/"); !fault.Is(err, fault.Denied) {
		t.Errorf("elsewhere: %v", err)
	}
	stranger := soap.NewClient(soap.ClientConfig{Allow: local()})
	defer stranger.Close()
	if _, err := stranger.Get(t.Context(), srv.URL); !fault.Is(err, fault.Denied) {
		t.Errorf("without a login: %v", err)
	}
}

func TestNetworks(t *testing.T) {
	t.Parallel()
	got, err := soap.Networks([]string{"10.1.2.3", "10.0.0.7/8", "::1"})
	want := []string{"10.1.2.3/32", "10.0.0.0/8", "::1/128"}
	if err != nil || len(got) != len(want) {
		t.Fatalf("%v %v", got, err)
	}
	for i, p := range got {
		if p.String() != want[i] {
			t.Errorf("%s, want %s", p, want[i])
		}
	}
	if _, err := soap.Networks([]string{"crm"}); !fault.Is(err, fault.Invalid) {
		t.Errorf("a name: %v", err)
	}
}

func TestCertificatesAreChecked(t *testing.T) {
	t.Parallel()
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if c, err := (soap.Certificates{}).ServerTLS(); c != nil || err != nil {
		t.Errorf("none for a server: %v %v", c, err)
	}
	if c, err := (soap.Certificates{}).ClientTLS(); c != nil || err != nil {
		t.Errorf("none for a client: %v %v", c, err)
	}
	for _, c := range []soap.Certificates{{CA: empty}, {CA: empty + "x"}, {Cert: empty, Key: empty}} {
		if _, err := c.ClientTLS(); !fault.Is(err, fault.Invalid) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}
