package sapphone_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sort"
	"strings"
	"testing"
	"time"

	"strowger/cti/ctitest"
	"strowger/cti/sapphone"
	"strowger/cti/soap"
	"strowger/switch/callmodel"
	"strowger/switch/port"
)

const patience = 10 * time.Second

// Extensions of the people of ctitest.
const (
	anna  = ctitest.AnnaLine
	bernd = ctitest.BerndLine
)

// rig is a server on a fake switch, with a SAP system's SOAP-RFC client.
type rig struct {
	*testing.T
	sw  *ctitest.FakeSwitch
	srv *sapphone.Server
	url string
}

func newRig(t *testing.T, adjust func(*sapphone.Config)) *rig {
	t.Helper()
	sw := ctitest.NewFakeSwitch(ctitest.Config())
	return rigOn(t, sw, sw, adjust)
}

// rigOn serves a switch that may be a wrapper around the fake one.
func rigOn(t *testing.T, fake *ctitest.FakeSwitch, sw port.Switch, adjust func(*sapphone.Config)) *rig {
	t.Helper()
	cfg := sapphone.DefaultConfig()
	cfg.Listen = "127.0.0.1:0"
	if adjust != nil {
		adjust(&cfg)
	}
	srv, err := sapphone.New(cfg, sw, past{}, nil, sapphone.Observer{})
	if err != nil {
		t.Fatal(err)
	}
	ctitest.Serve(t, fake, srv)
	return &rig{T: t, sw: fake, srv: srv, url: "http://" + srv.Addr() + cfg.Path}
}

// past is a history of two calls.
type past struct{}

func (past) Contacts(_ context.Context, from, _ time.Time, most int) ([]sapphone.Contact, bool, error) {
	all := []sapphone.Contact{
		{
			ID: "0123456789ABCDEF0123456789ABCDEF", Caller: "+4917055501", Dialled: "+49301000600", Queue: "600", Agents: []string{"anna", "bernd"},
			Started: ctitest.Start, Ended: ctitest.Start.Add(time.Minute),
			Segments: []sapphone.ContactStep{{Kind: "queue", At: ctitest.Start, Length: 5 * time.Second}, {Kind: "agent", Agent: "anna", At: ctitest.Start.Add(5 * time.Second), Length: 55 * time.Second}},
		},
		{ID: "FEDCBA98765432100123456789ABCDEF", Kind: callmodel.KindOutbound, Caller: "101", Dialled: "+49301234567", Agents: []string{"anna"}, Started: ctitest.Start.Add(time.Hour), Ended: ctitest.Start.Add(2 * time.Hour)},
	}
	if from.After(ctitest.Start) {
		all = all[1:]
	}
	if len(all) > most {
		return all[:most], true, nil
	}
	return all, false, nil
}

// reply is what SAP reads of an answer.
type reply struct {
	values map[string]string
	tables map[string][]map[string]string
	fault  *soap.Fault
}

func (r reply) rc() string { return r.values["RETURNCODE"] }

// envelope writes a call: parameters as NAME=VALUE, tables as NAME:COLUMN=VALUE.
func envelope(function string, params ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:rfc="urn:sap-com:document:sap:rfc:functions"><e:Body><rfc:%s>`, function)
	tables := map[string][]string{}
	for _, p := range params {
		name, value, _ := strings.Cut(p, "=")
		value = escape(value)
		if table, column, ok := strings.Cut(name, ":"); ok {
			tables[table] = append(tables[table], "<item><"+column+">"+value+"</"+column+"></item>")
			continue
		}
		fmt.Fprintf(&b, "<%s>%s</%s>", name, value, name)
	}
	names := make([]string, 0, len(tables))
	for name := range tables {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		fmt.Fprintf(&b, "<%s>%s</%s>", name, strings.Join(tables[name], ""), name)
	}
	fmt.Fprintf(&b, "</rfc:%s></e:Body></e:Envelope>", function)
	return b.String()
}

func escape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}

// send posts a body and returns status and answer.
func (r *rig) send(ctx context.Context, body string) (int, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.url, strings.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Content-Type", "text/xml; charset=utf-8")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = resp.Body.Close() }() // it was read to its end
	answer, err := io.ReadAll(resp.Body)
	return resp.StatusCode, answer, err
}

// try calls a function from any goroutine.
func (r *rig) try(ctx context.Context, function string, params ...string) (reply, error) {
	_, answer, err := r.send(ctx, envelope(function, params...))
	if err != nil {
		return reply{}, err
	}
	return readReply(answer)
}

func readReply(answer []byte) (reply, error) {
	env, err := soap.ReadEnvelope(answer, "", soap.Limits{}, nil)
	if err != nil {
		return reply{}, fmt.Errorf("%w in %s", err, answer)
	}
	out := reply{values: map[string]string{}, tables: map[string][]map[string]string{}, fault: env.Fault()}
	if out.fault != nil {
		return out, nil
	}
	for _, e := range env.Body[0].Children {
		if len(e.Children) == 0 {
			out.values[e.Local] = e.Text
			out.tables[e.Local] = nil
			continue
		}
		for _, item := range e.Children {
			row := map[string]string{}
			for _, c := range item.Children {
				row[c.Local] = c.Text
			}
			out.tables[e.Local] = append(out.tables[e.Local], row)
		}
	}
	return out, nil
}

// ask calls a function and wants a return code.
func (r *rig) ask(rc, function string, params ...string) reply {
	r.Helper()
	out, err := r.try(r.Context(), function, params...)
	if err != nil {
		r.Fatalf("%s: %v", function, err)
	}
	if out.fault != nil {
		r.Fatalf("%s %v: %v", function, params, out.fault)
	}
	if out.rc() != rc {
		r.Fatalf("%s %v: return code %s, want %s", function, params, out.rc(), rc)
	}
	return out
}

// must is ask for what has to succeed.
func (r *rig) must(function string, params ...string) reply {
	r.Helper()
	return r.ask("000", function, params...)
}

// ready logs an agent in.
func (r *rig) ready(ext string) {
	r.Helper()
	r.must("SPS_AGENTLOGIN", "EXT="+ext)
	r.must("SPS_SETWORKMODE", "EXT="+ext, "WORKMODE=02")
}

// calls lists what is on a line as STATE/PARTY/REASON.
func (r *rig) calls(ext string) []map[string]string {
	r.Helper()
	return r.must("SPS_GETCALLSTATE", "EXT="+ext, "CALLS=").tables["CALLS"]
}

// one is the only call on a line, in a state.
func (r *rig) one(ext, state string) map[string]string {
	r.Helper()
	list := r.calls(ext)
	if len(list) != 1 || list[0]["STATE"] != state {
		r.Fatalf("on %s there is %v, want one call in state %s", ext, list, state)
	}
	return list[0]
}

// talking brings a caller to Anna's ear.
func (r *rig) talking() (handle string, call callmodel.CallID) {
	r.Helper()
	r.ready(anna)
	call = r.sw.Arrive(ctitest.Queue, ctitest.Caller, "")
	handle = r.one(anna, "01")["HANDLE"]
	r.sw.PickUp(call)
	r.one(anna, "04")
	return handle, call
}
