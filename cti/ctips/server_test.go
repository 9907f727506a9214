package ctips

import (
	"context"
	"encoding/xml"
	"errors"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"strowger/cti/ctitest"
	"strowger/cti/soap"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// The reference's sample client (Appendix D): it opens a session, is told so at
// its callback, registers, goes online, and hears a heartbeat and events.
func TestSession(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	c, other := r.connect(), r.connect()
	if got := <-c.started; got.ID != c.id || got.User.UserName != "Test01" || got.User.Password != "Secret-01" {
		t.Errorf("StartSession told %+v", got)
	}
	c.beat(t)
	c.hold(7, 77, 4711)
	c.hold(7, 78, 4712)
	for i, want := range []int32{4711, 4712} {
		mine := c.next(t).(*CallHeldEvent)
		if mine.RequestID != want || mine.CallID != 77+int32(i) || mine.EventType != EventTypeCallHeld || mine.EventCategory != EventCategoryCall || mine.SiteID != 1 {
			t.Errorf("the asker got %+v", mine)
		}
		if theirs := other.next(t).(*CallHeldEvent); theirs.RequestID != 0 || theirs.CallID != mine.CallID {
			t.Errorf("the other got %+v", theirs)
		}
	}
	c.must("GetAgentState", &GetAgentStateArgs{c.agent(7, 5)})
	if got := c.next(t).(*AgentStateChangeEvent); got.RequestID != 5 || got.AgentState != AgentStateIdle {
		t.Errorf("the asker got %+v", got)
	}

	c.must("OffLine", &OffLineArgs{c.head()})
	c.refused("OnLine first", "HoldCall", &HoldCallArgs{CallHead{AgentHead: c.agent(7, 1), CallID: 1}})
	c.refused("OnLine first", "AddMessageClass", &AddMessageClassArgs{SessionHead: c.head(), MessageClass: MessageClassCall})
	other.hold(8, 80, 1)
	if got := other.next(t).(*CallHeldEvent); got.CallID != 80 {
		t.Errorf("the other got %+v: what concerns the asker alone must not reach it", got)
	}
	c.must("OnLine", &OnLineArgs{c.head()})
	c.beat(t)
	c.hold(9, 90, 3)
	if got := c.next(t).(*CallHeldEvent); got.CallID != 90 || got.RequestID != 3 {
		t.Errorf("back online: %+v", got)
	}

	c.must("CloseConnection", &CloseConnectionArgs{c.id})
	c.refused("no such session", "OnLine", &OnLineArgs{c.head()})
	c.refused("no such session", "CloseConnection", &CloseConnectionArgs{c.id})
	if got := r.desk.ends(); len(got) != 1 || got[0] != 1 {
		t.Errorf("the desk was told that %v ended", got)
	}
	other.hold(8, 81, 1)
	if got := other.next(t).(*CallHeldEvent); got.CallID != 90 {
		t.Errorf("the other got %+v", got)
	}
	if got := other.next(t).(*CallHeldEvent); got.CallID != 81 || len(c.events) != 0 {
		t.Errorf("the other got %+v, the closed session %d events", got, len(c.events))
	}
}

// Before it is online a session may register and go online, and nothing else.
func TestOpenedSession(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	c := r.opened(newSink(t))
	c.all()
	c.must("DeleteMessageClass", &DeleteMessageClassArgs{SessionHead: c.head(), MessageClass: MessageClassRoute})
	c.must("DeleteMessageClass", &DeleteMessageClassArgs{SessionHead: c.head(), MessageClass: MessageClassRoute})
	c.must("AddFilter", &AddFilterArgs{SessionHead: c.head(), FieldType: FieldTypeServiceID, FieldValue: "1"})
	c.refused("INVALID", "AddMessageClass", &AddMessageClassArgs{SessionHead: c.head()})
	c.refused("opened; Snapshot needs OnLine first", "Snapshot", &SnapshotArgs{SessionHead: c.head(), EntityType: []EntityType{EntityTypeAgentInfo}})
	c.refused("OnLine first", "OffLine", &OffLineArgs{c.head()})
	c.refused("OnLine first", "LoginAgent", &LoginAgentArgs{RequestHead: RequestHead{SessionID: c.id, TenantID: 1}})
	c.refused("this session is tenant 1's", "OnLine", &OnLineArgs{SessionHead{SessionID: c.id, TenantID: 2}})
	info := r.srv.Sessions()
	if len(info) != 1 || info[0].State != SessionOpened || len(info[0].Classes) != 3 || len(info[0].Filters) != 1 || info[0].User != "Test01" {
		t.Errorf("sessions: %+v", info)
	}
	if len(c.beats) != 0 {
		t.Error("a heartbeat before OnLine")
	}
	c.must("CloseConnection", &CloseConnectionArgs{c.id})
	if st := r.srv.Stats(); st.Sessions != 0 || st.Opened != 1 || st.Ended[EndClosed] != 1 || st.Faults["Snapshot"] != 1 || st.Requests["OnLine"] != 1 {
		t.Errorf("%+v", st)
	}
}

// What stands in the way of a session is told by a status, or by a fault where
// the request is bad or incomplete.
func TestOpenConnectionRefused(t *testing.T) {
	t.Parallel()
	hash := ctitest.StoredPassword("Secret-01")
	r := newRig(t, func(c *Config) {
		c.MaxConnections = 1
		c.Tenants = []Tenant{{ID: 1}, {ID: 2}}
		c.Users = []User{{Name: "Test01", Hash: hash, Rights: []Right{RightMonitor}, Tenants: []int32{1}}}
		c.CallbackTimeout = 2 * time.Second
	})
	s := newSink(t)
	deaf := newSink(t)
	deaf.onStart = func(w http.ResponseWriter) bool { http.Error(w, "no", http.StatusInternalServerError); return true }
	for _, tt := range []struct {
		name   string
		adjust func(*OpenConnectionArgs)
		want   Status
	}{
		{"wrong password", func(a *OpenConnectionArgs) { a.UserCredentials.Password = "secret-01" }, StatusLogin},
		{"no password", func(a *OpenConnectionArgs) { a.UserCredentials.Password = "" }, StatusLogin},
		{"unknown user", func(a *OpenConnectionArgs) { a.UserCredentials.UserName = "Test02" }, StatusLogin},
		{"unknown tenant", func(a *OpenConnectionArgs) { a.TenantIDs = []int32{3} }, StatusTenant},
		{"tenant of others", func(a *OpenConnectionArgs) { a.TenantIDs = []int32{2} }, StatusTenant},
		{"callback elsewhere", func(a *OpenConnectionArgs) { a.ClientCallbackURL = "http://192.0.2.1/x" }, StatusCallbackURL},
		{"callback nobody serves", func(a *OpenConnectionArgs) { a.ClientCallbackURL = "http://127.0.0.1:1/x" }, StatusNoAnswer},
		{"callback that refuses", func(a *OpenConnectionArgs) { a.ClientCallbackURL = deaf.URL }, StatusNoAnswer},
	} {
		args := openArgs(s.URL)
		tt.adjust(args)
		if got := r.opens(args); got.Status != int32(tt.want) || got.SessionID != "" {
			t.Errorf("%s: %+v, want status %d", tt.name, got, tt.want)
		}
	}
	for name, adjust := range map[string]func(*OpenConnectionArgs){
		"UserCredentials": func(a *OpenConnectionArgs) { a.UserCredentials = nil },
		"UserName":        func(a *OpenConnectionArgs) { a.UserCredentials.UserName = "" },
		"one TenantId":    func(a *OpenConnectionArgs) { a.TenantIDs = []int32{1, 2} },
		"TenantIds":       func(a *OpenConnectionArgs) { a.TenantIDs = nil },
		"needs a Client":  func(a *OpenConnectionArgs) { a.ClientCallbackURL = "" },
		"http://":         func(a *OpenConnectionArgs) { a.ClientCallbackURL = "ftp://127.0.0.1/x" },
	} {
		args := openArgs(s.URL)
		adjust(args)
		r.refused(name, "OpenConnection", args)
	}
	notReady := errors.New("numbers are used up")
	r.desk.notReady.Store(&notReady)
	if got := r.opens(openArgs(s.URL)); got.Status != int32(StatusNotReady) {
		t.Errorf("not ready: %+v", got)
	}
	r.desk.notReady.Store(nil)
	c := r.opened(s)
	if got := r.opens(openArgs(s.URL)); got.Status != int32(StatusTooMany) {
		t.Errorf("one too many: %+v", got)
	}
	c.must("OnLine", &OnLineArgs{c.head()}) // nobody was sent away
	c.refused(`no right "call"`, "HoldCall", &HoldCallArgs{CallHead{AgentHead: c.agent(1, 1), CallID: 1}})
	st := r.srv.Stats()
	if st.Refused[StatusLogin] != 3 || st.Refused[StatusTooMany] != 1 || st.Wrong != 3 {
		t.Errorf("%+v", st)
	}
	if log := r.log.String(); strings.Contains(log, "ecret-01") || strings.Contains(log, c.id) {
		t.Error("a password or a session's id is in the log")
	}
}

// Ten sessions may be open; opens under way count, and slots come back.
func TestMaxConnections(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	held := newSink(t)
	release := make(chan struct{})
	held.onStart = func(http.ResponseWriter) bool { <-release; return false }
	var wg sync.WaitGroup
	status := make(chan int32, 10)
	for range 10 {
		wg.Go(func() { status <- r.opens(openArgs(held.URL)).Status })
	}
	eventually(t, "all slots are taken", func() bool { r.srv.table.mu.RLock(); defer r.srv.table.mu.RUnlock(); return r.srv.table.opening == 10 })
	s := newSink(t)
	if got := r.opens(openArgs(s.URL)); got.Status != int32(StatusTooMany) {
		t.Errorf("the eleventh: %+v", got)
	}
	close(release)
	wg.Wait()
	for range 10 {
		if got := <-status; got != 0 {
			t.Errorf("one of ten: status %d", got)
		}
	}
	if got := r.opens(openArgs(s.URL)); got.Status != int32(StatusTooMany) {
		t.Errorf("the eleventh: %+v", got)
	}
	if !r.srv.CloseSession(3) || r.srv.CloseSession(3) {
		t.Error("an operator closes a session once")
	}
	if got := r.opens(openArgs(s.URL)); got.Status != 0 {
		t.Errorf("a slot is free: %+v", got)
	}
}

// Tenants and filters narrow what a session hears; a request's outcome passes
// all the same.
func TestFilters(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *Config) {
		c.Tenants = []Tenant{{ID: 1, Queues: []callmodel.QueueID{"support", "sales"}, Agents: []callmodel.AgentID{"anna", "bernd"}}, {ID: 2}}
	})
	c, other := r.connect(), r.connect()
	c.must("AddFilter", &AddFilterArgs{SessionHead: c.head(), FieldType: FieldTypeAgentID, FieldValue: "anna"})
	c.must("AddFilter", &AddFilterArgs{SessionHead: c.head(), FieldType: FieldTypeAgentID, FieldValue: " 1 "}) // the same
	other.hold(2, 20, 1)
	other.hold(1, 21, 2)
	if got := c.next(t).(*CallHeldEvent); got.CallID != 21 {
		t.Errorf("through the filter: %+v", got)
	}
	c.hold(2, 22, 9)
	if got := c.next(t).(*CallHeldEvent); got.CallID != 22 || got.RequestID != 9 {
		t.Errorf("its own: %+v", got)
	}
	r.srv.publish(&CallHeldEvent{CTIEvent: CTIEvent{TenantID: 2, AgentID: 1}, CallRef: CallRef{CallID: 23}}, audience{})
	r.srv.publish(&LinkStatusEvent{ComponentType: ComponentTypeGateway, ComponentState: ComponentStateDown}, audience{})
	if got, is := c.next(t).(*LinkStatusEvent); !is || got.TenantID != 0 {
		t.Error("another tenant's event came, or LinkStatus did not")
	}
	c.must("DeleteFilter", &DeleteFilterArgs{SessionHead: c.head(), FieldType: FieldTypeAgentID, FieldValue: "1"})
	other.hold(2, 24, 1)
	if got := c.next(t).(*CallHeldEvent); got.CallID != 24 {
		t.Errorf("without filter: %+v", got)
	}
	for value, f := range map[string]FieldType{"carla": FieldTypeAgentID, "99": FieldTypeServiceID, "support": FieldTypeServiceID, "2": FieldTypeSwitchID, "x": FieldTypeTenantID} {
		c.refused(`"`+value+`"`, "AddFilter", &AddFilterArgs{SessionHead: c.head(), FieldType: f, FieldValue: value})
	}
	c.refused("INVALID", "AddFilter", &AddFilterArgs{SessionHead: c.head(), FieldValue: "1"})
}

// A session belongs to the address that opened it.
func TestForeignSession(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	c := r.connect()
	own := r.http
	r.http = from("127.0.0.2")
	c.refused("no such session", "CloseConnection", &CloseConnectionArgs{c.id})
	r.http = own
	c.hold(1, 2, 3)
	c.next(t)
	if st := r.srv.Stats(); st.Foreign != 1 || st.Sessions != 1 {
		t.Errorf("%+v", st)
	}
	if !strings.Contains(r.log.String(), "from another address") {
		t.Error("the log does not tell")
	}
	free := newRig(t, func(c *Config) { c.BindAddress = false })
	c = free.connect()
	free.http = from("127.0.0.2")
	c.must("CloseConnection", &CloseConnectionArgs{c.id})
}

// Answers and callbacks have the namespaces of the client, and actions as it
// writes them.
func TestMirroredNamespaces(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	ns := Namespaces{Service: "urn:their/service", Data: "urn:their/data"}
	s := newSink(t)
	answer, err := r.ask(ns, "OpenConnection", openArgs(s.URL))
	if err != nil || answer.(*SessionObject).Status != 0 {
		t.Fatal(answer, err)
	}
	if s.ns.Callback != ns.Service || s.ns.Data != ns.Data || s.actions[0] != `"urn:their/service/IPublishEvents/StartSession"` {
		t.Errorf("the callback has %+v and %v", s.ns, s.actions)
	}
	body, err := EncodeCall(ns, openConnection, openArgs(s.URL))
	if err != nil {
		t.Fatal(err)
	}
	_, raw := r.post("text/xml", "http://their.example/x/IAgentCallService/OpenConnection", body)
	if !strings.Contains(string(raw), `"urn:their/service"`) || !strings.Contains(string(raw), `"urn:their/data"`) {
		t.Errorf("answered %s", raw)
	}
	if s.actions[1] != `"http://their.example/x/IPublishEvents/StartSession"` {
		t.Errorf("actions %v", s.actions)
	}
	fixed := newRig(t, func(c *Config) { c.Namespaces.Callback = "urn:callback" })
	if _, err := fixed.ask(ns, "OpenConnection", openArgs(s.URL)); err != nil || s.ns.Callback != "urn:callback" {
		t.Errorf("a configured namespace: %+v, %v", s.ns, err)
	}
}

// Cookies of the client's callback are kept for its session; ours is set, and
// nobody has to send it back.
func TestCookies(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	s := newSink(t)
	s.onStart = func(w http.ResponseWriter) bool {
		http.SetCookie(w, &http.Cookie{Name: "ASP.NET_SessionId", Value: "abc", Path: "/"})
		return false
	}
	body, err := EncodeCall(Namespaces{}, openConnection, openArgs(s.URL))
	if err != nil {
		t.Fatal(err)
	}
	resp, raw := r.post("text/xml", "", body)
	env, err := soap.ReadEnvelope(raw, "", soap.Limits{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := DecodeReply(openConnection, env)
	if err != nil {
		t.Fatal(err)
	}
	c := &client{r, s, answer.(*SessionObject).SessionID, 1}
	if set := resp.Header.Get("Set-Cookie"); !strings.HasPrefix(set, cookie+"=") || !strings.Contains(set, "HttpOnly") || strings.Contains(set, c.id) {
		t.Errorf("our cookie is %q", set)
	}
	c.all()
	c.must("OnLine", &OnLineArgs{c.head()})
	c.beat(t)
	c.hold(1, 1, 1)
	c.next(t)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, got := range s.cookies[1:] {
		if !strings.HasSuffix(got, " ASP.NET_SessionId=abc") {
			t.Errorf("callback %q", got)
		}
	}
	if len(s.cookies) != 3 {
		t.Errorf("callbacks %q", s.cookies)
	}
}

// The reply to a request goes before the events that it brings about.
func TestReplyFirst(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	c := r.connect()
	replied := make(chan struct{})
	early := false
	c.onEvent = func(Event, http.ResponseWriter) bool {
		select {
		case <-replied:
		default:
			early = true
		}
		return false
	}
	r.desk.before = func() {
		eventually(t, "the event waits", func() bool { return r.srv.Delivery().Held.Load() == 1 })
		close(replied)
	}
	c.hold(1, 1, 1)
	c.next(t)
	if early || r.srv.Delivery().HeldTooLong.Load() != 0 {
		t.Error("the event was sent before the reply")
	}
}

// Sessions that do not go online, or are offline, are closed after a while.
func TestIdle(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *Config) { c.IdleTimeout = 300 * time.Millisecond })
	r.opened(newSink(t))
	online := r.connect()
	eventually(t, "the idle session is closed", func() bool { return r.srv.Stats().Ended[EndIdle] == 1 })
	online.hold(1, 1, 1)
	online.next(t)
	online.must("OffLine", &OffLineArgs{online.head()})
	eventually(t, "the offline session is closed", func() bool { return r.srv.Stats().Ended[EndIdle] == 2 })
}

// Descriptions are served for both contracts, under the address by which the
// client knows us.
func TestDescriptions(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *Config) { c.TrustedProxies = []string{"127.0.0.2"} })
	get := func(client *http.Client, url string) string {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Forwarded-Proto", "https")
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }() // it was read to its end
		var doc struct {
			Service struct {
				Name string `xml:"name,attr"`
				Port struct {
					Address struct {
						Location string `xml:"location,attr"`
					} `xml:"address"`
				} `xml:"port"`
			} `xml:"service"`
		}
		if err := xml.NewDecoder(resp.Body).Decode(&doc); err != nil {
			t.Fatalf("%s: %v", url, err)
		}
		return doc.Service.Name + " " + doc.Service.Port.Address.Location
	}
	if got := get(r.http, r.url+"?wsdl"); got != "AgentCallService "+r.url {
		t.Error(got)
	}
	callback := strings.TrimSuffix(r.url, "AgentCallService") + "PublishEvents"
	if got := get(r.http, callback+"?singleWsdl"); got != "PublishEvents "+callback {
		t.Error(got)
	}
	if got := get(from("127.0.0.2"), r.url+"?WSDL"); got != "AgentCallService "+strings.Replace(r.url, "http:", "https:", 1) {
		t.Error(got)
	}
	public := newRig(t, func(c *Config) { c.PublicURL = "https://cti.example/" })
	if got := get(public.http, public.url+"?wsdl"); got != "AgentCallService https://cti.example/CTIPS/AgentCallService" {
		t.Error(got)
	}
	resp, err := r.http.Post(callback, "text/xml", nil) //nolint:noctx // a test
	if err != nil || resp.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("a message for the callback's description: %v, %v", resp, err)
	}
	_ = resp.Body.Close()
}

// A server starts once, says why it cannot, and leaves nothing behind.
func TestLifeOfServer(t *testing.T) {
	before := runtime.NumGoroutine()
	t.Run("session", func(t *testing.T) {
		r := newRig(t, func(c *Config) { c.MaxConnections = 50 })
		if err := r.srv.Start(t.Context()); !fault.Is(err, fault.Conflict) {
			t.Errorf("started twice: %v", err)
		}
		s := newSink(t)
		for range 5 {
			clients := make([]*client, 40)
			for i := range clients {
				clients[i] = r.opened(s)
				clients[i].all()
				clients[i].must("OnLine", &OnLineArgs{clients[i].head()})
			}
			clients[0].hold(1, 1, 1)
			for _, c := range clients {
				c.must("CloseConnection", &CloseConnectionArgs{c.id})
			}
		}
		if st := r.srv.Stats(); st.Opened != 200 || st.Sessions != 0 {
			t.Errorf("%+v", st)
		}
		eventually(t, "queues are gone", func() bool { return r.srv.Delivery().Lanes.Load() == 0 && r.srv.Delivery().Waiting.Load() == 0 })
		r.opened(s)
		if err := r.srv.Stop(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
		if st := r.srv.Stats(); st.Sessions != 0 || st.Ended[EndStop] != 1 {
			t.Errorf("%+v", st)
		}
		if err := r.srv.Start(t.Context()); !fault.Is(err, fault.Stopped) {
			t.Errorf("started after the end: %v", err)
		}
	})
	eventually(t, "goroutines are gone", func() bool { return runtime.NumGoroutine() <= before })
}
