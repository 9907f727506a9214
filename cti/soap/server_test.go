package soap

import (
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"strowger/switch/fault"
)

// TestDoor: what is wrong about an adapter's listener is named by its key.
func TestDoor(t *testing.T) {
	t.Parallel()
	for key, spoil := range map[string]func(*Door){
		"":             func(*Door) {},
		"listen":       func(d *Door) { d.Listen = "here" },
		"place":        func(d *Door) { d.Path = "x" },
		"allowClients": func(d *Door) { d.Allow = []string{"everybody"} },
		"password":     func(d *Door) { d.User = "x" },
		"tlsKey":       func(d *Door) { d.TLS.Cert = "x" },
		"tlsClientCA":  func(d *Door) { d.TLS.CA = "x" },
	} {
		d := Door{Listen: "127.0.0.1:0", Path: "/x", Allow: []string{"::1"}}
		spoil(&d)
		err := d.Check("test: config", "place", "/x", "peers")
		var f *fault.Error
		if (key == "") != (err == nil) || err != nil && (!errors.As(err, &f) || f.Kind != fault.Invalid || f.Op != "test: config" || f.Subject != key) {
			t.Errorf("%q: %v", key, err)
		}
	}
	nobody := Door{Listen: "127.0.0.1:0", Path: "/x"}
	if err := nobody.Check("test: config", "place", "/x", "the peers"); err == nil || !strings.Contains(err.Error(), "the peers") {
		t.Errorf("nobody may connect: %v", err)
	}
}

// TestConns: connections beyond the limit are closed at once and counted.
func TestConns(t *testing.T) {
	t.Parallel()
	conns := &Conns{Most: 2}
	srv := NewServer(http.NotFoundHandler(), conns, slog.New(slog.DiscardHandler))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(l) }()
	defer func() {
		_ = srv.Close() // its connections have nothing to tell
		if err := <-done; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	}()
	for n := range 3 {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = c.Close() }() // the test is over
		if _, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil && n < 2 {
			t.Fatal(err)
		}
		if err := c.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
			t.Fatal(err)
		}
		got, err := c.Read(make([]byte, 1))
		if served := err == nil && got == 1; served != (n < 2) {
			t.Errorf("connection %d: %d bytes, %v", n+1, got, err)
		}
	}
	if conns.Refused.Load() != 1 {
		t.Errorf("%d were refused", conns.Refused.Load())
	}
}
