package ua

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"strowger/switch/fault"
)

// registrar answers REGISTERs by a script: one status each, the last one for ever.
type registrar struct {
	conn *net.UDPConn
	got  chan message
	done chan struct{}
}

func newRegistrar(t *testing.T, codes ...int) *registrar {
	t.Helper()
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.MustParseAddrPort("127.0.0.1:0")))
	if err != nil {
		t.Fatal(err)
	}
	r := &registrar{conn: conn, got: make(chan message, 64), done: make(chan struct{})}
	t.Cleanup(func() {
		_ = conn.Close()
		<-r.done
	})
	go func() {
		defer close(r.done)
		buf := make([]byte, 65536)
		for n := 0; ; n++ {
			size, from, err := conn.ReadFromUDPAddrPort(buf)
			if errors.Is(err, net.ErrClosed) {
				return
			}
			m := message{text: string(buf[:size])}
			r.got <- m
			_, _ = conn.WriteToUDPAddrPort([]byte(registerAnswer(m, codes[min(n, len(codes)-1)])), from) // a lost answer fails the test by itself
		}
	}()
	return r
}

func registerAnswer(m message, code int) string {
	extra := map[int]string{
		200: "Contact: " + m.header("Contact") + ";expires=1\r\n",
		401: "WWW-Authenticate: Digest realm=\"x\", nonce=\"n\", algorithm=MD5, qop=\"auth\"\r\n",
		423: "Min-Expires: 3600\r\n",
	}[code]
	return fmt.Sprintf("SIP/2.0 %d %s\r\nVia: %s\r\nFrom: %s\r\nTo: %s;tag=r\r\nCall-ID: %s\r\nCSeq: %s\r\n%sContent-Length: 0\r\n\r\n",
		code, reasonOf(code), m.header("Via"), m.header("From"), m.header("To"), m.header("Call-ID"), m.header("CSeq"), extra)
}

func (r *registrar) next(t *testing.T) message {
	t.Helper()
	limit := time.NewTimer(testLimit)
	defer limit.Stop()
	select {
	case m := <-r.got:
		return m
	case <-limit.C:
		t.Fatal("no REGISTER came")
	}
	return message{}
}

func (r *registrar) phone(t *testing.T, password string) *UA {
	t.Helper()
	return newPhone(t, Config{User: "alice", Password: password, Server: r.conn.LocalAddr().String()})
}

// A challenge is answered, the binding is refreshed before it runs out and removed at the end.
func TestRegisterRefreshUnregister(t *testing.T) {
	t.Parallel()
	r := newRegistrar(t, 401, 200)
	u := r.phone(t, "pw")
	if err := u.Register(t.Context()); err != nil {
		t.Fatal(err)
	}
	plain, authed, refresh := r.next(t), r.next(t), r.next(t)
	if plain.header("Authorization") != "" || !strings.Contains(authed.header("Authorization"), `username="alice"`) {
		t.Errorf("credentials: %q then %q", plain.header("Authorization"), authed.header("Authorization"))
	}
	seqs := []string{plain.header("CSeq"), authed.header("CSeq"), refresh.header("CSeq")}
	if strings.Join(seqs, ",") != "1 REGISTER,2 REGISTER,3 REGISTER" || refresh.header("Call-ID") != plain.header("Call-ID") {
		t.Errorf("CSeq %v", seqs)
	}
	r.next(t) // the next refresh: the one before was answered
	if err := u.Unregister(t.Context()); err != nil {
		t.Fatal(err)
	}
	for {
		if m := r.next(t); m.header("Expires") == "0" {
			break
		}
	}
	if s := u.Stats(); s.Registered || s.Registers < 3 {
		t.Errorf("%+v", s)
	}
	if err := u.Unregister(t.Context()); err != nil {
		t.Errorf("second unregister: %v", err)
	}
}

func TestRegisterRefused(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		codes    []int
		password string
		want     fault.Kind
	}{
		{[]int{401}, "", fault.Denied},
		{[]int{401}, "wrong", fault.Denied},
		{[]int{403}, "pw", fault.Denied},
		{[]int{503}, "pw", fault.Unavailable},
		{[]int{423}, "pw", fault.Conflict},
	} {
		r := newRegistrar(t, tc.codes...)
		u := r.phone(t, tc.password)
		if err := u.Register(t.Context()); !fault.Is(err, tc.want) {
			t.Errorf("%v with password %q: %v, want %v", tc.codes, tc.password, err, tc.want)
		}
		if s := u.Stats(); s.Registered || s.RegisterFail != 1 {
			t.Errorf("%v: %+v", tc.codes, s)
		}
	}
}

// 423 names the shortest time, which is then asked for.
func TestRegisterTooBrief(t *testing.T) {
	t.Parallel()
	r := newRegistrar(t, 423, 200)
	if err := r.phone(t, "pw").Register(t.Context()); err != nil {
		t.Fatal(err)
	}
	if a, b := r.next(t).header("Expires"), r.next(t).header("Expires"); a != "120" || b != "3600" {
		t.Errorf("asked for %s, then %s", a, b)
	}
}

// A refresh that fails is tried again.
func TestRefreshRecovers(t *testing.T) {
	t.Parallel()
	r := newRegistrar(t, 200, 503, 200)
	u := r.phone(t, "pw")
	if err := u.Register(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 4 {
		r.next(t)
	}
	if s := u.Stats(); s.RegisterFail != 1 || s.Registers < 2 {
		t.Errorf("%+v", s)
	}
}
