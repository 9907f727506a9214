package sapphone_test

import (
	"strings"
	"testing"

	"strowger/cti/ctitest"
	"strowger/cti/sapphone"
	"strowger/switch/callmodel"
)

// Which calls SAP is shown follows the settings that ICI has too: calls from one
// agent to another, those that agents make at their telephones, and those of
// queues that are not for CTI clients.
func TestWhichCallsAreShown(t *testing.T) {
	t.Parallel()
	direct := func(r *rig) {
		r.must("SPS_AGENTLOGIN", "EXT="+anna)
		r.ready(bernd)
		if err := r.sw.Do(r.Context(), callmodel.MakeCall{Agent: ctitest.Anna, To: callmodel.Dest{Kind: callmodel.DestNumber, Value: bernd}, Call: callmodel.CallID{ID: r.sw.NewID()}}); err != nil {
			r.Fatal(err)
		}
		r.sw.PickUp(r.theCall())
	}
	arrives := func(r *rig) {
		r.ready(bernd)
		r.sw.Arrive(ctitest.Queue, ctitest.Caller, "")
	}
	for name, c := range map[string]struct {
		set         func(*sapphone.Config)
		noCTI       bool
		do          func(*rig)
		anna, bernd string // states
	}{
		"direct and made calls are spared": {set: func(c *sapphone.Config) { c.IgnoreOperDirect, c.IgnoreCdtOutbound = true, true }, do: direct},
		"direct calls are shown":           {set: func(c *sapphone.Config) { c.IgnoreOperDirect, c.IgnoreCdtOutbound = false, true }, do: direct, bernd: "01"},
		"made calls are shown":             {set: func(c *sapphone.Config) { c.IgnoreOperDirect, c.IgnoreCdtOutbound = true, false }, do: direct, anna: "03"},
		"a queue's calls are shown":        {do: arrives, bernd: "01"},
		"a queue is not for CTI":           {noCTI: true, do: arrives},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := ctitest.Config()
			cfg.Queues[0].NoCTI = c.noCTI
			sw := ctitest.NewFakeSwitch(cfg)
			r := rigOn(t, sw, sw, c.set)
			c.do(r)
			if got := states(r.calls(anna)); got != c.anna {
				t.Errorf("Anna has %q, want %q", got, c.anna)
			}
			if got := states(r.calls(bernd)); got != c.bernd {
				t.Errorf("Bernd has %q, want %q", got, c.bernd)
			}
		})
	}
}

func (r *rig) theCall() callmodel.CallID {
	r.Helper()
	v, err := r.sw.View(r.Context())
	if err != nil || len(v.Calls) != 1 {
		r.Fatalf("%d calls, %v", len(v.Calls), err)
	}
	return v.Calls[0].ID
}

// What SAP is told of a call follows them as well: the name of our own part of
// its data, the length of all of it, and how numbers are written.
func TestHowCallsAreShown(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *sapphone.Config) {
		c.ApplicationID, c.CadMaxBytes = "OUR_OWN", 600
		c.ExtraData.Allocated, c.ExtraData.Connected = nil, []string{"XML"}
	})
	data := func(handle string) string {
		var b strings.Builder
		for _, row := range r.must("SPS_GETCALLINFO", "HANDLE="+handle, "CALLDATA=").tables["CALLDATA"] {
			b.WriteString(row["LINE"])
		}
		return b.String()
	}
	r.ready(anna)
	call := r.sw.Arrive(ctitest.Queue, ctitest.Caller, "")
	handle := r.one(anna, "01")["HANDLE"]
	r.must("SPS_SETCALLINFO", "HANDLE="+handle, "APPL=X", "CALLDATA:LINE=<x/>")
	const own, others = `<Application id="OUR_OWN"><FirstBNumber>600</FirstBNumber>`, `<Application id="X"><x/></Application>`
	if doc := data(handle); !strings.Contains(doc, own) || strings.Contains(doc, others) {
		t.Errorf("while it alerts: %s", doc)
	}
	r.sw.PickUp(call)
	if doc := data(handle); !strings.Contains(doc, own) || !strings.Contains(doc, others) {
		t.Errorf("connected: %s", doc)
	}
	r.ask("916", "SPS_SETCALLINFO", "HANDLE="+handle, "APPL=X", "CALLDATA:LINE="+strings.Repeat("x", 700))
	r.ask("916", "SPS_SETCALLINFO", "HANDLE="+handle, "APPL=our_own", "CALLDATA:LINE=x")
}
