package sapphone_test

import (
	"net/http"
	"strings"
	"testing"

	"strowger/cti/ctitest"
	"strowger/cti/sapphone"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// Where the switch cut us off as too slow, a new picture is taken, and calls
// that ended unseen are listed as ended.
func TestPictureIsTakenAgain(t *testing.T) {
	t.Parallel()
	crm := newSAP(t)
	r := newRig(t, toward(crm))
	crm.next(t)
	r.must("SPS_REGISTER", "EXT="+anna)
	_, call := r.talking()
	if h := crm.next(t); h.String() != "SPS_NEW_CALL "+anna {
		t.Fatalf("told %s", h)
	}
	r.sw.LimitWatch(1)
	r.sw.Fail(fault.New(fault.Busy, "watch", "", "too many readers")) // nothing is seen of what follows
	r.sw.HangUp(call)
	r.sw.Advance(ctitest.WrapUp)
	r.sw.LimitWatch(ctitest.DefaultWatchLimit)
	r.sw.Fail(nil)
	if h := crm.next(t); h.String() != "SPS_CALL_ENDED "+anna {
		t.Errorf("told %s", h)
	}
	if st := r.srv.Stats(); st.Overruns != 1 || st.Watches == 0 || st.Deaf {
		t.Errorf("%+v", st)
	}
	r.one(anna, "09")
}

// Lines come and go with the configuration.
func TestConfigurationChanges(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.ask("901", "SPS_GETWORKMODE", "EXT=103")
	next := ctitest.Config()
	next.Version = 2
	next.Agents[1].Line = "103"
	next.Reasons = []callmodel.ReasonConfig{{ID: "lunch", Number: 7, For: "not-ready"}}
	r.sw.Put(callmodel.ConfigLoaded{Config: next})
	r.until("the new line", func() bool {
		out, err := r.try(t.Context(), "SPS_GETWORKMODE", "EXT=103")
		return err == nil && out.rc() == "000"
	})
	r.ask("901", "SPS_GETWORKMODE", "EXT="+bernd)
	r.must("SPS_AGENTLOGIN", "EXT=103", "AGENT_ID=2") // by the agent's number
	r.ask("906", "SPS_SETWORKMODE", "EXT=103", "WORKMODE=03", "REASON=weather")
	for _, reason := range []string{"LUNCH", "07"} {
		r.must("SPS_SETWORKMODE", "EXT=103", "WORKMODE=03", "REASON="+reason)
		view, err := r.sw.View(t.Context())
		if err != nil || view.Agents[1].Reason != "lunch" {
			t.Errorf("reason %s: %v %v", reason, view.Agents[1].Reason, err)
		}
	}
}

// What a SAP system answers is believed as far as it goes: an exception is one,
// a return code too, and the next call is announced all the same.
func TestSAPRefuses(t *testing.T) {
	t.Parallel()
	crm := newSAP(t)
	r := newRig(t, toward(crm))
	crm.next(t)
	r.until("the list", func() bool { return r.srv.Client().Rebuilt.Load() == 1 })
	r.ready(anna)
	r.must("SPS_REGISTER", "EXT="+anna)
	answers := []string{
		`<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><e:Fault><faultcode>e:Client</faultcode><faultstring>x</faultstring><detail><r:SPS_NEW_CALL.Exception xmlns:r="urn:sap-com:document:sap:rfc:functions"><Name>NO_SUCH_USER</Name><Text>t</Text></r:SPS_NEW_CALL.Exception></detail></e:Fault></e:Body></e:Envelope>`,
		`<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><SPS_CALL_ENDED><RETURNCODE>007</RETURNCODE></SPS_CALL_ENDED></e:Body></e:Envelope>`,
		`<html>please log on</html>`,
		`<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>`,
	}
	next := make(chan string, len(answers))
	for _, a := range answers {
		next <- a
	}
	crm.failing(func(w http.ResponseWriter) bool {
		select {
		case a := <-next:
			_, _ = w.Write([]byte(a))
			return true
		default:
			return false
		}
	})
	for range 2 {
		r.sw.HangUp(r.sw.Arrive(ctitest.Queue, ctitest.Caller, ""))
		for _, want := range []string{"SPS_NEW_CALL", "SPS_CALL_ENDED"} {
			if h := crm.next(t); h.function != want {
				t.Errorf("told %s, want %s", h.function, want)
			}
		}
	}
	r.until("all outcomes", func() bool {
		return r.srv.Client().Refused.Load() == 1 && r.srv.Delivery().Failed.Load() == 3
	})
	if n := r.srv.Client().Tripped.Load(); n != 0 {
		t.Errorf("a system that answers is left alone")
	}
}

// A whole document is appended application by application.
func TestDocumentIsAppended(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	handle, _ := r.talking()
	for range 2 {
		r.must("SPS_APPENDCALLINFO", "HANDLE="+handle, `CALLDATA:LINE=<ItemAttachedData><Application id="A"><v/></Application><Application id="B"><w/></Application></ItemAttachedData>`)
	}
	for app, want := range map[string]string{"A": "<v/><v/>", "B": "<w/><w/>"} {
		if got := r.must("SPS_GETCALLINFO", "HANDLE="+handle, "APPL="+app).tables["CALLDATA"]; len(got) != 1 || got[0]["LINE"] != want {
			t.Errorf("%s has %v", app, got)
		}
	}
	r.ask("916", "SPS_APPENDCALLINFO", "HANDLE="+handle, "CALLDATA:LINE=<a>")
	r.ask("916", "SPS_SETCALLINFO", "HANDLE="+handle, "APPL=SAP_BCM/OII", "CALLDATA:LINE=<a/>")
	r.must("SPS_SETCALLINFO", "HANDLE="+handle, "APPL=A")
	r.ask("915", "SPS_GETCALLINFO", "HANDLE="+handle, "APPL=A")
}

// Only what was asked for comes back, as on the classic wire.
func TestWantedExports(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	c, err := r.srv.Open(sapphone.Peer{Transport: sapphone.TransportTypeT})
	if err != nil {
		t.Fatal(err)
	}
	defer r.srv.Close(c)
	out, err := r.srv.Dispatch(t.Context(), c, sapphone.Call{Function: "XCHGVERSION", Wanted: []string{"product"}})
	if err != nil || len(out.Exports) != 1 || out.Exports[0].Name != "PRODUCT" || out.Exports[0].Text != "Strowger" {
		t.Errorf("%+v %v", out, err)
	}
	_, err = r.srv.Dispatch(t.Context(), c, sapphone.Call{Function: "SPS_FOO"})
	if err == nil || !strings.Contains(err.Error(), "FU_NOT_FOUND") {
		t.Errorf("%v", err)
	}
}
