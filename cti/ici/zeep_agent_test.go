package ici_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"strowger/cti/ctitest"
	"strowger/cti/ici"
)

// A client that knows nothing but our own description lives through a call.
func TestZeepAgent(t *testing.T) {
	t.Parallel()
	ctitest.NeedZeep(t, os.Getenv("CI") == "true")
	r := newRig(t, func(c *ici.Config) { c.User, c.Password = "crm", "se:cret" })
	z, ready := ctitest.StartZeep(t, filepath.Join("..", "..", "test", "testdata", "zeep", "agent.py"), r.url, "BERND", "--auth", "crm:se:cret")
	if !ready.Ready || ready.Line != "+102" || ready.User != "BERND" {
		t.Errorf("ready: %+v", ready)
	}
	z.Expect(patience, "user 2")
	call := r.sw.Arrive(ctitest.Queue, ctitest.Caller, "Caller")
	e := z.Expect(patience, "C 3/1 [1 2 3]")
	if e.Line != "+102" || e.Dialed != "+"+ctitest.Queue || len(e.Remote) != 1 || e.Remote[0] != "+"+ctitest.Caller || e.Data != ownData {
		t.Errorf("zeep reads the call as %+v", e)
	}
	h := e.Handle
	z.Must("accept", "handle", h)
	z.Expect(patience, "C 3/1 [2 102]", "C 101/2 [3 4 6 7 8 102 104 105 107 109 110]")
	z.Must("hold", "handle", h)
	z.Expect(patience, "C 106/2 [4 6 7 8 102 103 104 105 108 109 110]")
	if f := z.Do("hold", "handle", h).Fault; f == nil || f.Area != 5 || f.Code != 4 || f.Retry || f.Text == "" {
		t.Errorf("hold of a held call: %+v", f)
	}
	z.Must("unhold", "handle", h)
	z.Expect(patience, "C 101/2 [3 4 6 7 8 102 104 105 107 109 110]")
	z.Must("setAttachedData", "handle", h, "data", `<ItemAttachedData><Application id="CRM"><n>é &amp; 1</n></Application></ItemAttachedData>`)
	if e := z.Next(patience); !strings.Contains(e.Data, `<Application id="CRM"><n>é &amp; 1</n></Application>`) || !strings.Contains(e.Data, "FirstBName") {
		t.Errorf("attached data as zeep reads it: %s", e.Data)
	}
	var calls []struct{ CallHandle string }
	if err := json.Unmarshal(z.Must("getCalls").Result, &calls); err != nil || len(calls) != 1 || calls[0].CallHandle != h {
		t.Errorf("getCalls: %v %v", calls, err)
	}
	z.Must("drop", "handle", h)
	z.Expect(patience, "C 4/3 [5 6 7 8]")
	z.Must("wrapUpEnded", "handle", h)
	z.Expect(patience, "C 4/1 []")
	var ended struct{ CallStatus struct{ ID string } }
	if err := json.Unmarshal(z.Must("getAttributes", "handle", h).Result, &ended); err != nil || ended.CallStatus.ID != "4" {
		t.Errorf("getAttributes after the end: %+v %v", ended, err)
	}
	z.Must("setWorkmode", "workmode", "3")
	z.Expect(patience, "user 3")
	if f := z.Do("getCalls", "line", "300&PJSIP/x").Fault; f == nil || f.Area != 5 || f.Code != 2 {
		t.Errorf("an illegal number: %+v", f)
	}
	z.Must("quit")
	if r.sw.Call(call) != nil {
		t.Error("the call is still there")
	}
}
