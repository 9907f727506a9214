package ctips

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"strowger/cti/ctitest"
	"strowger/cti/soap"
	"strowger/switch/fault"
)

// stored is a user whose password costs little to check.
func stored(name, password string, rights ...Right) User {
	if len(rights) == 0 {
		rights = Rights()
	}
	return User{Name: name, Hash: ctitest.StoredPassword(password), Rights: rights}
}

// apply brings a changed configuration into force.
func (r *rig) apply(change func(*Config)) []string {
	r.Helper()
	cfg := r.srv.Config()
	change(&cfg)
	restart, err := Apply([]*Server{r.srv}, []Config{cfg})
	if err != nil {
		r.Fatal(err)
	}
	return restart
}

// as opens a session for a user, and puts it online.
func (r *rig) as(user, password string) *client {
	r.Helper()
	s := newSink(r.T)
	answer := r.opens(r.credentials(s, user, password))
	if answer.Status != 0 {
		r.Fatalf("%s: %+v", user, answer)
	}
	c := &client{r, s, answer.SessionID, 1}
	c.all()
	c.must("OnLine", &OnLineArgs{SessionHead: c.head()})
	return c
}

func (r *rig) credentials(s *sink, user, password string) *OpenConnectionArgs {
	args := openArgs(s.URL)
	args.UserCredentials = &UserCredentials{UserName: user, Password: password}
	return args
}

// over checks that a session has been ended by new settings.
func (c *client) over(ended uint64) {
	c.Helper()
	c.refused("no such session", "OnLine", &OnLineArgs{SessionHead: c.head()})
	if got := c.srv.Stats().Ended[EndSettings]; got != ended {
		c.Errorf("%d sessions ended by new settings, want %d", got, ended)
	}
}

// works checks that a session is asked and hears.
func (c *client) works(t *testing.T, call int32) {
	t.Helper()
	c.hold(1, call, call)
	if got := c.next(t).(*CallHeldEvent); got.CallID != call || got.RequestID != call {
		t.Errorf("got %+v", got)
	}
}

// The session of a user who is removed ends, and of one whose password is
// another now; the others go on, and may do what the settings say at the moment.
func TestUsersChange(t *testing.T) {
	t.Parallel()
	anna, bernd := stored("anna", "Anna-1"), stored("bernd", "Bernd-1")
	r := newRig(t, func(c *Config) { c.Users = []User{anna, bernd} })
	a, b := r.as("anna", "Anna-1"), r.as("bernd", "Bernd-1")
	a.works(t, 1)
	if restart := r.apply(func(c *Config) { c.Users = []User{anna} }); len(restart) != 0 {
		t.Errorf("a restart is wanted for %q", restart)
	}
	b.over(1)
	if got := r.desk.ends(); !slices.Equal(got, []int64{2}) {
		t.Errorf("the desk was told that %v ended", got)
	}
	if got := r.opens(r.credentials(b.sink, "bernd", "Bernd-1")); got.Status != int32(StatusLogin) {
		t.Errorf("a removed user: %+v", got)
	}
	if got := r.srv.Stats().Trouble.Text; got != "a session was not opened (login): user or password is wrong" {
		t.Errorf("the last error is %q", got)
	}
	a.works(t, 2)

	anna.Rights = []Right{RightMonitor, RightAgent}
	r.apply(func(c *Config) { c.Users = []User{anna, bernd} })
	a.refused(`no right "call"`, "HoldCall", &HoldCallArgs{CallHead{AgentHead: a.agent(7, 1), CallID: 1}})
	a.must("GetAgentState", &GetAgentStateArgs{a.agent(7, 5)})
	a.next(t)
	anna.Rights = Rights()
	r.apply(func(c *Config) { c.Users = []User{anna, bernd} })
	a.works(t, 3)

	b = r.as("bernd", "Bernd-1")
	next := stored("anna", "Anna-2")
	r.apply(func(c *Config) { c.Users = []User{next, bernd} })
	a.over(2)
	if got := r.opens(r.credentials(a.sink, "anna", "Anna-1")); got.Status != int32(StatusLogin) {
		t.Errorf("the old password: %+v", got)
	}
	r.as("anna", "Anna-2").works(t, 4)
	b.next(t) // what bernd hears of it

	next.Rights = []Right{RightCall}
	r.apply(func(c *Config) { c.Users = []User{next, bernd} })
	if got := r.srv.Stats(); got.Ended[EndSettings] != 3 || got.Sessions != 1 {
		t.Errorf("without the right to monitor: %+v", got)
	}
	b.works(t, 5)
	if !strings.Contains(r.log.String(), "is to show a password again") || strings.Contains(r.log.String(), "Anna-") {
		t.Error("the log does not say why, or too much")
	}
}

// Who has been let in stays so only by the same proof.
func TestStillLetIn(t *testing.T) {
	t.Parallel()
	gone := fault.New(fault.Unavailable, "directory", "", "gone") // another value
	among := func(d Directory, list ...User) *users {
		u, err := newUsers(list, d)
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	one := stored("dora", "x", RightCall)
	nobody, listed, asked := &account{name: "dora"}, &account{name: "dora", hash: one.Hash}, &account{name: "dora", by: directoryForTests{}}
	for name, tt := range map[string]struct {
		was   *account
		now   *users
		still bool
	}{
		"nobody was asked, nor is now":      {nobody, among(nil), true},
		"nobody was asked, there are users": {nobody, among(nil, one), false},
		"and others":                        {nobody, among(nil, stored("eva", "x")), false},
		"there is a directory":              {nobody, among(directoryForTests{}), false},
		"still listed":                      {listed, among(directoryForTests{}, one), true},
		"listed, now nobody is":             {listed, among(nil), false},
		"listed, now the directory's":       {listed, among(directoryForTests{}), false},
		"the directory's":                   {asked, among(directoryForTests{}, stored("eva", "x")), true},
		"another directory's":               {asked, among(directoryForTests{gone}), false},
		"without a directory":               {asked, among(nil), false},
		"the directory's, now listed":       {asked, among(directoryForTests{}, one), false},
	} {
		if got := tt.now.still(tt.was); (got != nil) != tt.still {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if got := among(nil, one).still(&account{name: "dora", hash: one.Hash, rights: Rights()}); !got.may(RightCall) || got.may(RightPanic) {
		t.Errorf("rights are not those of now: %+v", got)
	}
}

// A session that is opened while its user is removed does not stay.
func TestRemovedWhileOpening(t *testing.T) {
	t.Parallel()
	anna := stored("anna", "Anna-1")
	r := newRig(t, func(c *Config) { c.Users = []User{anna} })
	s := newSink(t)
	s.onStart = func(http.ResponseWriter) bool {
		r.apply(func(c *Config) { c.Users = []User{stored("bernd", "Bernd-1")} })
		return false
	}
	c := &client{r, s, r.opens(r.credentials(s, "anna", "Anna-1")).SessionID, 1}
	c.over(1)
	if n := len(r.srv.Sessions()); n != 0 {
		t.Errorf("%d sessions", n)
	}
}

// Who may connect, and where callbacks may go, holds for open sessions too; of
// the number of sessions those that are there are spared.
func TestAddressesChange(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *Config) { c.MaxConnections = 1 })
	a := r.connect()
	if got := r.opens(openArgs(a.URL)); got.Status != int32(StatusTooMany) {
		t.Errorf("the second: %+v", got)
	}
	r.apply(func(c *Config) { c.MaxConnections = 2 })
	b := r.connect()
	r.apply(func(c *Config) { c.MaxConnections = 1 })
	a.works(t, 1)
	if got := b.next(t).(*CallHeldEvent); got.CallID != 1 {
		t.Errorf("got %+v", got)
	}
	r.apply(func(c *Config) { c.CallbackAllow = []string{"127.0.0.0/8"} })
	a.works(t, 2)
	r.apply(func(c *Config) { c.CallbackAllow = []string{"192.0.2.0/24"} })
	a.over(2)
	b.over(2)
	if got := r.opens(openArgs(a.URL)); got.Status != int32(StatusCallbackURL) {
		t.Errorf("a callback that is not allowed: %+v", got)
	}
	if last := r.srv.Stats().Trouble; !strings.Contains(last.Text, "callback_url") || !strings.Contains(last.Text, "not on the list") || last.At.IsZero() {
		t.Errorf("the last error is %+v", last)
	}
	r.apply(func(c *Config) { c.CallbackAllow = nil })
	c := r.connect()
	r.apply(func(c *Config) { c.AllowClients = []string{"127.0.0.9"} })
	if n := len(r.srv.Sessions()); n != 0 {
		t.Errorf("%d sessions from an address that may not connect", n)
	}
	r.http = from("127.0.0.9")
	c.over(3)
}

// Times and counts change for sessions that wait for them already.
func TestTimesChange(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *Config) { c.HeartbeatInterval, c.MissedHeartbeats = time.Hour, 999 })
	a, idle := r.connect(), r.opened(newSink(t))
	a.beat(t)
	var silent atomic.Bool
	a.onBeat = func(w http.ResponseWriter) bool {
		if silent.Load() {
			http.Error(w, "no", http.StatusTeapot)
		}
		return silent.Load()
	}
	r.apply(func(c *Config) { c.HeartbeatInterval = 5 * time.Millisecond })
	a.beat(t)
	a.beat(t)
	r.apply(func(c *Config) { c.IdleTimeout = 20 * time.Millisecond })
	eventually(t, "the idle session is closed", func() bool { return r.srv.Stats().Ended[EndIdle] == 1 })
	idle.refused("no such session", "OnLine", &OnLineArgs{SessionHead: idle.head()})
	silent.Store(true)
	eventually(t, "heartbeats are missed, and why", func() bool { // before, some may have come too late
		s := r.srv.Sessions()
		return r.srv.Stats().Missed > 3 && len(s) == 1 && strings.Contains(s[0].Trouble.Text, "a heartbeat was not answered: the peer answered HTTP 418")
	})
	r.apply(func(c *Config) { c.MissedHeartbeats = 1 })
	eventually(t, "the session is closed", func() bool { return r.srv.Stats().Ended[EndHeartbeat] == 1 })
}

// What describes the interface, and how requests are read, is of the moment.
func TestRulesOfRequestsChange(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	a := r.connect()
	away := from("127.0.0.5")
	home := r.http
	r.http = away
	a.refused("no such session", "OffLine", &OffLineArgs{a.head()})
	r.http = home
	r.apply(func(c *Config) {
		c.BindAddress, c.PublicURL, c.Namespaces.Service = false, "https://cti.example", "urn:shop"
	})
	r.http = away
	a.works(t, 1)
	resp, err := away.Get(r.url + "?wsdl") //nolint:noctx // a test
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }() // it was read
	var doc strings.Builder
	if err := resp.Write(&doc); err != nil || !strings.Contains(doc.String(), "https://cti.example/CTIPS/AgentCallService") || !strings.Contains(doc.String(), `"urn:shop"`) {
		t.Errorf("%v, %s", err, doc.String())
	}
}

// A renewed certificate is shown to the next connection; one that cannot be read
// leaves everything as it was, at all listeners; what belongs to them waits.
func TestCertificatesChange(t *testing.T) {
	t.Parallel()
	certFile, keyFile, _ := ctitest.Certificate(t)
	secure := func(c *Config) { c.TLS = soap.Certificates{Cert: certFile, Key: keyFile} }
	r, other := newRig(t, secure), newRig(t, nil)
	shown := func() *x509.Certificate {
		conn, err := tls.Dial("tcp", r.srv.Addr(), &tls.Config{InsecureSkipVerify: true})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }() // it was only looked at
		return conn.ConnectionState().PeerCertificates[0]
	}
	first := shown()
	otherCert, otherKey, _ := ctitest.Certificate(t)
	for from, to := range map[string]string{otherCert: certFile, otherKey: keyFile} {
		if err := os.Rename(from, to); err != nil {
			t.Fatal(err)
		}
	}
	if !shown().Equal(first) {
		t.Error("the certificate changed by itself")
	}
	r.apply(func(*Config) {})
	second := shown()
	if second.Equal(first) {
		t.Error("the old certificate is still shown")
	}
	restart := r.apply(func(c *Config) {
		c.TLS, c.MaxBody, c.Path, c.MaxInFlight, c.Site = soap.Certificates{}, 2000, "/x", 3, 7
	})
	if !slices.Equal(restart, []string{"max_body", "max_in_flight", "path", "tls_cert"}) {
		t.Errorf("a restart is wanted for %q", restart)
	}
	if cfg := r.srv.Config(); !shown().Equal(second) || cfg.Site != 7 || cfg.Path != DefaultPath || cfg.MaxBody != DefaultMaxBody || cfg.TLS.Cert != certFile {
		t.Errorf("in force: %+v", cfg)
	}
	if restart := r.apply(func(c *Config) { c.Listen, c.TLS = "127.0.0.1:1", soap.Certificates{} }); !slices.Equal(restart, []string{"listen"}) || !r.srv.Secure() {
		t.Errorf("a restart is wanted for %q, TLS %v", restart, r.srv.Secure())
	}
	if err := os.WriteFile(keyFile, []byte("no key"), 0o600); err != nil {
		t.Fatal(err)
	}
	one, two := other.srv.Config(), r.srv.Config()
	one.Site = 9
	if _, err := Apply([]*Server{other.srv, r.srv}, []Config{one, two}); !fault.Is(err, fault.Invalid) {
		t.Errorf("a broken key: %v", err)
	}
	if !shown().Equal(second) || other.srv.Config().Site != DefaultSite {
		t.Error("a broken key has changed something")
	}
}

// Callbacks of open sessions show the certificate of now, and trust the
// authorities of now.
func TestCallbackCertificatesChange(t *testing.T) {
	t.Parallel()
	cert, key, _ := ctitest.Certificate(t)
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	var certificates atomic.Int64
	s := unstarted()
	s.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, ClientAuth: tls.RequestClientCert, MinVersion: tls.VersionTLS12, VerifyConnection: func(c tls.ConnectionState) error {
		certificates.Store(int64(len(c.PeerCertificates)))
		return nil
	}}
	s.StartTLS()
	t.Cleanup(s.Close)
	r := newRig(t, nil)
	if got := r.opens(openArgs(s.URL)); got.Status != int32(StatusNoAnswer) {
		t.Errorf("an authority that is not known: %+v", got)
	}
	if last := r.srv.Stats().Trouble.Text; last != "a session was not opened (no_answer): the peer cannot be reached: x509: certificate signed by unknown authority" {
		t.Errorf("the last error is %q", last)
	}
	r.apply(func(c *Config) { c.CallbackTLS.CA = cert })
	c := r.opened(s)
	c.all()
	c.must("OnLine", &OnLineArgs{c.head()})
	c.works(t, 1)
	if n := certificates.Load(); n != 0 {
		t.Errorf("%d certificates were shown", n)
	}
	r.apply(func(c *Config) { c.CallbackTLS.Cert, c.CallbackTLS.Key = cert, key })
	c.works(t, 2)
	if n := certificates.Load(); n != 1 {
		t.Errorf("%d certificates were shown", n)
	}
}

// Cookies of a callback outlive a change.
func TestCookiesOutliveSettings(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	s := newSink(t)
	s.onStart = func(w http.ResponseWriter) bool {
		http.SetCookie(w, &http.Cookie{Name: "affinity", Value: "node-7"})
		return false
	}
	c := r.opened(s)
	c.all()
	c.must("OnLine", &OnLineArgs{c.head()})
	r.apply(func(c *Config) { c.CallbackTimeout = 2 * time.Second })
	c.works(t, 1)
	s.mu.Lock()
	defer s.mu.Unlock()
	if last := s.cookies[len(s.cookies)-1]; last != "PublishCTIEvent affinity=node-7" {
		t.Errorf("the event came with %q", last)
	}
}

// Fewer events may wait: a session that has more waiting is closed at the next.
func TestQueueLengthChanges(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	a := r.connect()
	open := make(chan struct{})
	a.onEvent = func(Event, http.ResponseWriter) bool { <-open; return false }
	for call := range int32(5) {
		a.hold(1, call+1, 0)
	}
	r.apply(func(c *Config) { c.QueueLength = 2 })
	a.hold(1, 9, 0)
	eventually(t, "the slow session is closed", func() bool { return r.srv.Stats().Ended[EndSlow] == 1 })
	close(open)
	if last := r.srv.Stats().Trouble.Text; !strings.Contains(last, "slower than the events") {
		t.Errorf("the last error is %q", last)
	}
}

// Settings change again and again while clients come, ask and go: nobody who is
// allowed all the time loses an event or a session.
func TestSettingsChangeUnderTraffic(t *testing.T) {
	t.Parallel()
	anna, bernd := stored("anna", "Anna-1"), stored("bernd", "Bernd-1")
	r := newRig(t, func(c *Config) { c.Users, c.MaxConnections = []User{anna, bernd}, 50 })
	a := r.as("anna", "Anna-1")
	var wg sync.WaitGroup
	stop := make(chan struct{})
	wg.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			r.apply(func(c *Config) {
				c.Users = []User{anna, bernd}[:1+i%2]
				c.HeartbeatInterval, c.IdleTimeout = time.Duration(1+i%3)*time.Second, time.Duration(1+i%5)*time.Minute
				c.CallbackAllow = [][]string{nil, {"127.0.0.0/8"}}[i%2]
			})
		}
	})
	for range 2 {
		wg.Go(func() {
			s := newSink(t)
			for {
				select {
				case <-stop:
					return
				default:
				}
				answer, err := r.ask(Namespaces{}, "OpenConnection", r.credentials(s, "bernd", "Bernd-1"))
				if so, is := answer.(*SessionObject); err == nil && is && so.Status == 0 {
					_, _ = r.ask(Namespaces{}, "OnLine", &OnLineArgs{SessionHead{SessionID: so.SessionID, TenantID: 1}}) // it may be over
				}
				for len(s.started) > 0 {
					<-s.started
				}
			}
		})
	}
	for call := range int32(300) {
		a.works(t, call+1)
	}
	close(stop)
	wg.Wait()
	r.apply(func(c *Config) { c.Users = []User{anna} })
	if st := r.srv.Stats(); st.Sessions != 1 || st.Lost != 0 {
		t.Errorf("%+v", st)
	}
}
