package gateway

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"strowger/cti/sapphone"
	"strowger/cti/sapphone/typet"
	"strowger/switch/fault"
)

// Finding is the outcome of one step of a [Check].
type Finding struct {
	Step   string        `json:"step"`
	OK     bool          `json:"ok"`
	Detail string        `json:"detail"` // what came, or why not and what to do
	Took   time.Duration `json:"took_ns"`
}

// Check calls a port as a SAP system's destination of type T does: what a
// connection test does, the version, a function that does not exist, and a
// table. It changes nothing. After the first step that fails for more than
// itself it goes no further.
func Check(ctx context.Context, addr string, meta *sapphone.Metadata) []Finding {
	k := &checker{ctx: ctx, addr: addr, meta: meta}
	for _, step := range []struct {
		name string
		run  func() (string, error)
	}{
		{"connect", k.connect},
		{"ping", k.ping},
		{"connection test", k.test},
		{"version", k.version},
		{"unknown function", k.unknown},
		{"table", k.table},
	} {
		began := time.Now()
		detail, err := step.run()
		f := Finding{Step: step.name, OK: err == nil, Detail: detail, Took: time.Since(began)}
		if err != nil {
			f.Detail = reason(err)
		}
		k.findings = append(k.findings, f)
		var e *typet.Exception
		if err != nil && !errors.As(err, &e) {
			break
		}
	}
	if k.client != nil {
		_ = k.client.Close() // everything has been said
	}
	return k.findings
}

func reason(err error) string {
	var e *typet.Exception
	if errors.As(err, &e) {
		return e.Name + ": " + e.Text
	}
	if fault.Is(err, fault.Unavailable) {
		return fault.ReasonOf(err) + " (is sapphone enabled, is this address one of sapphone.servers, and is this machine in sapphone.allow?)"
	}
	return fault.ReasonOf(err)
}

type checker struct {
	ctx      context.Context
	addr     string
	meta     *sapphone.Metadata
	client   *typet.Client
	findings []Finding
}

func (k *checker) connect() (detail string, err error) {
	k.client, err = typet.Dial(k.ctx, k.addr, typet.ClientConfig{})
	return "it answers as a gateway", err
}

func (k *checker) ping() (string, error) {
	return "NI_PONG", k.client.Ping(k.ctx)
}

func (k *checker) test() (string, error) {
	_, err := k.client.Call(k.ctx, typet.Call{Function: "RFC_PING"})
	return "RFC_PING was answered", err
}

// call calls a function by its interface, without importing parameters.
func (k *checker) call(sem string) (*sapphone.Function, *typet.Reply, error) {
	var fn *sapphone.Function
	for _, f := range k.meta.Functions("in") {
		if f.Name == sem {
			fn = f
		}
	}
	if fn == nil {
		return nil, nil, &typet.Exception{Name: "METADATA", Text: sem + " is not in the metadata under this name"}
	}
	in := typet.Call{Function: fn.Name}
	for _, p := range fn.Params {
		switch p.Dir {
		case sapphone.Export, sapphone.Changing:
			in.Wanted = append(in.Wanted, p.Name)
		case sapphone.Tables:
			in.Tables = append(in.Tables, typet.Table{Name: p.Name, Width: row(p.Columns).Width(typet.LittleEndian)})
		case sapphone.Import:
		}
	}
	out, err := k.client.Call(k.ctx, in)
	return fn, out, err
}

func (k *checker) version() (string, error) {
	fn, out, err := k.call("XCHGVERSION")
	if err != nil {
		return "", err
	}
	detail := ""
	for _, v := range out.Exports {
		p := fn.Param(v.Name)
		if p == nil {
			continue
		}
		f, err := readField(p, typet.LittleEndian, v.Data)
		if err != nil {
			return "", err
		}
		detail += " " + f.Text
	}
	return strings.TrimSpace(detail), nil
}

func (k *checker) unknown() (string, error) {
	_, err := k.client.Call(k.ctx, typet.Call{Function: "Z_STROWGER_NO_SUCH"})
	var e *typet.Exception
	switch {
	case err == nil:
		return "", &typet.Exception{Name: "ANSWERED", Text: "a function that does not exist was answered: is this another program's port?"}
	case !errors.As(err, &e):
		return "", err
	case e.Name != sapphone.NotFoundException:
		return "", e
	}
	return e.Name + ", as it should be", nil
}

func (k *checker) table() (string, error) {
	_, out, err := k.call("SPS_GETQUEUES")
	if err != nil {
		return "", err
	}
	if len(out.Tables) != 1 {
		return "", &typet.Exception{Name: "TABLE", Text: "the table that was passed did not come back"}
	}
	return fmt.Sprintf("a table of %d lines of %d bytes", len(out.Tables[0].Rows), out.Tables[0].Width), nil
}
