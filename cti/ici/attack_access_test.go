package ici_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"strowger/cti/ctitest"
	"strowger/cti/ici"
	"strowger/cti/soap"
)

// Where client certificates are asked for, nobody comes in without one of that
// authority, whatever password they have.
func TestClientsWithoutCertificate(t *testing.T) {
	t.Parallel()
	certFile, keyFile, client := ctitest.Certificate(t)
	r := newRig(t, func(c *ici.Config) {
		c.TLSCert, c.TLSKey, c.TLSClientCA = certFile, keyFile, certFile
		c.User, c.Password = "crm", "secret"
	})
	url := strings.Replace(r.url, "http:", "https:", 1)
	roots := client.Transport.(*http.Transport).TLSClientConfig.RootCAs
	foreignCert, foreignKey, _ := ctitest.Certificate(t)
	ask := func(certFile, keyFile, password string) (int, error) {
		secure := &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
		if certFile != "" {
			pair, err := tls.LoadX509KeyPair(certFile, keyFile)
			if err != nil {
				t.Fatal(err)
			}
			secure.Certificates = []tls.Certificate{pair}
		}
		c := &http.Client{Transport: &http.Transport{TLSClientConfig: secure}}
		defer c.CloseIdleConnections()
		status, _, err := get(t.Context(), c, url, func(req *http.Request) { req.SetBasicAuth("crm", password) })
		return status, err
	}
	if status, err := ask("", "", "secret"); err == nil {
		t.Errorf("without a certificate: %d", status)
	}
	if status, err := ask(foreignCert, foreignKey, "secret"); err == nil {
		t.Errorf("with somebody's own certificate: %d", status)
	}
	if status, err := ask(certFile, keyFile, "wrong"); err != nil || status != http.StatusUnauthorized {
		t.Errorf("with a certificate and a wrong password: %d %v", status, err)
	}
	if status, err := ask(certFile, keyFile, "secret"); err != nil || status != http.StatusOK {
		t.Errorf("with both: %d %v", status, err)
	}
}

// Passwords cannot be tried out, and neither right nor wrong ones are written
// anywhere.
func TestPasswordsAreNotGuessedNorLogged(t *testing.T) {
	t.Parallel()
	var out ctitest.Log
	sw := ctitest.NewFakeSwitch(ctitest.Config())
	cfg := ici.DefaultConfig()
	cfg.Listen, cfg.User, cfg.Password = "127.0.0.1:0", "crm", "right-canary"
	cfg.CallbackProxy, cfg.ProxyUser, cfg.ProxyPassword = "http://127.0.0.1:9", "p", "proxy-canary"
	srv, err := ici.New(cfg, sw, slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug})), ici.Observer{})
	if err != nil {
		t.Fatal(err)
	}
	if err := srv.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	url := "http://" + srv.Addr() + cfg.BasePath
	try := func(password string) int {
		status, body, err := get(t.Context(), http.DefaultClient, url, func(req *http.Request) { req.SetBasicAuth("crm", password) })
		if err != nil || strings.Contains(body, "canary") {
			t.Errorf("%v %s", err, body)
		}
		return status
	}
	if got := try("right-canary"); got != http.StatusOK {
		t.Errorf("the right password: %d", got)
	}
	refused := 0
	for range 30 {
		if try("wrong-canary") == http.StatusTooManyRequests {
			refused++
		}
	}
	if refused != 20 || try("right-canary") != http.StatusTooManyRequests {
		t.Errorf("%d of 30 guesses were not looked at, want 20", refused)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if err := srv.Stop(ctx); err != nil {
		t.Error(err)
	}
	if log := out.String(); strings.Contains(log, "canary") || strings.Contains(log, "Authorization") {
		t.Errorf("the log has a password: %s", log)
	}
}

// What is asked in a foreign namespace or in another SOAP is refused by name,
// whatever the prefixes; what hides its length or is packed is not unpacked.
func TestDisguisedMessages(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	whole := strings.Replace(envelope, "BODY", `<u:getAttributes xmlns:u="urn:IciUserInterface"><u:userId>anna</u:userId><u:cmsPing>true</u:cmsPing></u:getAttributes>`, 1)
	code := func(body string) string {
		_, answer := r.post("text/xml", "", body)
		env, err := soap.ReadEnvelope(answer, "", soap.Limits{}, nil)
		if err != nil {
			t.Fatalf("%v in %s", err, answer)
		}
		if f := env.Fault(); f != nil {
			return string(f.Code)
		}
		return "answer"
	}
	for body, want := range map[string]string{
		whole: "answer",
		strings.ReplaceAll(whole, "http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope"): "VersionMismatch",
		strings.Replace(whole, "urn:IciUserInterface", "urn:EvilInterface", 1):                                            "Client",
		strings.Replace(whole, "urn:IciUserInterface", "urn:IciEventInterface", 1):                                        "Client",
		strings.Replace(whole, "e:Body", "e:Header", 2):                                                                   "Client",
	} {
		if got := code(body); got != want {
			t.Errorf("%s for %s", got, body)
		}
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := io.WriteString(z, whole); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	send := func(body io.Reader, length int64, header map[string]string) int {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.url, body)
		if err != nil {
			t.Fatal(err)
		}
		req.ContentLength = length
		req.Header.Set("Content-Type", "text/xml")
		for k, v := range header {
			req.Header.Set(k, v)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return 0 // cut off while it still sent
		}
		_ = resp.Body.Close() // only the status counts
		return resp.StatusCode
	}
	if got := send(&packed, int64(packed.Len()), map[string]string{"Content-Encoding": "gzip"}); got < 400 {
		t.Errorf("a packed body: %d", got)
	}
	endless := io.MultiReader(strings.NewReader(whole[:len(whole)-20]), strings.NewReader(strings.Repeat(" ", 4<<20)), strings.NewReader(whole[len(whole)-20:]))
	if got := send(endless, -1, nil); got != 0 && got < 400 {
		t.Errorf("a body of unknown length, longer than allowed: %d", got)
	}
	if n := r.srv.Handler().Panics.Load(); n != 0 {
		t.Errorf("%d panics", n)
	}
}

// A user of the interface acts on items by line and handle; one agent's line does
// not open another's items.
func TestForeignItems(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.login(ctitest.Anna)
	call := r.sw.Arrive(ctitest.Queue, ctitest.Caller, "")
	r.sw.PickUp(call)
	handle := r.sw.Call(call).AgentConn().ID.Hex()
	for op, p := range map[ici.Op]ici.Params{
		ici.OpHold: &ici.CallRef{LineNumber: "102", CallHandle: handle}, ici.OpDrop: &ici.CallRef{LineNumber: "102", CallHandle: handle},
		ici.OpCallGetAttributes: &ici.CallRef{LineNumber: "102", CallHandle: handle},
		ici.OpForward:           &ici.Forwarding{ItemID: handle, ContainerID: "102", DestType: "1", Destination: "+102"},
		ici.OpReroute:           &ici.ItemInContainer{ItemID: handle, ContainerID: "102"},
		ici.OpDropParty:         &ici.PartyRef{LineNumber: "102", RemoteNumber: ctitest.Caller, CallHandle: handle},
	} {
		if _, err := r.ask(op, p); err == nil {
			t.Errorf("%s reached another line's item", op)
		}
	}
	if c := r.sw.Call(call); c == nil || len(c.Conns) != 2 {
		t.Errorf("the call has changed: %+v", c)
	}
}

// What peers send does not become part of a page.
func TestStatusPageIsText(t *testing.T) {
	t.Parallel()
	const evil = `<script>alert(1)</script>`
	r := newRig(t, func(c *ici.Config) { c.ProductName, c.ProductVersion = evil, evil })
	_, _ = r.ask(ici.OpUserSubscribe, &ici.UserSubscription{AppURL: "http://" + evil + "/", AppID: evil, UserID: evil})
	_, _ = r.post("text/xml", evil, "<"+evil)
	for _, path := range []string{"/OII/default.aspx", "/OII/status"} {
		_, body, err := get(t.Context(), http.DefaultClient, strings.Replace(r.url, "/OII/OII.asmx", path, 1), nil)
		if err != nil || strings.Contains(body, "<script>") {
			t.Errorf("%s: %v %s", path, err, body)
		}
	}
}
