package test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"strowger/cti/ici"
	"strowger/cti/soap"
	"strowger/test/invariants"
)

// trialSink is a CRM that has subscribed to agents' lines and writes down all
// that it is sent.
type trialSink struct {
	t      *testing.T
	url    string // of the switch's interface
	server *httptest.Server
	client *http.Client

	mu   sync.Mutex
	gen  int
	told []invariants.Told
	bad  []string
}

func startSink(t *testing.T, url string) *trialSink {
	t.Helper()
	k := &trialSink{t: t, url: url, client: &http.Client{Timeout: waitFor, Transport: &http.Transport{}}}
	k.server = httptest.NewUnstartedServer(http.HandlerFunc(k.receive))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = k.server.Listener.Close() // in its place
	k.server.Listener = l
	k.server.Start()
	t.Cleanup(func() { k.server.Close(); k.client.CloseIdleConnections() })
	return k
}

// subscribe subscribes to lines, again after the switch has forgotten it.
func (k *trialSink) subscribe(lines []string) {
	k.t.Helper()
	k.mu.Lock()
	k.gen++
	gen := k.gen
	k.mu.Unlock()
	for _, line := range lines {
		k.ask(ici.OpContainerSubscribe, &ici.ContainerSubscription{
			AppURL: k.server.URL, AppID: fmt.Sprintf("crm%d-%s", gen, line), ChannelType: ici.ChannelPhone, ContainerID: line,
		})
	}
}

// lost notes that the switch has gone and its subscriptions with it.
func (k *trialSink) lost(lines []string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, line := range lines {
		k.told = append(k.told, invariants.Told{Subscriber: fmt.Sprintf("crm%d-%s", k.gen, line), At: time.Now(), Event: "subscriptionEnded", Reason: 1})
	}
}

func (k *trialSink) ask(op ici.Op, p ici.Params) {
	k.t.Helper()
	out := soap.NewEncoder(nil)
	out.StartEnvelope()
	err := ici.EncodeRequest(out, op, p, ici.Style{})
	out.EndEnvelope()
	body, encodeErr := out.Bytes()
	if err != nil || encodeErr != nil {
		k.t.Fatal(err, encodeErr)
	}
	req, err := http.NewRequestWithContext(k.t.Context(), http.MethodPost, k.url, bytes.NewReader(body))
	if err != nil {
		k.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "text/xml; charset=utf-8")
	req.Header.Set("SOAPAction", `"`+op.Service().Action()+`"`)
	resp, err := k.client.Do(req)
	if err != nil {
		k.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }() // it is read
	data, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil || resp.StatusCode != http.StatusOK {
		k.t.Fatalf("%v: %s %v\n%s", op, resp.Status, err, data)
	}
}

func (k *trialSink) receive(w http.ResponseWriter, r *http.Request) {
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	var event ici.Event
	var reply []byte
	if err == nil {
		var env *soap.Envelope
		if env, err = soap.ReadEnvelope(data, "", soap.Limits{}, ici.Understood); err == nil {
			if event, err = ici.DecodeEvent(env); err == nil {
				reply, err = ici.EncodeEventReply(event)
			}
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if err != nil {
		k.bad = append(k.bad, err.Error())
		http.Error(w, "no event", http.StatusBadRequest)
		return
	}
	k.note(event)
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	_, _ = w.Write(reply) // a switch that is gone is told nothing
}

func (k *trialSink) note(event ici.Event) {
	t := invariants.Told{At: time.Now(), Event: event.EventName()}
	var ids []string
	switch e := event.(type) {
	case *ici.PhoneCallChanged:
		ids, t.Handle = e.AppIDs, e.PhoneCall.CallHandle
		t.Status, t.Processing = code(e.PhoneCall.CallStatus.ID), code(e.PhoneCall.ProcessingStatus.ID)
	case *ici.SubscriptionEnded:
		ids, t.Reason = e.AppIDs, code(e.Reason.ID)
	default:
		return
	}
	for _, id := range ids {
		t.Subscriber = id
		k.told = append(k.told, t)
	}
}

func code(id string) int {
	n, err := strconv.Atoi(id)
	if err != nil {
		return -1 // the rules know no such number
	}
	return n
}

// all returns what was sent, and fails for what could not be read.
func (k *trialSink) all() []invariants.Told {
	k.t.Helper()
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.bad) > 0 {
		k.t.Errorf("the CRM could not read %d events: %s", len(k.bad), k.bad[0])
	}
	return append([]invariants.Told(nil), k.told...)
}

// trialStream follows the event stream and notes the numbers, a list per connection.
type trialStream struct {
	mu   sync.Mutex
	all  [][]invariants.Numbered
	stop context.CancelFunc
	done chan struct{}
}

func (s *site) follow() *trialStream {
	ctx, cancel := context.WithCancel(s.t.Context())
	f := &trialStream{stop: cancel, done: make(chan struct{})}
	client := &http.Client{Transport: s.http.Transport}
	go func() {
		defer close(f.done)
		again := time.NewTicker(lookAt)
		defer again.Stop()
		for ctx.Err() == nil {
			f.read(ctx, client)
			select {
			case <-again.C:
			case <-ctx.Done():
			}
		}
	}()
	s.t.Cleanup(func() { f.end() })
	return f
}

func (f *trialStream) read(ctx context.Context, client *http.Client) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://strowger/api/v1/events", nil)
	if err != nil {
		return
	}
	resp, err := client.Do(req)
	if err != nil {
		return // the controller is away
	}
	defer func() { _ = resp.Body.Close() }() // the stream has ended
	f.mu.Lock()
	f.all = append(f.all, nil)
	n := len(f.all) - 1
	f.mu.Unlock()
	var id uint64
	kind := ""
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 4<<20)
	for lines.Scan() {
		key, value, _ := strings.Cut(lines.Text(), ": ")
		switch key {
		case "id":
			id, _ = strconv.ParseUint(value, 10, 64) // a bad number makes a hole, which the rule reports
		case "event":
			kind = value
		case "":
			if kind == "snapshot" || kind == "change" {
				f.mu.Lock()
				f.all[n] = append(f.all[n], invariants.Numbered{Seq: id, Snapshot: kind == "snapshot"})
				f.mu.Unlock()
			}
			kind = ""
		}
	}
}

func (f *trialStream) end() [][]invariants.Numbered {
	f.stop()
	<-f.done
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.all
}
