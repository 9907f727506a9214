package directory

import (
	"context"
	"crypto/tls"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"

	"strowger/cti/ctips"
	"strowger/cti/ctitest"
	"strowger/switch/fault"
)

// server is an LDAP server with a few entries.
type server struct {
	passwords map[string]string              // by what is bound as
	entries   map[string]map[string][]string // attributes by DN
	hidden    bool                           // nothing can be read
	silent    bool                           // nothing is answered

	mu    sync.Mutex
	binds []string
}

const (
	people = "ou=people,dc=example"
	ctiDN  = "cn=cti,ou=groups,dc=example"
	bossDN = "cn=boss,ou=groups,dc=example"
)

func newServer() *server {
	anna, bernd := "uid=anna,"+people, `uid=bernd\, the 2nd,`+people
	return &server{
		passwords: map[string]string{anna: "Anna-1", bernd: "Bernd-1", "uid=carla," + people: "Carla-1", "dora@corp.example": "Dora-1"},
		entries: map[string]map[string][]string{
			anna: {"memberOf": {"CN=CTI,ou=Groups,dc=example"}}, bernd: {}, "uid=carla," + people: {},
			"cn=Dora,cn=Users,dc=corp": {"sAMAccountName": {"dora"}, "memberOf": {ctiDN, bossDN}},
			bossDN:                     {"member": {bernd}},
		},
	}
}

// serve answers at an address until the test ends.
func (s *server) serve(t *testing.T, secure *tls.Config) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // a test
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	t.Cleanup(func() { _ = l.Close(); wg.Wait() })
	scheme := "ldap://"
	plain := l
	if secure != nil {
		scheme, l = "ldaps://", tls.NewListener(l, secure)
	}
	wg.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { s.talk(conn) })
		}
	})
	return scheme + plain.Addr().String()
}

func (s *server) talk(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	for {
		p, err := ber.ReadPacket(conn)
		if err != nil || len(p.Children) < 2 {
			return
		}
		if s.silent {
			continue
		}
		id, op := p.Children[0].Value.(int64), p.Children[1]
		var answers []*ber.Packet
		switch op.Tag {
		case ldap.ApplicationBindRequest:
			answers = []*ber.Packet{result(ldap.ApplicationBindResponse, s.bind(op.Children[1].Value.(string), op.Children[2].Data.String()))}
		case ldap.ApplicationSearchRequest:
			answers = s.search(op)
		default:
			return
		}
		for _, a := range answers {
			out := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSequence, nil, "")
			out.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, id, ""))
			out.AppendChild(a)
			if _, err := conn.Write(out.Bytes()); err != nil {
				return
			}
		}
	}
}

func text(s string) *ber.Packet {
	return ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, s, "")
}

func result(tag ber.Tag, code uint16) *ber.Packet {
	p := ber.Encode(ber.ClassApplication, ber.TypeConstructed, tag, nil, "")
	p.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagEnumerated, int64(code), ""))
	p.AppendChild(text(""))
	p.AppendChild(text(""))
	return p
}

func (s *server) bind(as, password string) uint16 {
	s.mu.Lock()
	s.binds = append(s.binds, as)
	s.mu.Unlock()
	if password == "" {
		return ldap.LDAPResultSuccess // as nobody
	}
	if s.passwords[as] == password {
		return ldap.LDAPResultSuccess
	}
	return ldap.LDAPResultInvalidCredentials
}

func (s *server) search(op *ber.Packet) []*ber.Packet {
	base, scope := op.Children[0].Value.(string), op.Children[1].Value.(int64)
	filter, err := ldap.DecompileFilter(op.Children[6])
	if err != nil || s.hidden {
		return []*ber.Packet{result(ldap.ApplicationSearchResultDone, ldap.LDAPResultInsufficientAccessRights)}
	}
	var out []*ber.Packet
	for dn, attributes := range s.entries {
		inside := dn == base || scope == ldap.ScopeWholeSubtree && strings.HasSuffix(dn, ","+base)
		if !inside || !fits(filter, attributes) {
			continue
		}
		p := ber.Encode(ber.ClassApplication, ber.TypeConstructed, ldap.ApplicationSearchResultEntry, nil, "")
		p.AppendChild(text(dn))
		list := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSequence, nil, "")
		a := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSequence, nil, "")
		a.AppendChild(text("memberOf"))
		values := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSet, nil, "")
		for _, v := range attributes["memberOf"] {
			values.AppendChild(text(v))
		}
		a.AppendChild(values)
		list.AppendChild(a)
		p.AppendChild(list)
		out = append(out, p)
	}
	code := uint16(ldap.LDAPResultSuccess)
	if len(out) == 0 && scope == ldap.ScopeBaseObject && s.entries[base] == nil {
		code = ldap.LDAPResultNoSuchObject
	}
	return append(out, result(ldap.ApplicationSearchResultDone, code))
}

// fits knows the filters of this test.
func fits(filter string, attributes map[string][]string) bool {
	if filter == "(objectClass=*)" {
		return true
	}
	for name, values := range attributes {
		for _, v := range values {
			if strings.Contains(filter, "("+name+"="+ldap.EscapeFilter(v)+")") {
				return true
			}
		}
	}
	return false
}

func config(url string) Config {
	return Config{
		URL: url, Bind: "uid=%s," + people,
		Groups: []Group{{ctiDN, []ctips.Right{ctips.RightMonitor, ctips.RightCall}}, {bossDN, []ctips.Right{ctips.RightPanic, ctips.RightCall}}},
	}
}

func login(t *testing.T, cfg Config, user, password string) (string, error) {
	t.Helper()
	d, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	rights, err := d.Login(t.Context(), user, password)
	out := ""
	for _, r := range rights {
		out += string(r) + " "
	}
	return out, err
}

// Names and passwords are the directory's to judge; groups give rights, by the
// user's entry or by their own.
func TestLogin(t *testing.T) {
	t.Parallel()
	s := newServer()
	cfg := config(s.serve(t, nil))
	for _, tt := range []struct{ user, password, want string }{
		{"anna", "Anna-1", "call monitor "},
		{"bernd, the 2nd", "Bernd-1", "call panic "}, // the name is escaped
	} {
		if got, err := login(t, cfg, tt.user, tt.password); err != nil || got != tt.want {
			t.Errorf("%s: %q, %v", tt.user, got, err)
		}
	}
	for user, password := range map[string]string{
		"anna": "anna-1", "ANNA": "Anna-2", "nobody": "x", "carla": "Carla-1", "bernd": "", "": "x", "anna,ou=people,dc=example": "Anna-1", "*": "Anna-1",
	} {
		if got, err := login(t, cfg, user, password); !fault.Is(err, fault.Denied) || got != "" || strings.Contains(err.Error(), password) && password != "" && password != "x" {
			t.Errorf("%q: %q, %v", user, got, err)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if slices.Contains(s.binds, "uid=,"+people) || slices.Contains(s.binds, "uid=anna,ou=people,dc=example,"+people) {
		t.Errorf("bound as %q", s.binds)
	}
}

// Active Directory's way: bound by principal, found by account name.
func TestPrincipal(t *testing.T) {
	t.Parallel()
	s := newServer()
	cfg := config(s.serve(t, nil))
	cfg.Bind, cfg.Base, cfg.Filter = "%s@corp.example", "dc=corp", "(sAMAccountName=%s)"
	if got, err := login(t, cfg, "dora", "Dora-1"); err != nil || got != "call monitor panic " {
		t.Errorf("%q, %v", got, err)
	}
	for _, user := range []string{"dora@corp.example", "dora)(uid=*", "CORP\\dora", "do ra"} {
		if _, err := login(t, cfg, user, "Dora-1"); !fault.Is(err, fault.Denied) {
			t.Errorf("%s: %v", user, err)
		}
	}
	if n := len(s.binds); n != 1 {
		t.Errorf("%d binds: names that are no principals must not be sent", n)
	}
	cfg.Filter = "(uid=%s)"
	if _, err := login(t, cfg, "dora", "Dora-1"); !fault.Is(err, fault.Denied) {
		t.Errorf("no entry: %v", err)
	}
}

// A user who may not read gets no rights; a directory that is gone, stalls or
// shows another's certificate is not a wrong password.
func TestTroubles(t *testing.T) {
	t.Parallel()
	s := newServer()
	s.hidden = true
	if _, err := login(t, config(s.serve(t, nil)), "anna", "Anna-1"); !fault.Is(err, fault.Denied) {
		t.Errorf("nothing can be read: %v", err)
	}
	if _, err := login(t, config("ldap://127.0.0.1:1"), "anna", "Anna-1"); !fault.Is(err, fault.Unavailable) {
		t.Errorf("nobody is there: %v", err)
	}
	stalled := newServer()
	stalled.silent = true
	cfg := config(stalled.serve(t, nil))
	cfg.Timeout = 50 * time.Millisecond
	if _, err := login(t, cfg, "anna", "Anna-1"); !fault.Is(err, fault.Unavailable) {
		t.Errorf("nothing is answered: %v", err)
	}
	cfg.Timeout = time.Minute
	d, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := d.Login(gone, "anna", "Anna-1"); !fault.Is(err, fault.Unavailable) {
		t.Errorf("the request is over: %v", err)
	}
}

func TestTLS(t *testing.T) {
	t.Parallel()
	cert, key, _ := ctitest.Certificate(t)
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	s := newServer()
	cfg := config(s.serve(t, &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}))
	if _, err := login(t, cfg, "anna", "Anna-1"); !fault.Is(err, fault.Unavailable) || len(s.binds) != 0 {
		t.Errorf("an unknown authority: %v, bound %d times", err, len(s.binds))
	}
	cfg.CA = cert
	if got, err := login(t, cfg, "anna", "Anna-1"); err != nil || got != "call monitor " {
		t.Errorf("%q, %v", got, err)
	}
}

func TestConfig(t *testing.T) {
	t.Parallel()
	for i, tt := range []struct {
		key    string
		adjust func(*Config)
	}{
		{"url", func(c *Config) { c.URL = "ldap.example" }},
		{"url", func(c *Config) { c.URL = "ldap://ldap.example" }},
		{"url", func(c *Config) { c.URL = "http://ldap.example" }},
		{"bind", func(c *Config) { c.Bind = "uid=anna,dc=example" }},
		{"bind", func(c *Config) { c.Bind = "%s@corp.example" }},
		{"filter", func(c *Config) { c.Base = "dc=example" }},
		{"filter", func(c *Config) { c.Base, c.Filter = "dc=example", "(uid=anna)" }},
		{"filter", func(c *Config) { c.Base, c.Filter = "dc=example", "(uid=%s" }},
		{"groups", func(c *Config) { c.Groups = nil }},
		{"groups", func(c *Config) { c.Groups = []Group{{"cti", ctips.Rights()}} }},
		{"groups", func(c *Config) { c.Groups = []Group{{ctiDN, []ctips.Right{"root"}}} }},
		{"none.pem", func(c *Config) { c.CA = "none.pem" }},
	} {
		cfg := config("ldaps://ldap.example")
		tt.adjust(&cfg)
		if _, err := New(cfg); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), tt.key) {
			t.Error(strconv.Itoa(i), tt.key, err)
		}
	}
	if _, err := New(config("ldaps://ldap.example")); err != nil {
		t.Error(err)
	}
}

// A directory that is reached in another way says the same, one that gives
// other rights does not.
func TestSame(t *testing.T) {
	t.Parallel()
	of := func(adjust func(*Config)) *Directory {
		cfg := config("ldap://127.0.0.1:389")
		adjust(&cfg)
		d, err := New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	first := of(func(*Config) {})
	for name, tt := range map[string]struct {
		adjust func(*Config)
		same   bool
	}{
		"itself":  {func(*Config) {}, true},
		"timeout": {func(c *Config) { c.Timeout = time.Minute }, true},
		"server":  {func(c *Config) { c.URL = "ldap://127.0.0.1:390" }, false},
		"bind":    {func(c *Config) { c.Bind = "cn=%s," + people }, false},
		"rights":  {func(c *Config) { c.Groups[0].Rights = []ctips.Right{ctips.RightMonitor} }, false},
		"groups":  {func(c *Config) { c.Groups = c.Groups[:1] }, false},
	} {
		if got := first.Same(of(tt.adjust)); got != tt.same {
			t.Errorf("%s: %v", name, got)
		}
	}
	if first.Same(nil) {
		t.Error("none is the same")
	}
}
