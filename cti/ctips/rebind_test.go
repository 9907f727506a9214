package ctips

import (
	"context"
	"encoding/binary"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// names answers every question for an IPv4 address with the same one.
type names struct{ addr atomic.Pointer[netip.Addr] }

// serve answers until the socket is closed.
func (n *names) serve(c net.PacketConn) {
	question := make([]byte, 512)
	for {
		size, from, err := c.ReadFrom(question)
		if err != nil {
			return
		}
		end := 12
		for question[end] != 0 {
			end += 1 + int(question[end])
		}
		end += 5 // the root, type and class
		if size < end {
			continue
		}
		answer := append([]byte{}, question[:end]...)
		answer[2], answer[3] = 0x81, 0x80                                              // a response, no error
		copy(answer[6:12], make([]byte, 6))                                            // no records
		if binary.BigEndian.Uint16(question[end-4:]) == 1 && n.addr.Load().IsValid() { // an A record, for no time
			answer[7] = 1
			answer = append(answer, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4)
			answer = append(answer, n.addr.Load().AsSlice()...)
		}
		_, _ = c.WriteTo(answer, from) // who asked may have left
	}
}

// A name that leads to the client when the session is opened, and to something
// inside later, leads nowhere then: the address is looked at with every
// connection. It sets the resolver of the process and so runs alone.
func TestRebinding(t *testing.T) {
	socket, err := net.ListenPacket("udp", "127.0.0.1:0") //nolint:noctx // a test
	if err != nil {
		t.Fatal(err)
	}
	n := &names{}
	set := func(addr string) { a := netip.MustParseAddr(addr); n.addr.Store(&a) }
	set("127.0.0.1")
	go n.serve(socket)
	t.Cleanup(func() { _ = socket.Close() })
	old := net.DefaultResolver
	t.Cleanup(func() { net.DefaultResolver = old })
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "udp", socket.LocalAddr().String())
	}}

	r := newRig(t, func(c *Config) { c.HeartbeatInterval, c.MissedHeartbeats = 50*time.Millisecond, 3 })
	s := newSink(t)
	port := s.URL[strings.LastIndexByte(s.URL, ':'):]
	var hits atomic.Int64
	l, err := net.Listen("tcp", "127.0.0.2"+port) //nolint:noctx // a test
	if err != nil {
		t.Fatal(err)
	}
	inside := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hits.Add(1) }))
	_ = inside.Listener.Close() // that of any port
	inside.Listener = l
	inside.Start()
	t.Cleanup(inside.Close)

	answer := r.opens(openArgs("http://crm.rebind.test" + port + "/x"))
	if answer.Status != 0 {
		t.Fatalf("not opened: %+v", answer)
	}
	c := &client{r, s, answer.SessionID, 1}
	c.all()
	set("127.0.0.2")
	c.must("OnLine", &OnLineArgs{c.head()})
	eventually(t, "the session is closed", func() bool { return r.srv.Stats().Ended[EndHeartbeat] == 1 })
	if denied := r.srv.Callbacks().Denied.Load(); hits.Load() != 0 || denied == 0 {
		t.Errorf("%d requests reached the inside, %d connections were denied", hits.Load(), denied)
	}
	if got := r.opens(openArgs("http://crm.rebind.test" + port + "/x")); got.Status != int32(StatusCallbackURL) {
		t.Errorf("opened again: %+v", got)
	}
}
