package gateway

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"reflect"
	"strings"
	"testing"
	"time"

	"strowger/cti/ctitest"
	"strowger/cti/sapphone"
	"strowger/cti/sapphone/typet"
	"strowger/switch/callmodel"
)

const patience = 20 * time.Second

// rig is a server on a fake switch, behind a gateway.
type rig struct {
	*testing.T
	sw   *ctitest.FakeSwitch
	srv  *sapphone.Server
	addr string
}

func newRig(t *testing.T, model *callmodel.Config, adjust func(*sapphone.Config)) *rig {
	t.Helper()
	sw := ctitest.NewFakeSwitch(model)
	cfg := sapphone.DefaultConfig()
	cfg.Listen = "127.0.0.1:0"
	cfg.Servers = []string{"-aSTROWGER -glocalhost -xsapgw88 LISTEN=127.0.0.1:0"}
	if adjust != nil {
		adjust(&cfg)
	}
	log := slog.New(slog.DiscardHandler)
	srv, err := sapphone.New(cfg, sw, bygone{}, log, sapphone.Observer{})
	if err != nil {
		t.Fatal(err)
	}
	g, err := New(&cfg, srv, log)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(srv.Start(t.Context()), g.Start(t.Context())); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := errors.Join(g.Stop(ctx), srv.Stop(ctx)); err != nil {
			t.Error(err)
		}
		if s := srv.Stats(); s.Conversations != 0 || s.Waiting != 0 {
			t.Errorf("after Stop %d conversations are open and %d agents wait", s.Conversations, s.Waiting)
		}
	})
	return &rig{T: t, sw: sw, srv: srv, addr: g.Listeners()[0].Addr().String()}
}

func (r *rig) dial() *typet.Client {
	r.Helper()
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	c, err := typet.Dial(ctx, r.addr, typet.ClientConfig{Logon: typet.Logon{User: "MILLER", Client: "506"}})
	if err != nil {
		r.Fatal(err)
	}
	r.Cleanup(func() { _ = c.Close() })
	return c
}

// try calls a function with texts, and all its exports and tables.
func (r *rig) try(c *typet.Client, function string, imports ...string) (sapphone.Reply, error) {
	fn, known := r.srv.Describe(function)
	if !known {
		_, err := c.Call(r.Context(), typet.Call{Function: function})
		return sapphone.Reply{}, err
	}
	in := typet.Call{Function: function}
	for _, text := range imports {
		name, value, _ := strings.Cut(text, "=")
		p := fn.Param(name)
		col := column(name, p.Type, p.Len)
		b, err := col.Append(nil, typet.LittleEndian, value)
		if err != nil {
			return sapphone.Reply{}, err
		}
		in.Imports = append(in.Imports, typet.Value{Name: name, Data: b})
	}
	for _, p := range fn.Params {
		switch p.Dir {
		case sapphone.Export, sapphone.Changing:
			in.Wanted = append(in.Wanted, p.Name)
		case sapphone.Tables:
			in.Tables = append(in.Tables, typet.Table{Name: p.Name, Width: row(p.Columns).Width(typet.LittleEndian)})
		case sapphone.Import:
		}
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), patience)
	defer cancel()
	out, err := c.Call(ctx, in)
	if err != nil {
		return sapphone.Reply{}, err
	}
	return texts(fn, out)
}

// texts reads an answer as its caller does.
func texts(fn *sapphone.Function, in *typet.Reply) (sapphone.Reply, error) {
	var out sapphone.Reply
	for _, v := range in.Exports {
		f, err := readField(fn.Param(v.Name), typet.LittleEndian, v.Data)
		if err != nil {
			return out, err
		}
		out.Exports = append(out.Exports, f)
	}
	for _, t := range in.Tables {
		table := sapphone.Table{Name: t.Name}
		for _, b := range t.Rows {
			line, err := readRow(fn.Param(t.Name).Columns, typet.LittleEndian, b)
			if err != nil {
				return out, err
			}
			table.Rows = append(table.Rows, line)
		}
		out.Tables = append(out.Tables, table)
	}
	return out, nil
}

// ask is try for what must answer with a return code.
func (r *rig) ask(c *typet.Client, rc, function string, imports ...string) sapphone.Reply {
	r.Helper()
	out, err := r.try(c, function, imports...)
	if err != nil {
		r.Fatalf("%s: %v", function, err)
	}
	if got := export(out, "RETURNCODE"); got != rc {
		r.Fatalf("%s %v: return code %q, want %s", function, imports, got, rc)
	}
	return out
}

func export(r sapphone.Reply, name string) string {
	for _, f := range r.Exports {
		if f.Name == name {
			return f.Text
		}
	}
	return ""
}

// Every function that SAP may call answers over the wire what the dispatcher
// answers to the same texts.
func TestEveryFunction(t *testing.T) {
	t.Parallel()
	meta, err := sapphone.LoadMetadata("")
	if err != nil {
		t.Fatal(err)
	}
	wire, plain := newRig(t, ctitest.Config(), nil), newRig(t, ctitest.Config(), nil)
	conv, err := plain.srv.Open(sapphone.Peer{Transport: "test", User: "MILLER", System: "506"})
	if err != nil {
		t.Fatal(err)
	}
	defer plain.srv.Close(conv)
	client := wire.dial()
	fixed := map[string]string{"EXT": ctitest.AnnaLine, "TIMEOUT": "1", "WORKMODE": "02", "QUEUE": "600", "DIAL_NO": ctitest.Outside, "AGENT_ID": "", "PASSWORD": "", "MAX": "10"}
	called, tables := 0, 0
	for _, fn := range meta.Functions("in") {
		var imports []string
		call := sapphone.Call{Function: fn.Name}
		for _, p := range fn.Params {
			switch p.Dir {
			case sapphone.Import, sapphone.Changing:
				value := fixed[p.Name]
				imports = append(imports, p.Name+"="+value)
				call.Imports = append(call.Imports, sapphone.Field{Name: p.Name, Text: value})
			case sapphone.Tables:
				call.Tables = append(call.Tables, sapphone.Table{Name: p.Name})
				tables++
			case sapphone.Export:
			}
		}
		got, err := wire.try(client, fn.Name, imports...)
		if err != nil {
			t.Errorf("%s: %v", fn.Name, err)
			continue
		}
		want, err := plain.srv.Dispatch(t.Context(), conv, call)
		if err != nil {
			t.Errorf("%s: %v", fn.Name, err)
			continue
		}
		called++
		compare(t, fn, got, want)
	}
	if called < 40 || tables < 15 {
		t.Errorf("%d functions with %d tables were called", called, tables)
	}
	if s := wire.srv.Stats(); s.Panics != 0 || s.Unknown != 0 {
		t.Errorf("%+v", s)
	}
}

// compare holds the wire's answer against the dispatcher's: the same exports,
// and every table that was passed. Handles differ from switch to switch.
func compare(t *testing.T, fn *sapphone.Function, got, want sapphone.Reply) {
	t.Helper()
	for _, f := range want.Exports {
		p := fn.Param(f.Name)
		text := f.Text
		if p.Type == sapphone.Int4 && text == "" {
			text = "0"
		}
		if p.Type == sapphone.Numc && text != "" {
			text = strings.Repeat("0", p.Len-len(text)) + text
		}
		if strings.HasSuffix(f.Name, "HANDLE") {
			if (export(got, f.Name) == "") != (text == "") {
				t.Errorf("%s: %s is %q, the dispatcher says %q", fn.Name, f.Name, export(got, f.Name), text)
			}
		} else if export(got, f.Name) != text {
			t.Errorf("%s: %s is %q, the dispatcher says %q", fn.Name, f.Name, export(got, f.Name), text)
		}
	}
	for _, table := range want.Tables {
		found := false
		for _, g := range got.Tables {
			found = found || g.Name == table.Name && len(g.Rows) == len(table.Rows)
		}
		if !found {
			t.Errorf("%s: the dispatcher's %d lines of %s did not come", fn.Name, len(table.Rows), table.Name)
		}
	}
}

// An agent waits on one connection, a call comes, and another connection
// answers and ends it.
func TestWaitForCall(t *testing.T) {
	t.Parallel()
	r := newRig(t, ctitest.Config(), nil)
	waiting, acting := r.dial(), r.dial()
	r.ask(acting, "000", "SPS_AGENTLOGIN", "EXT="+ctitest.AnnaLine)
	r.ask(acting, "000", "SPS_SETWORKMODE", "EXT="+ctitest.AnnaLine, "WORKMODE=02")
	got := make(chan sapphone.Reply, 1)
	go func() {
		out, err := r.try(waiting, "SPS_WAITFORCALL", "EXT="+ctitest.AnnaLine, "TIMEOUT=60")
		if err != nil {
			t.Error(err)
		}
		got <- out
	}()
	r.until("the wait", func() bool { return r.srv.Stats().Waiting == 1 })
	r.ask(acting, "000", "SPS_GETWORKMODE", "EXT="+ctitest.AnnaLine)
	call := r.sw.Arrive(ctitest.Queue, ctitest.Caller, "")
	out := <-got
	handle := export(out, "HANDLE")
	if export(out, "RETURNCODE") != "000" || len(handle) != 32 || !strings.Contains(export(out, "CALLING_NO"), ctitest.Caller) || export(out, "REASON") != "02" {
		t.Fatalf("the wait ended with %+v", out)
	}
	r.sw.PickUp(call)
	state := r.ask(acting, "000", "SPS_GETCALLSTATE", "EXT="+ctitest.AnnaLine)
	if len(state.Tables) != 1 || len(state.Tables[0].Rows) != 1 || state.Tables[0].Rows[0][0].Text != handle || state.Tables[0].Rows[0][1].Text != "04" {
		t.Errorf("the line shows %+v", state)
	}
	r.ask(acting, "000", "SPS_DROPCALL", "HANDLE="+handle)
}

// Who hangs up has cancelled the wait.
func TestWaitEndsWithTheConnection(t *testing.T) {
	t.Parallel()
	r := newRig(t, ctitest.Config(), nil)
	c := r.dial()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		_, err := c.Call(ctx, typet.Call{Function: "SPS_WAITFORCALL", Imports: []typet.Value{{Name: "EXT", Data: utf16(ctitest.AnnaLine)}}})
		ended <- err
	}()
	r.until("the wait", func() bool { return r.srv.Stats().Waiting == 1 })
	cancel()
	if err := <-ended; err == nil {
		t.Error("the wait was answered")
	}
	_ = c.Close()
	r.until("the end of the wait", func() bool { return r.srv.Stats().Waiting == 0 && r.srv.Stats().Conversations == 0 })
}

// agents500 is a switch with many agents, in the shape of ctitest's.
func agents500() *callmodel.Config {
	cfg := ctitest.Config()
	model := cfg.Agents[0]
	cfg.Agents = nil
	for i := range 500 {
		a := model
		a.ID, a.Number, a.Name = callmodel.AgentID(fmt.Sprintf("agent%03d", i)), int64(i+1), fmt.Sprintf("Agent %d", i)
		a.Line = fmt.Sprint(1000 + i)
		a.Station.Endpoint = a.Line
		cfg.Agents = append(cfg.Agents, a)
	}
	return cfg
}

// Five hundred agents wait, each on a connection; one gets a call, the others
// are told when the switch stops.
func TestFiveHundredWait(t *testing.T) {
	t.Parallel()
	r := newRig(t, agents500(), nil)
	ended := make(chan string, 500)
	for i := range 500 {
		c := r.dial()
		go func() {
			out, err := r.try(c, "SPS_WAITFORCALL", fmt.Sprintf("EXT=%d", 1000+i), "TIMEOUT=600")
			if err != nil {
				ended <- err.Error()
				return
			}
			ended <- export(out, "RETURNCODE")
		}()
	}
	r.until("the waits", func() bool { return r.srv.Stats().Waiting == 500 })
	acting := r.dial()
	began := time.Now()
	r.ask(acting, "000", "SPS_CANCELWAIT", "EXT=1499")
	if got := <-ended; got != "912" {
		t.Errorf("the cancelled wait ended with %s", got)
	}
	t.Logf("with 500 agents waiting, one was cancelled in %s", time.Since(began))
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := r.srv.Stop(ctx); err != nil {
		t.Error(err)
	}
	for range 499 {
		if got := <-ended; got != "912" {
			t.Fatalf("a wait ended with %s when the switch stopped", got)
		}
	}
}

func TestExceptions(t *testing.T) {
	t.Parallel()
	r := newRig(t, ctitest.Config(), func(c *sapphone.Config) { c.MaxConversations = 1 })
	c := r.dial()
	for _, tc := range []struct {
		call   typet.Call
		name   string
		system bool
	}{
		{typet.Call{Function: "SPS_FOO"}, "FU_NOT_FOUND", false},
		{typet.Call{Function: "SPS_NEW_CALL"}, "FU_NOT_FOUND", false}, // ours to call, not theirs
		{typet.Call{Function: "SPS_SETWORKMODE", Imports: []typet.Value{{Name: "WORKMODE", Data: utf16("xy")}}}, "SYSTEM_FAILURE", true},
		{typet.Call{Function: "SPS_WAITFORCALL", Imports: []typet.Value{{Name: "TIMEOUT", Data: []byte{1}}}}, "SYSTEM_FAILURE", true},
	} {
		_, err := c.Call(t.Context(), tc.call)
		var e *typet.Exception
		if !errors.As(err, &e) || e.Name != tc.name || e.System != tc.system || e.Text == "" {
			t.Errorf("%s: %v", tc.call.Function, err)
		}
	}
	// The first conversation is still there, and no other may be.
	r.until("the place", func() bool { return r.srv.Stats().Conversations == 1 })
	second, err := typet.Dial(t.Context(), r.addr, typet.ClientConfig{})
	if err == nil {
		_, err = second.Call(t.Context(), typet.Call{Function: "XCHGVERSION"})
		_ = second.Close()
	}
	if err == nil {
		t.Error("a second conversation was opened")
	}
}

// Only what was asked for comes back, in the width that was passed.
func TestOnlyWhatWasAskedFor(t *testing.T) {
	t.Parallel()
	r := newRig(t, ctitest.Config(), nil)
	c := r.dial()
	ext := typet.Value{Name: "EXT", Data: utf16(ctitest.AnnaLine)}
	for _, tc := range []struct {
		call typet.Call
		want typet.Reply
	}{
		{typet.Call{Function: "SPS_GETQUEUES", Imports: []typet.Value{ext}}, typet.Reply{}},
		{
			typet.Call{Function: "sps_getqueues", Imports: []typet.Value{ext, {Name: "BEYOND", Data: []byte("x")}}, Wanted: []string{"RETURNCODE", "BEYOND"}},
			typet.Reply{Exports: []typet.Value{{Name: "RETURNCODE", Data: utf16("000")}}},
		},
		{
			typet.Call{Function: "SPS_GETQUEUES", Imports: []typet.Value{ext}, Tables: []typet.Table{{Name: "QUEUES", Width: 6}}},
			typet.Reply{Tables: []typet.Table{{Name: "QUEUES", Width: 6, Rows: [][]byte{utf16("600")}}}},
		},
		{
			typet.Call{Function: "SPS_GETQUEUES", Imports: []typet.Value{ext}, Tables: []typet.Table{{Name: "QUEUES", Width: 64}}},
			typet.Reply{Tables: []typet.Table{{Name: "QUEUES", Width: 64, Rows: [][]byte{utf16(fmt.Sprintf("%-32s", "600"))}}}},
		},
	} {
		got, err := c.Call(t.Context(), tc.call)
		if err != nil || !reflect.DeepEqual(*got, tc.want) {
			t.Errorf("%+v: %+v, %v", tc.call, got, err)
		}
	}
}

func TestTableFarTooWide(t *testing.T) {
	t.Parallel()
	r := newRig(t, ctitest.Config(), nil)
	_, err := r.dial().Call(t.Context(), typet.Call{Function: "SPS_GETQUEUES", Tables: []typet.Table{{Name: "QUEUES", Width: 60_000}}})
	var e *typet.Exception
	if !errors.As(err, &e) || !e.System || !strings.Contains(e.Text, "60000") {
		t.Errorf("got %v", err)
	}
}

func TestPorts(t *testing.T) {
	t.Parallel()
	cfg := sapphone.DefaultConfig()
	if g, err := New(&cfg, nil, slog.New(slog.DiscardHandler)); err != nil || len(g.Listeners()) != 0 {
		t.Errorf("without connection strings: %v, %v", g, err)
	}
	cfg.Servers = []string{"-aA -gh -xsapgw88 REG_COUNT=20", "PROGRAM_ID=B GWHOST=h GWSERV=3388 REG_COUNT=5", "-aC -gh -xsapgw89"}
	g, err := New(&cfg, nil, slog.New(slog.DiscardHandler))
	if err != nil || !reflect.DeepEqual(g.addrs, []string{":3388", ":3389"}) {
		t.Errorf("got %+v, %v", g, err)
	}
}

func utf16(s string) []byte {
	col := typet.Column{Name: "X", Kind: typet.Char, Len: len(s)}
	b, _ := col.Append(nil, typet.LittleEndian, s)
	return b
}

func (r *rig) until(what string, ok func() bool) {
	r.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(patience)
	for !ok() {
		select {
		case <-tick.C:
		case <-limit:
			r.Fatalf("%s: not in time", what)
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	meta, err := sapphone.LoadMetadata("")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	got := Check(ctx, newRig(t, ctitest.Config(), nil).addr, meta)
	for _, f := range got {
		if !f.OK || f.Detail == "" {
			t.Errorf("%+v", f)
		}
	}
	if len(got) != 6 || !strings.Contains(got[3].Detail, "000 5.11A Strowger") || !strings.Contains(got[5].Detail, "1 lines of 60 bytes") {
		t.Errorf("%+v", got)
	}
	// A port where something else listens, and one where nobody does.
	other, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Close() }()
	go func() {
		conn, err := other.Accept()
		if err != nil {
			return
		}
		_, _ = io.WriteString(conn, "HTTP/1.1 400 Bad Request\r\n\r\n") // as a web server does
		_ = conn.Close()
	}()
	for _, addr := range []string{other.Addr().String(), "127.0.0.1:1"} {
		if got := Check(ctx, addr, meta); len(got) != 1 || got[0].OK || got[0].Detail == "" {
			t.Errorf("%s: %+v", addr, got)
		}
	}
	refused := newRig(t, ctitest.Config(), func(c *sapphone.Config) { c.AllowClients = []string{"192.0.2.0/24"} })
	if got := Check(ctx, refused.addr, meta); len(got) != 1 || got[0].OK || !strings.Contains(got[0].Detail, "sapphone.allow") {
		t.Errorf("%+v", got)
	}
}
