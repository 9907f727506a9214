package sapphone_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"net/http"
	"os"
	"slices"
	"testing"
	"time"

	"strowger/cti/ctitest"
	"strowger/cti/sapphone"
	"strowger/switch/fault"
)

// apply brings a changed configuration into force.
func (r *rig) apply(change func(*sapphone.Config)) []string {
	r.Helper()
	cfg := r.srv.Config()
	change(&cfg)
	restart, err := r.srv.Apply(r.Context(), cfg)
	if err != nil {
		r.Fatal(err)
	}
	return restart
}

// A new password of ours holds from the next call on, and the old one does not.
func TestPasswordChanges(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *sapphone.Config) { c.User, c.Password = "sap", "old" })
	with := func(password string) int {
		status, _ := r.post(http.DefaultClient, r.url, envelope("XCHGVERSION"), func(q *http.Request) { q.SetBasicAuth("sap", password) })
		return status
	}
	if with("old") != http.StatusOK {
		t.Fatal("the first password does not hold")
	}
	r.apply(func(c *sapphone.Config) { c.Password = "new" })
	if old, now := with("old"), with("new"); old != http.StatusUnauthorized || now != http.StatusOK {
		t.Errorf("the old password: %d, the new one: %d", old, now)
	}
	r.apply(func(c *sapphone.Config) { c.AllowClients = []string{"192.0.2.0/24"} })
	if status := with("new"); status != http.StatusForbidden {
		t.Errorf("an address that is allowed no more: %d", status)
	}
}

// A renewed certificate is shown to the next connection; one that does not
// load leaves the old one in force.
func TestCertificateChanges(t *testing.T) {
	t.Parallel()
	certFile, keyFile, _ := ctitest.Certificate(t)
	first := certificateIn(t, certFile)
	r := newRig(t, func(c *sapphone.Config) { c.TLSCert, c.TLSKey = certFile, keyFile })
	shown := func() *x509.Certificate {
		conn, err := tls.Dial("tcp", r.srv.Addr(), &tls.Config{InsecureSkipVerify: true})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }() // it was only looked at
		return conn.ConnectionState().PeerCertificates[0]
	}
	if !shown().Equal(first) {
		t.Fatal("another certificate is shown")
	}
	otherCert, otherKey, _ := ctitest.Certificate(t)
	second := certificateIn(t, otherCert)
	for from, to := range map[string]string{otherCert: certFile, otherKey: keyFile} {
		if err := os.Rename(from, to); err != nil {
			t.Fatal(err)
		}
	}
	r.apply(func(*sapphone.Config) {})
	if !shown().Equal(second) {
		t.Error("the old certificate is still shown")
	}
	if restart := r.apply(func(c *sapphone.Config) { c.TLSCert, c.TLSKey, c.Listen = "", "", "127.0.0.1:1" }); !slices.Equal(restart, []string{"listen", "tlsCert"}) {
		t.Errorf("a restart is wanted for %q", restart)
	}
	if !shown().Equal(second) {
		t.Error("TLS was switched off while the listener is open")
	}
	if err := os.WriteFile(keyFile, []byte("no key"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := r.srv.Apply(t.Context(), r.srv.Config()); !fault.Is(err, fault.Invalid) {
		t.Errorf("a broken key: %v", err)
	}
	if !shown().Equal(second) {
		t.Error("a broken key took the certificate away")
	}
}

// The SAP systems that are told change while calls come: one gets another
// password, one is gone, one is new.
func TestSystemsChange(t *testing.T) {
	t.Parallel()
	one, two := newSAP(t), newSAP(t)
	at := func(s *sap, password string) string {
		return "CLIENT=506 USER=bcm1 PASSWD=" + password + " LANG=EN SOAPURL=" + s.URL
	}
	r := newRig(t, func(c *sapphone.Config) {
		c.Clients, c.ServerName, c.Popup = []string{at(one, "old")}, "BCM1", true
		c.Backoff = []time.Duration{time.Millisecond}
	})
	if h := one.next(t); h.function != "SPS_GET_LINES_PER_SERVER" || h.password != "old" {
		t.Fatalf("first: %+v", h)
	}
	r.apply(func(c *sapphone.Config) { c.Clients = []string{at(one, "new"), at(two, "x")} })
	if h := one.next(t); h.function != "SPS_GET_LINES_PER_SERVER" || h.password != "new" {
		t.Errorf("with the new password: %+v", h)
	}
	if h := two.next(t); h.function != "SPS_GET_LINES_PER_SERVER" || h.password != "x" {
		t.Errorf("the new system: %+v", h)
	}
	r.ready(anna)
	r.must("SPS_REGISTER", "EXT="+anna)
	call := r.sw.Arrive(ctitest.Queue, ctitest.Caller, "")
	if a, b := one.next(t), two.next(t); a.function != "SPS_NEW_CALL" || b.function != "SPS_NEW_CALL" {
		t.Errorf("a call is told as %v and %v", a, b)
	}
	r.apply(func(c *sapphone.Config) { c.Clients = []string{at(two, "x")} })
	if h := two.next(t); h.function != "SPS_GET_LINES_PER_SERVER" {
		t.Errorf("again: %+v", h)
	}
	r.sw.HangUp(call)
	if h := two.next(t); h.function != "SPS_CALL_ENDED" {
		t.Errorf("the end: %+v", h)
	}
	if list := r.srv.Systems(); len(list) != 1 || list[0].State != "works" || list[0].Client != "506" {
		t.Errorf("systems %+v", list)
	}
	r.apply(func(c *sapphone.Config) { c.Popup = false })
	two.next(t)
	r.sw.Arrive(ctitest.Queue, ctitest.Caller, "")
	r.until("the call", func() bool { return r.srv.Stats().Live == 1 })
	r.apply(func(c *sapphone.Config) { c.Popup = true })
	if h := two.next(t); h.function != "SPS_GET_LINES_PER_SERVER" {
		t.Errorf("without announcements came %+v", h)
	}
}

// While it is stopped it refuses, lets nobody wait and announces nothing; what
// alerts then is announced at the start.
func TestStopAndStart(t *testing.T) {
	t.Parallel()
	crm := newSAP(t)
	r := newRig(t, toward(crm))
	crm.next(t)
	r.ready(anna)
	r.must("SPS_REGISTER", "EXT="+anna)
	ended := make(chan string, 1)
	go func() {
		out, err := r.try(r.Context(), "SPS_WAITFORCALL", "EXT="+anna)
		if err != nil {
			t.Error(err)
		}
		ended <- out.rc()
	}()
	r.until("the wait", func() bool { return r.srv.Stats().Waiting == 1 })
	if !r.srv.Pause() || r.srv.Pause() || !r.srv.Paused() {
		t.Error("it does not stop once")
	}
	if rc := <-ended; rc != "912" {
		t.Errorf("the wait ended with %s", rc)
	}
	r.ask("930", "SPS_WAITFORCALL", "EXT="+anna)
	r.ask("930", "SPS_GETCALLSTATE", "EXT="+anna)
	r.must("XCHGVERSION")
	r.must("SMON_COMP_STATE_RETRIEVE")
	r.sw.Arrive(ctitest.Queue, ctitest.Caller, "")
	r.until("the call", func() bool { return r.srv.Stats().Live == 1 })
	if !r.srv.Resume() || r.srv.Resume() || r.srv.Paused() {
		t.Error("it does not start once")
	}
	if h := crm.next(t); h.function != "SPS_NEW_CALL" {
		t.Errorf("after the start came %+v", h)
	}
	r.one(anna, "01")
}

// certificateIn is the certificate of a file.
func certificateIn(t *testing.T, file string) *x509.Certificate {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(data)
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}
