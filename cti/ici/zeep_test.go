package ici

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"strowger/cti/soap"
)

// canned answers every operation with the sample replies and notes what it got.
type canned struct {
	cfg     Config
	replies map[Op]Reply

	mu  sync.Mutex
	got map[string]int
}

func (c *canned) Serve(_ context.Context, r *soap.Request, out *soap.Encoder) error {
	req, err := DecodeRequest(Meta{Path: r.Path, Action: r.Action}, r.Envelope, c.cfg.Style())
	if err != nil {
		return err
	}
	c.mu.Lock()
	c.got[told(req, nil)]++
	c.mu.Unlock()
	reply := c.replies[req.Op]
	if q, ok := req.Params.(*UserQuery); ok && q.CmsPing {
		reply = &CmsPong{"0123456789ABCDEF0123456789ABCDEF"}
	}
	return EncodeResponse(out, req, reply, c.cfg.Style())
}

func (c *canned) Fault(r *soap.Request, err error) *soap.Fault {
	return FaultOf(ServiceHint(r.Path, r.Action), err)
}

func (c *canned) WSDL(r *soap.Request) ([]byte, error) { return c.cfg.Describe(r.Base, r.Path) }

// python is the interpreter that has zeep, from the package python3-zeep.
const python = "/usr/bin/python3"

// TestZeep lets an independent SOAP client read our WSDL, call everything and
// parse our events.
func TestZeep(t *testing.T) {
	t.Parallel()
	if err := exec.CommandContext(t.Context(), python, "-c", "import zeep").Run(); err != nil {
		t.Skip("SKIPPED LAYER: " + python + " has no zeep (package python3-zeep), the WSDL is not tried with a real client")
	}
	for name, adjust := range map[string]func(*Config){
		"default":     func(*Config) {},
		"unqualified": func(c *Config) { c.ChildNamespace, c.CmsHostIDOutside = namespaceUnqualified, false },
		"event":       func(c *Config) { c.EventStyle, c.CmsHostIDOutside = namespaceQualified, false },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := DefaultConfig()
			adjust(&cfg)
			zeepRun(t, cfg)
		})
	}
}

func zeepRun(t *testing.T, cfg Config) {
	adapter := &canned{cfg: cfg, replies: sampleReplies(), got: map[string]int{}}
	h := soap.NewHandler(soap.HandlerConfig{Understood: Understood}, adapter)
	srv := httptest.NewServer(h)
	defer srv.Close()
	args := []string{filepath.Join("testdata", "zeep_client.py"), srv.URL}
	for _, e := range sampleEvents() {
		doc, err := EncodeEvent(e, cfg.qualifiedEvents("http://x/"))
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), e.EventName()+".xml")
		if err := os.WriteFile(file, doc, 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, file)
	}
	cmd := exec.CommandContext(t.Context(), python, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s\n%s", err, out, stderr.String())
	}
	results, faults, events := 0, 0, map[string]map[string]any{}
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		var line struct {
			Service, Operation, Event, Code string
			Result                          any
			Fault                           *string
			Detail                          map[string]string
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatalf("%v in %s", err, lines.Bytes())
		}
		switch {
		case line.Event != "":
			events[line.Event], _ = line.Result.(map[string]any)
		case line.Fault != nil:
			faults++
			if line.Detail["areaCode"] != "5" || line.Detail["errorCode"] != "2" || line.Detail["errorRetry"] != "false" {
				t.Errorf("fault detail %v", line.Detail)
			}
		default:
			results++
			checkResult(t, cfg, line.Service+"."+line.Operation, line.Result)
		}
	}
	if want := 2 * (len(Ops()) + 1); results != want || faults != 2 || len(adapter.got) != len(Ops())+1 {
		t.Errorf("zeep got %d results (want %d) and %d faults (want 2); the switch saw %d different requests: %v", results, want, faults, len(adapter.got), adapter.got)
	}
	if form, _ := events["monitorDataChanged"]["dataForm"].(string); !strings.HasPrefix(form, `<dataForm form="queues"`) {
		t.Errorf("zeep reads the form as %q", form)
	}
	call, _ := events["phoneCallChanged"]["phoneCall"].(map[string]any)
	if call["attachedData"] != sampleCall().AttachedData || call["inbound"] != true || len(events) != len(sampleEvents()) {
		t.Errorf("zeep reads the events as %v", events)
	}
}

// checkResult looks at the answers with content as zeep decoded them.
func checkResult(t *testing.T, cfg Config, op string, result any) {
	t.Helper()
	field := func(names ...string) any {
		v := result
		for _, n := range names {
			m, ok := v.(map[string]any)
			if !ok {
				return nil
			}
			v = m[n]
		}
		return v
	}
	switch op {
	case "System.createCallBack":
		if result != nil {
			t.Errorf("%s: nil is read as %v", op, result)
		}
	case "System.getCallBacks":
		list, _ := result.([]any)
		if len(list) != 2 {
			t.Errorf("%s: %v", op, result)
			break
		}
		first, _ := list[0].(map[string]any)
		last, _ := list[1].(map[string]any)
		if first["handledTime"] != "2026-03-02 09:00:00" || first["extraData"] != sampleCallBack().ExtraData || first["failures"] != 1.0 || last["handledTime"] != nil {
			t.Errorf("%s: %v", op, result)
		}
	case "User.getAttributes":
		id := field("cmsHostId")
		if cfg.CmsHostIDOutside && field("response", "cmsHostId") != id {
			t.Errorf("cmsHostId differs inside and outside: %v", result)
		}
		if id != "0123456789ABCDEF0123456789ABCDEF" {
			t.Errorf("%s: no cmsHostId in %v", op, result)
		}
	case "PhoneCall.getAttributes":
		if field("attachedData") != sampleCall().AttachedData || field("callStatus", "id") != "3" {
			t.Errorf("%s: %v", op, result)
		}
	case "Item.getAttachedData":
		if result != sampleCall().AttachedData {
			t.Errorf("%s: %v", op, result)
		}
	case "Monitor.getCatalog":
		if text, _ := result.(string); !strings.HasPrefix(text, "<catalog>") {
			t.Errorf("%s: %v", op, result)
		}
	case "Monitor.getInstances":
		list, _ := result.([]any)
		if len(list) != 2 {
			t.Errorf("%s: %v", op, result)
		}
	case "PhoneLine.getCalls":
		calls, _ := result.([]any)
		if len(calls) != 2 {
			t.Errorf("%s: %v", op, result)
		}
	}
}
