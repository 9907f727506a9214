package ctips

import (
	"context"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"strowger/cti/ctitest"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// A stored password fits its own alone, and what is damaged is refused without
// being shown.
func TestStoredPasswords(t *testing.T) {
	t.Parallel()
	hash, err := HashPassword("pässword $1")
	if err != nil {
		t.Fatal(err)
	}
	again, err := HashPassword("pässword $1")
	if err != nil || again == hash {
		t.Errorf("the same twice: %s, %v", again, err)
	}
	h, err := parseHash(hash)
	if err != nil || !h.fits("pässword $1") || h.fits("pässword $2") || h.fits("") || h.rounds != hashRounds {
		t.Errorf("%+v, %v", h, err)
	}
	// Made by another program: python3 -c "hashlib.pbkdf2_hmac('sha256', b'password', b'saltsalt', 10000)".
	h, err = parseHash("pbkdf2-sha256$10000$c2FsdHNhbHQ$8AsC4H/147lFlEEMCnL1JMziEIWaSGvXLB7jM4MIJaM")
	if err != nil || !h.fits("password") {
		t.Errorf("another program's: %v", err)
	}
	parts := strings.Split(hash, "$")
	for i, bad := range []string{"bcrypt", "1", "!", "!"} {
		damaged := append([]string{}, parts...)
		damaged[i] = bad
		text := strings.Join(damaged, "$")
		if err := CheckHash(text); !fault.Is(err, fault.Invalid) || strings.Contains(err.Error(), parts[3]) {
			t.Errorf("%s: %v", text, err)
		}
	}
	for _, text := range []string{"", "secret", strings.Join(parts[:3], "$"), hash + "$", "pbkdf2-sha256$99999999$c2FsdHNhbHQ$" + parts[3], "pbkdf2-sha256$600000$YQ$" + parts[3]} {
		if err := CheckHash(text); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// directoryForTests knows one user.
type directoryForTests struct{ err error }

func (d directoryForTests) Login(_ context.Context, user, password string) ([]Right, error) {
	if d.err != nil {
		return nil, d.err
	}
	if user != "dora" || password != "Directory-1" {
		return nil, fault.New(fault.Denied, "directory", "", "wrong")
	}
	return []Right{RightMonitor}, nil
}

func (d directoryForTests) Same(other Directory) bool { return other == d }

// letting is who checks passwords, of these users.
func letting(t *testing.T, list []User, d Directory) (*auth, *users) {
	t.Helper()
	a, err := newAuth()
	if err != nil {
		t.Fatal(err)
	}
	among, err := newUsers(list, d)
	if err != nil {
		t.Fatal(err)
	}
	return a, among
}

// Listed users and the directory's are let in; too many wrong passwords shut an
// address out for a while, and a password that was right is known again.
func TestLogin(t *testing.T) {
	t.Parallel()
	hash := ctitest.StoredPassword("Secret-01")
	a, among := letting(t, []User{{Name: "Test01", Hash: hash, Rights: []Right{RightCall}, Tenants: []int32{2}}}, directoryForTests{})
	peer := netip.MustParseAddr("192.0.2.1")
	try := func(user, password string) (*account, error) {
		return a.login(t.Context(), among, peer, user, password)
	}
	who, err := try("Test01", "Secret-01")
	if err != nil || !who.may(RightCall) || who.may(RightMonitor) || !who.may("") || who.serves(1) || !who.serves(2) {
		t.Errorf("%+v, %v", who, err)
	}
	began := time.Now()
	for range 1000 {
		if _, err := try("Test01", "Secret-01"); err != nil {
			t.Fatal(err)
		}
	}
	if took := time.Since(began); took > 5*time.Second { // a thousand hashes would take minutes
		t.Errorf("known passwords took %v", took)
	}
	if who, err = try("dora", "Directory-1"); err != nil || !who.may(RightMonitor) || !who.serves(1) {
		t.Errorf("%+v, %v", who, err)
	}
	for i, bad := range [][2]string{
		{"Test01", "Directory-1"},
		{"test01", "Secret-01"},
		{"dora", "Secret-01"},
		{"dora", ""},
		{"", "x"},
		{"Test01", strings.Repeat("x", maxPassword+1)},
		{strings.Repeat("x", maxUserName+1), "x"},
		{"Test01", "secret-01"},
		{"Test01", "Secret-01 "},
		{"Test01\x00Secret", "-01"},
	} {
		if _, err := try(bad[0], bad[1]); !fault.Is(err, fault.Denied) {
			t.Errorf("%d: %v", i, err)
		}
	}
	if _, err := try("Test01", "Secret-01"); !fault.Is(err, fault.Busy) {
		t.Errorf("after ten wrong ones: %v", err)
	}
	if _, err := a.login(t.Context(), among, netip.MustParseAddr("192.0.2.2"), "Test01", "Secret-01"); err != nil {
		t.Errorf("another address: %v", err)
	}
	if a.Stats.Wrong.Load() != 10 || a.Stats.Blocked.Load() != 1 {
		t.Errorf("%d wrong, %d blocked", a.Stats.Wrong.Load(), a.Stats.Blocked.Load())
	}
	among.directory = directoryForTests{fault.New(fault.Unavailable, "directory", "", "gone")}
	if _, err := a.login(t.Context(), among, netip.MustParseAddr("192.0.2.2"), "dora", "Directory-1"); !fault.Is(err, fault.Unavailable) || a.Stats.Failed.Load() != 1 {
		t.Errorf("without the directory: %v", err)
	}
}

// Every setting is checked; what is wrong is named.
func TestConfig(t *testing.T) {
	t.Parallel()
	hash := ctitest.StoredPassword("x")
	fine := DefaultConfig()
	if err := fine.Validate(); err != nil {
		t.Errorf("the defaults: %v", err)
	}
	for want, adjust := range map[string]func(*Config){
		"listen":             func(c *Config) { c.Listen = "8731" },
		"path":               func(c *Config) { c.Path = "/CTIPS/" },
		"public_url":         func(c *Config) { c.PublicURL = "cti.example" },
		"trusted_proxies":    func(c *Config) { c.TrustedProxies = []string{"proxy"} },
		"allowClients":       func(c *Config) { c.AllowClients = nil },
		"tlsKey":             func(c *Config) { c.TLS.Cert = "x" },
		"users":              func(c *Config) { c.AllowClients = []string{"10.0.0.0/8"} },
		"users.0":            func(c *Config) { c.Users = []User{{Name: "a", Hash: "secret", Rights: Rights()}} },
		"users.1":            func(c *Config) { c.Users = []User{{"a", hash, Rights(), nil}, {"a", hash, Rights(), nil}} },
		"site":               func(c *Config) { c.Site = 0 },
		"max_connections":    func(c *Config) { c.MaxConnections = 0 },
		"heartbeat_interval": func(c *Config) { c.HeartbeatInterval = 2 * time.Hour },
		"missed_heartbeats":  func(c *Config) { c.MissedHeartbeats = 1000 },
		"from 1ms to 1h0m0s": func(c *Config) { c.HeartbeatInterval = 1 },
		"from 1 to 999":      func(c *Config) { c.MissedHeartbeats = 0 },
		"callback_timeout":   func(c *Config) { c.CallbackTimeout = 0 },
		"queue_length":       func(c *Config) { c.QueueLength = 0 },
		"request_timeout":    func(c *Config) { c.RequestTimeout = 0 },
		"idle_timeout":       func(c *Config) { c.IdleTimeout = 0 },
		"max_body":           func(c *Config) { c.MaxBody = 0 },
		"max_in_flight":      func(c *Config) { c.MaxInFlight = 0 },
		"user_data_length":   func(c *Config) { c.UserDataLength = 10_000 },
		"member_order":       func(c *Config) { c.Order = 7 },
		"tenants.1":          func(c *Config) { c.Tenants = []Tenant{{ID: 1}, {ID: 1}} },
		"tenants.2":          func(c *Config) { c.Tenants = []Tenant{{ID: 1}, {ID: 2}, {ID: 3, All: true}} },
		"tenants.3": func(c *Config) {
			c.Tenants = []Tenant{{ID: 1, Queues: []callmodel.QueueID{"a"}}, {ID: 2}, {ID: 3}, {ID: 4, Queues: []callmodel.QueueID{"b", "a"}}}
		},
		"tenants.4": func(c *Config) {
			c.Tenants = []Tenant{{ID: 1, Agents: []callmodel.AgentID{"a"}}, {ID: 2}, {ID: 3}, {ID: 4}, {ID: 5, Agents: []callmodel.AgentID{"a"}}}
		},
		"callback_allow":  func(c *Config) { c.CallbackAllow = []string{"crm.example"} },
		"callback_key":    func(c *Config) { c.CallbackTLS.Cert = "x" },
		"user_data_names": func(c *Config) { c.UserDataNames = []string{"one", "one"} },
	} {
		c := DefaultConfig()
		adjust(&c)
		if err := c.Validate(); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
	for name, u := range map[string]User{
		"no rights": {"a", hash, nil, nil}, `no right "root"`: {"a", hash, []Right{"root"}, nil}, "no tenant 5": {"a", hash, Rights(), []int32{5}}, "no name": {"", hash, Rights(), nil},
	} {
		c := DefaultConfig()
		c.Users = []User{u}
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, n := range []int{1, 999} {
		edge := DefaultConfig()
		if edge.MissedHeartbeats = n; edge.Validate() != nil {
			t.Errorf("%d missed heartbeats are refused", n)
		}
	}
	listed := DefaultConfig()
	listed.AllowClients, listed.Users = []string{"10.0.0.0/8"}, []User{{"a", hash, Rights(), []int32{1}}}
	if err := listed.Validate(); err != nil {
		t.Errorf("listed users: %v", err)
	}
}

// How long a wrong password takes does not tell who is listed, nor with which
// rounds.
func TestWrongPasswordsCostTheSame(t *testing.T) {
	t.Parallel()
	const slow = 150_000
	light := "pbkdf2-sha256$10000$c2FsdHNhbHQ$8AsC4H/147lFlEEMCnL1JMziEIWaSGvXLB7jM4MIJaM"
	heavy := strings.Replace(light, "10000", strconv.Itoa(slow), 1)
	a, among := letting(t, []User{{Name: "light", Hash: light, Rights: Rights()}, {Name: "heavy", Hash: heavy, Rights: Rights()}}, nil)
	took := map[string]time.Duration{}
	for i := range byte(3) {
		for _, user := range []string{"light", "heavy", "nobody"} {
			began := time.Now()
			if _, err := a.login(t.Context(), among, netip.AddrFrom4([4]byte{192, 0, 2, i}), user, "wrong"); !fault.Is(err, fault.Denied) {
				t.Fatal(err)
			}
			if d := time.Since(began); took[user] == 0 || d < took[user] {
				took[user] = d
			}
		}
	}
	if low, high := min(took["light"], took["heavy"], took["nobody"]), max(took["light"], took["heavy"], took["nobody"]); high > 4*low {
		t.Errorf("%v", took)
	}
}

// Passwords that are tried side by side are not more than those one after
// another.
func TestGuessesSideBySide(t *testing.T) {
	t.Parallel()
	a, among := letting(t, []User{{Name: "a", Hash: "pbkdf2-sha256$10000$c2FsdHNhbHQ$8AsC4H/147lFlEEMCnL1JMziEIWaSGvXLB7jM4MIJaM", Rights: Rights()}}, nil)
	for range checksAtOnce { // all come before the first is looked at
		a.slots <- struct{}{}
	}
	const all = 60
	var wg sync.WaitGroup
	var inLine atomic.Int64
	for i := range all {
		wg.Go(func() {
			inLine.Add(1)
			_, _ = a.login(t.Context(), among, netip.MustParseAddr("192.0.2.1"), "a", "guess "+strconv.Itoa(i))
		})
	}
	eventually(t, "all are in line", func() bool { return inLine.Load() == all })
	for range checksAtOnce {
		<-a.slots
	}
	wg.Wait()
	if wrong, blocked := a.Stats.Wrong.Load(), a.Stats.Blocked.Load(); wrong > 10+checksAtOnce || wrong+blocked != all {
		t.Errorf("%d were looked at, %d refused", wrong, blocked)
	}
}

// Without users every name is taken, but none that would not be taken from a user.
func TestOpenLogin(t *testing.T) {
	t.Parallel()
	a, among := letting(t, nil, nil)
	peer := netip.MustParseAddr("127.0.0.1")
	if who, err := a.login(t.Context(), among, peer, "anybody", ""); err != nil || who.name != "anybody" || !who.may(RightPanic) {
		t.Errorf("%+v, %v", who, err)
	}
	for _, name := range []string{"", strings.Repeat("x", maxUserName+1)} {
		if _, err := a.login(t.Context(), among, peer, name, "x"); !fault.Is(err, fault.Denied) {
			t.Errorf("a name of %d characters: %v", len(name), err)
		}
	}
}
