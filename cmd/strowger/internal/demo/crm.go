package demo

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"strowger/cti/ici"
	"strowger/cti/soap"
	"strowger/switch/fault"
)

// Bounds of the CRM.
const (
	maxMessage   = 1 << 20
	inboxLength  = 256
	eventPath    = "/IciEventService"
	mediaType    = "text/xml; charset=utf-8"
	headerLimit  = 5 * time.Second
	stopCRMAfter = 2 * time.Second
)

// crm is a CRM system of the size of a demo: it serves the interface IciEvent
// and has a seat for every agent. What it knows comes from SOAP alone.
type crm struct {
	demo   *Demo
	client *http.Client
	server *http.Server
	appURL string
	seats  map[string]*seat // by line without plus sign
	served chan struct{}    // closed when the server has ended; nil before start

	mu      sync.Mutex
	told    map[string][]string // labels of phoneCallChanged by item, in order
	awaited map[string]awaited  // answered items that have ended
	news    chan struct{}       // closed and replaced at every event
}

// awaited is an item that the CRM must have been told everything about.
type awaited struct {
	call   int64
	wrapUp bool
}

func newCRM(d *Demo) *crm {
	c := &crm{
		demo: d, client: &http.Client{Timeout: askTimeout, Transport: &http.Transport{MaxConnsPerHost: 8, IdleConnTimeout: 10 * time.Second}},
		seats: map[string]*seat{}, told: map[string][]string{}, awaited: map[string]awaited{}, news: make(chan struct{}),
	}
	for _, a := range d.Agents {
		c.seats[a.Line] = &seat{crm: c, agent: a, rng: d.dice("seat " + a.ID), inbox: make(chan ici.Event, inboxLength)}
	}
	return c
}

// start listens for events, then connects to the switch as a CRM does:
// product information, and for every agent the login and the subscriptions.
func (c *crm) start(ctx, work context.Context) error {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fault.Wrap(fault.Unavailable, "demo: crm", "", err)
	}
	c.appURL = "http://" + l.Addr().String() + eventPath
	c.server = &http.Server{Handler: http.HandlerFunc(c.receive), ReadHeaderTimeout: headerLimit, ReadTimeout: askTimeout, WriteTimeout: askTimeout}
	c.served = make(chan struct{})
	go func() {
		defer close(c.served)
		_ = c.server.Serve(l) // ends with the server
	}()
	reply, err := c.ask(ctx, ici.OpExchangeProductInformation, &ici.ProductQuery{ICIVersion: "3.07"})
	if err != nil {
		return err
	}
	if p, ok := reply.(*ici.ProductInformation); ok {
		c.demo.Report.tell(Event{Who: byCRM, What: "connected", Text: "connected to " + strings.TrimSpace(p.ProductName+" "+p.ProductVersion) + ", ICI " + p.ICIVersion + "; it gets its events at " + c.appURL})
	}
	for _, a := range c.demo.Agents {
		s := c.seats[a.Line]
		if err := s.login(ctx); err != nil {
			return err
		}
		c.demo.actors.Go(func() { s.work(work) })
	}
	c.demo.Report.tell(Event{Who: byCRM, What: "logged-in", Text: "subscribed to the lines of all agents; agents who accept calls in the CRM have logged in through ICI"})
	return nil
}

// stop logs the seats off and ends the server. It may be called before start.
func (c *crm) stop(ctx context.Context) {
	if c.served == nil {
		return
	}
	for _, a := range c.demo.Agents {
		c.seats[a.Line].logoff(ctx)
	}
	ctx, cancel := context.WithTimeout(ctx, stopCRMAfter)
	defer cancel()
	if err := c.server.Shutdown(ctx); err != nil {
		_ = c.server.Close() // the listener and what is left
	}
	<-c.served
	c.client.CloseIdleConnections()
}

// ask sends one request and returns the reply. A SOAP fault is a *soap.Fault.
func (c *crm) ask(ctx context.Context, op ici.Op, p ici.Params) (ici.Reply, error) {
	out := soap.NewEncoder(nil)
	out.StartEnvelope()
	if err := ici.EncodeRequest(out, op, p, ici.Style{}); err != nil {
		return nil, err
	}
	out.EndEnvelope()
	body, err := out.Bytes()
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.demo.ICI, bytes.NewReader(body))
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "demo: crm", op.String(), err)
	}
	req.Header.Set("Content-Type", mediaType)
	req.Header.Set("SOAPAction", `"`+op.Service().Action()+`"`)
	c.demo.tally.count(func(s *Summary) { s.CRMOperations++ })
	resp, err := c.client.Do(req)
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, "demo: crm", op.String(), err)
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxMessage))
	_ = resp.Body.Close() // all that matters is read
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, "demo: crm", op.String(), err)
	}
	env, err := soap.ReadEnvelope(data, "", soap.Limits{}, ici.Understood)
	if err != nil {
		return nil, err
	}
	return ici.DecodeResponse(op, env)
}

// receive is the CRM's SOAP endpoint: it notes the event and answers at once.
func (c *crm) receive(w http.ResponseWriter, r *http.Request) {
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxMessage))
	if err != nil {
		http.Error(w, "the message cannot be read", http.StatusBadRequest)
		return
	}
	env, err := soap.ReadEnvelope(data, "", soap.Limits{}, ici.Understood)
	var event ici.Event
	if err == nil {
		event, err = ici.DecodeEvent(env)
	}
	var reply []byte
	if err == nil {
		reply, err = ici.EncodeEventReply(event)
	}
	if err != nil {
		c.demo.tally.problem(Event{What: "crm", Text: "the CRM cannot read an event: " + err.Error()})
		http.Error(w, "no event", http.StatusBadRequest)
		return
	}
	c.take(event)
	w.Header().Set("Content-Type", mediaType)
	_, _ = w.Write(reply) // a switch that is gone is told nothing
}

// take notes an event and hands it to the agent's seat.
func (c *crm) take(event ici.Event) {
	c.demo.tally.count(func(s *Summary) { s.CRMEvents++ })
	line := ""
	switch e := event.(type) {
	case *ici.PhoneCallChanged:
		line = e.PhoneCall.LineNumber
		c.demo.book.await(e.PhoneCall.CallHandle)
		c.note(&e.PhoneCall)
	case *ici.UserChanged:
		for _, a := range e.User.Addresses {
			line = a.Address
		}
	default:
		return
	}
	s := c.seats[plain(line)]
	if s == nil {
		c.demo.tally.problem(Event{What: "crm", Text: "the CRM got " + event.EventName() + " for the line " + line + ", which nobody has"})
		return
	}
	select {
	case s.inbox <- event:
	default:
		c.demo.tally.problem(Event{Agent: s.agent.Line, What: "crm", Text: "the CRM's seat " + s.agent.Line + " is behind; an event is lost"})
	}
}

// label is what an agent's screen would show.
func label(p *ici.PhoneCall) string {
	if p.ProcessingStatus.ID == ici.ProcessingStatus(ici.WrapUp).ID {
		return p.ProcessingStatus.Description
	}
	return p.CallStatus.Description
}

// note keeps what was told about an item and tells what is new of it.
func (c *crm) note(p *ici.PhoneCall) {
	state := label(p)
	c.mu.Lock()
	had := c.told[p.CallHandle]
	again := len(had) > 0 && had[len(had)-1] == state
	if !again {
		c.told[p.CallHandle] = append(had, state)
	}
	c.check(p.CallHandle)
	close(c.news)
	c.news = make(chan struct{})
	c.mu.Unlock()
	if again {
		return
	}
	c.demo.Report.tell(Event{
		Who: byCRM, Call: c.demo.book.callWith(p.CallHandle, p.RemoteNumbers), Agent: plain(p.LineNumber), What: strings.ReplaceAll(strings.ToLower(state), " ", "-"),
		Text: "agent " + plain(p.LineNumber) + ": phoneCallChanged " + state,
	})
}

// expect demands that the CRM is told of an answered item to its end.
func (c *crm) expect(handle string, call int64, wrapUp bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.demo.tally.count(func(s *Summary) { s.CRMCalls++ })
	c.awaited[handle] = awaited{call, wrapUp}
	c.check(handle)
}

// check ends the wait for an item whose end was told. Whoever calls it holds c.mu.
func (c *crm) check(handle string) {
	a, waits := c.awaited[handle]
	told := c.told[handle]
	if len(told) == 0 || told[len(told)-1] != ici.CallStatus(ici.CallEnded).Description {
		return
	}
	if !waits {
		// The narrator has not come so far yet; of an offer that nobody took it
		// will demand nothing.
		if !slices.Contains(told, ici.CallStatus(ici.CallConnected).Description) {
			delete(c.told, handle)
		}
		return
	}
	delete(c.awaited, handle)
	delete(c.told, handle)
	want := []string{ici.CallStatus(ici.CallAlerting).Description, ici.CallStatus(ici.CallConnected).Description}
	if a.wrapUp {
		want = append(want, ici.ProcessingStatus(ici.WrapUp).Description)
	}
	if at := slices.Index(told, want[0]); at != 0 || !contains(told, want) {
		c.demo.tally.problem(Event{Call: a.call, What: "crm", Text: "the CRM was told " + strings.Join(told, ", ") + "; it needs " + strings.Join(want, ", ") + ", Ended"})
		return
	}
	c.demo.tally.count(func(s *Summary) { s.CRMCompleted++ })
}

// contains reports whether all of want are in told, in this order.
func contains(told, want []string) bool {
	for _, s := range told {
		if len(want) > 0 && s == want[0] {
			want = want[1:]
		}
	}
	return len(want) == 0
}

// settle waits until the CRM has been told the end of every answered call. Who
// is forced to stop does not wait, and so cannot say what is missing.
func (c *crm) settle(ctx, force context.Context) {
	ctx, cancel := context.WithTimeout(ctx, tellLimit)
	defer cancel()
	for {
		c.mu.Lock()
		left, news := len(c.awaited), c.news
		c.mu.Unlock()
		if left == 0 {
			return
		}
		select {
		case <-news:
		case <-ctx.Done():
			if force.Err() == nil {
				c.missing()
			}
			return
		}
	}
}

func (c *crm) missing() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for handle, a := range c.awaited {
		c.demo.tally.problem(Event{Call: a.call, What: "crm", Text: "the CRM was never told the end; it was told: " + strings.Join(c.told[handle], ", ")})
	}
}
