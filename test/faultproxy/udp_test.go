package faultproxy_test

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"strowger/test/faultproxy"
)

// echoUDP sends datagrams back.
func echoUDP(t *testing.T) string {
	t.Helper()
	c, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetReadBuffer(1 << 20)
	go func() {
		buf := make([]byte, 2000)
		for {
			n, from, err := c.ReadFromUDP(buf)
			if err != nil {
				return
			}
			_, _ = c.WriteToUDP(buf[:n], from)
		}
	}()
	return c.LocalAddr().String()
}

func TestUDP(t *testing.T) {
	const many = 200
	for _, c := range []struct {
		name  string
		fault faultproxy.Fault
		ok    func(got []string) bool
	}{
		{"loss", faultproxy.Fault{Mode: faultproxy.Drop, Share: 0.3, Ways: faultproxy.ToServer}, func(got []string) bool { return len(got) > many/2 && len(got) < many*9/10 }},
		{"doubled", faultproxy.Fault{Mode: faultproxy.Dup, Ways: faultproxy.ToServer}, func(got []string) bool { return len(got) == 2*many }},
		{"reordered", faultproxy.Fault{Mode: faultproxy.Reorder, Delay: 30 * time.Millisecond, Ways: faultproxy.ToClient}, func(got []string) bool {
			return len(got) == many && !slices.IsSorted(got)
		}},
		{"cut short", faultproxy.Fault{Mode: faultproxy.Truncate, Bytes: 3, Ways: faultproxy.ToServer}, func(got []string) bool {
			return len(got) == many && got[0] == "dat"
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := startProxy(t, faultproxy.Config{Network: "udp", Target: echoUDP(t), Seed: 3})
			a := inject(t, p, c.fault)
			conn, err := net.Dial("udp", p.Addr())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = conn.Close() }()
			udp, _ := conn.(*net.UDPConn)
			_ = udp.SetReadBuffer(1 << 20)
			for n := range many {
				say(t, conn, fmt.Sprintf("datagram %04d", n))
			}
			var got []string
			buf := make([]byte, 2000)
			for {
				_ = conn.SetReadDeadline(time.Now().Add(500 * time.Millisecond))
				n, err := conn.Read(buf)
				if err != nil {
					break
				}
				got = append(got, string(buf[:n]))
			}
			if !c.ok(got) {
				t.Errorf("%d datagrams: %.200s", len(got), strings.Join(got, ","))
			}
			bitten(t, a)
		})
	}
}

func TestParseFault(t *testing.T) {
	f, err := faultproxy.ParseFault(`reply way=server path=/ari/x method=POST status=503 type=text/html body="out of \"order\"" cutbody=true after=2 count=3 share=0.5`)
	if err != nil {
		t.Fatal(err)
	}
	want := faultproxy.Fault{
		Mode: faultproxy.Reply, Ways: faultproxy.ToServer, Path: "/ari/x", Method: "POST", After: 2, Count: 3, Share: 0.5,
		Answer: faultproxy.Answer{Status: 503, Type: "text/html", Body: `out of "order"`, CutBody: true},
	}
	if fmt.Sprint(f) != fmt.Sprint(want) {
		t.Errorf("got %+v", f)
	}
	for _, text := range []string{"", "drop path", "drop way=up", "drop nothing=1", `drop body="x`, "latency delay=soon"} {
		if _, err := faultproxy.ParseFault(text); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
	p := startProxy(t, faultproxy.Config{Network: "udp", Target: "127.0.0.1:9"})
	for _, text := range []string{"explode", "reset", "latency", "throttle", "reorder", "insert", "reply", "drop path=/x", "drop share=2"} {
		f, err := faultproxy.ParseFault(text)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Inject(f); err == nil {
			t.Errorf("%q is begun over UDP", text)
		}
	}
}
