package typet

import (
	"encoding/binary"
	"errors"
	"reflect"
	"testing"
)

// direct is a client that calls as stand-alone RFC clients call an application
// server. It is ours, so it proves no more than that both sides agree; doc.go
// says what was seen with others.
type direct struct {
	*raw
	id   [8]byte
	conn uint16
}

func (r *raw) direct() *direct {
	r.t.Helper()
	h := hello(2, helloClient)
	h[helloAsked], h[helloAccepts] = 6, 0xdb
	r.send(h)
	if got := r.receive(); string(got[20:24]) != "4103" || got[helloAccepts] != 0xfb {
		r.t.Fatalf("the greeting's answer % x", got)
	}
	d := &direct{raw: r}
	step := func(fn byte, answered bool) {
		q := record{function: fn, protocol: 2, uid: 0xffff, info2: 1, info: 5, id: d.id, comm: 0xffff, conn: d.conn}
		r.send(q.append(nil, make([]byte, 373)))
		if !answered {
			return
		}
		a, _, err := readRecord(r.receive())
		if err != nil || a.function != fn || a.rc != 0 || a.sapRC != 0 {
			r.t.Fatalf("step 0x%02x: %+v, %v", fn, a, err)
		}
		d.id, d.conn = a.id, a.conn
	}
	step(fnInitialize, true)
	step(fnPartner, false)
	step(fnAllocate, true)
	return d
}

// ask sends a message in as few records as it takes and collects the answer.
func (d *direct) ask(b []byte) []byte {
	d.t.Helper()
	q := record{function: fnSAPSend, protocol: 2, uid: 0xffff, info: 5, vector: 0x0c, id: d.id, conn: d.conn}
	d.send(q.append(nil, b))
	var whole []byte
	for {
		got := d.receive()
		a, data, err := readRecord(got)
		if err != nil || a.id != d.id || a.conn != d.conn || int(binary.BigEndian.Uint16(got[58:])) != len(data) {
			d.t.Fatalf("answer %+v, %v", a, err)
		}
		whole = append(whole, data...)
		if a.vector&4 != 0 {
			return whole
		}
	}
}

func TestDirectClient(t *testing.T) {
	t.Parallel()
	h := &handler{call: echo}
	l := listen(t, Config{}, h)
	d := dialRaw(t, l).direct()

	w := &writer{b: []byte(signature)}
	logon := Logon{User: "MILLER", Client: "001", Language: "E"}
	appendLogon(w, logon, Latin)
	w.add(tagFunction, []byte("RFCPING"))
	if _, err := readReply(d.ask(w.finish()), LittleEndian, testLimits()); err != nil {
		t.Fatal("logon:", err)
	}
	in := sample(t, LittleEndian)
	for range 3 {
		out, err := readReply(d.ask(callBytes(t, in)), LittleEndian, testLimits())
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(out, &Reply{Exports: in.Imports, Tables: in.Tables}) {
			t.Errorf("got %+v", out)
		}
	}
	if h.last.Logon != logon {
		t.Errorf("the session was opened for %+v", h.last.Logon)
	}
}

func TestDirectStepsInOrder(t *testing.T) {
	t.Parallel()
	l := listen(t, Config{}, &handler{call: echo})
	for _, fn := range []byte{fnPartner, fnAllocate, fnSAPSend} {
		r := dialRaw(t, l)
		r.send(hello(2, helloClient))
		r.receive()
		q := record{function: fn}
		r.send(q.append(nil, callBytes(t, Call{Function: "X"})))
		r.ended()
	}
	until(t, "the count", func() bool { return l.Stats.Cut[Garbled].Load() == 3 })
}

func TestClientRefused(t *testing.T) {
	t.Parallel()
	var e *Exception
	if _, err := readReply(appendException(BigEndian, &Exception{Name: "X", Text: "y"}), BigEndian, testLimits()); !errors.As(err, &e) || e.Name != "X" || e.Text != "y" {
		t.Errorf("got %v", err)
	}
	if _, err := readReply(fields(t), LittleEndian, testLimits()); err == nil {
		t.Error("a call passed as an answer")
	}
}
