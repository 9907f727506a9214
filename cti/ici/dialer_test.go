package ici_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"strowger/cti/ctitest"
	"strowger/cti/ici"
	"strowger/switch/callmodel"
)

// dialed is an agent who is shown a customer of the dialer.
func dialed(t *testing.T, adjust func(*ici.Config), attached ...callmodel.AttachedData) (*rig, *script, callmodel.CallID) {
	t.Helper()
	r := newRig(t, adjust)
	r.login(ctitest.Bernd)
	s := r.script(ctitest.Bernd)
	s.expect("user BERND 2")
	id := callmodel.CallID{ID: r.sw.NewID()}
	err := r.sw.Do(t.Context(), callmodel.Dial{
		Call: id, Campaign: ctitest.Campaign, List: "l", Lead: "17", Mode: callmodel.DialPreview, Number: ctitest.Outside, Attached: attached,
	})
	if err != nil {
		t.Fatal(err)
	}
	return r, s, id
}

// A customer of the dialer is shown as one of a list of calls: 111 with the
// entry by which the CRM knows them, then the call.
func TestDialerPreview(t *testing.T) {
	t.Parallel()
	show := func(c *ici.Config) { c.BeginPreview = true }
	for entry, attached := range map[string][]callmodel.AttachedData{
		"17":  nil,
		"L-1": {{App: "lead", Media: "application/json", Data: `{"list":"l","ref":"L-1","fields":{"city":"Ulm"}}`}},
		"L-2": {{App: "CRM_IC_CLM_PVDIAL", Media: "text/xml", Data: "<CALLID>L-2</CALLID>"}},
	} {
		t.Run(entry, func(t *testing.T) {
			t.Parallel()
			r, s, id := dialed(t, show, attached...)
			p := s.expect("C1 111/2 " + capPreview)
			if !strings.Contains(p.AttachedData, `<Application id="CRM_IC_CLM_PVDIAL"><CALLID>`+entry+`</CALLID></Application>`) || p.RemoteNumbers[0] != ctitest.Outside || p.Inbound {
				t.Errorf("%+v", p)
			}
			r.must(ici.OpAccept, &ici.ItemInContainer{ItemID: p.CallHandle})
			r.sw.PickUp(id)
			for _, want := range []string{"103", "104"} {
				for p.CallStatus.ID != want {
					p = nextCall(s)
				}
			}
			r.sw.Advance(time.Second)
			r.sw.Lift(r.sw.Call(id).Conns[0].ID)
			for ; p.CallStatus.ID != "101"; p = nextCall(s) {
				if p.CallStatus.ID == "103" {
					t.Error("who has rung is told as one who is dialled")
				}
			}
			if p.Inbound {
				t.Errorf("it is told as one that has come in: %+v", p)
			}
		})
	}
	t.Run("not shown", func(t *testing.T) {
		t.Parallel()
		r, s, id := dialed(t, nil)
		if err := r.sw.Do(t.Context(), callmodel.Accept{Conn: r.sw.Call(id).AgentConn().ID}); err != nil {
			t.Fatal(err)
		}
		r.sw.PickUp(id)
		if p := nextCall(s); p.CallStatus.ID != "103" {
			t.Errorf("%+v", p)
		}
	})
	for setting, want := range map[string]callmodel.Outcome{ici.PreviewSkip: callmodel.OutcomeSkipped, ici.PreviewReject: callmodel.OutcomeAgentRejected} {
		t.Run(setting, func(t *testing.T) {
			t.Parallel()
			r, s, id := dialed(t, func(c *ici.Config) { c.BeginPreview, c.PreviewReject = true, setting })
			p := s.expect("C1 111/2 " + capPreview)
			ended := r.ended(id)
			r.must(ici.OpReroute, &ici.ItemInContainer{ItemID: p.CallHandle})
			s.expect("C1 4/1")
			if got := ended().Outcome; got != want {
				t.Errorf("the attempt ended as %q, want %q", got, want)
			}
		})
	}
}

// ended waits for the end of a call that is alive.
func (r *rig) ended(id callmodel.CallID) func() *callmodel.Call {
	r.Helper()
	_, sub, err := r.sw.Watch(r.Context(), "test")
	if err != nil {
		r.Fatal(err)
	}
	r.Cleanup(sub.Close)
	return func() *callmodel.Call {
		for {
			batch, err := sub.Next(r.Context())
			if err != nil {
				r.Fatal(err)
			}
			for _, e := range batch {
				if e.Kind == callmodel.EvCallEnded && e.Call.ID == id {
					return e.Call
				}
			}
		}
	}
}

// Who the CRM puts off while the agent looks at them is called again when it
// says; without a time the dialer decides.
func TestDialerPutsOffInPreview(t *testing.T) {
	t.Parallel()
	for more, want := range map[string]time.Time{
		"<DATE>20260303</DATE><TIME>143000</TIME>": time.Date(2026, 3, 3, 14, 30, 0, 0, time.UTC), "<REASON>later</REASON>": {},
	} {
		r, s, id := dialed(t, func(c *ici.Config) { c.BeginPreview = true })
		p := s.expect("C1 111/2 " + capPreview)
		ended := r.ended(id)
		r.must(ici.OpSetAttachedData, &ici.AttachedDataChange{ItemID: p.CallHandle, AttachedData: `<ItemAttachedData><Application id="CRM_IC_CLM_PVDIAL"><CALLID>17</CALLID>` + more + `</Application></ItemAttachedData>`})
		if wish := ended().Conns[1].Callback; (wish != nil) == want.IsZero() || wish != nil && !wish.At.Equal(want) {
			t.Errorf("%s: the switch knows of %+v", more, wish)
		}
	}
}

// Who the CRM puts off is called again when it says, and the talk or wrap-up
// ends where the site wants that.
func TestDialerPutsOff(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 3, 14, 30, 0, 0, time.UTC)
	for when, more := range map[string]string{
		"at a time":    "<DATE>20260303</DATE><TIME>143000</TIME>",
		"not before":   "<NOT_BEFORE>20260303143000</NOT_BEFORE>",
		"without time": "<REASON>later</REASON>",
		"a wrong time": "<DATE>soon</DATE>",
	} {
		for _, immediately := range []bool{false, true} {
			t.Run(when, func(t *testing.T) {
				t.Parallel()
				r, s, id := dialed(t, func(c *ici.Config) { c.BeginPreview, c.RescheduleImmediately = true, immediately })
				p := s.expect("C1 111/2 " + capPreview)
				r.must(ici.OpAccept, &ici.ItemInContainer{ItemID: p.CallHandle})
				r.sw.PickUp(id)
				r.sw.Lift(r.sw.Call(id).Conns[0].ID)
				for p.CallStatus.ID != "101" {
					p = nextCall(s)
				}
				r.must(ici.OpSetAttachedData, &ici.AttachedDataChange{ItemID: p.CallHandle, AttachedData: `<ItemAttachedData><Application id="CRM_IC_CLM_PVDIAL"><CALLID>17</CALLID>` + more + `</Application></ItemAttachedData>`})
				call := r.sw.Call(id)
				conn := &call.Conns[slices.IndexFunc(call.Conns, func(p callmodel.Connection) bool { return p.Role == callmodel.RoleAgent })]
				wish := conn.Callback
				if said := more[1] != 'R' && !strings.Contains(more, "soon"); said != (wish != nil) || said && !wish.At.Equal(at) {
					t.Errorf("the switch knows of %+v", wish)
				}
				if ended := conn.State == callmodel.Ended; ended != immediately {
					t.Errorf("ended: %t, at once: %t", ended, immediately)
				}
			})
		}
	}
}
