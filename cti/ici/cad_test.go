package ici_test

import (
	"strings"
	"testing"

	"strowger/cti/ctitest"
	"strowger/cti/ici"
	"strowger/switch/callmodel"
)

// A caller's number shows in international form; numbers of the switch stay.
func TestCallersNumber(t *testing.T) {
	t.Parallel()
	cfg := ctitest.Config()
	cfg.Plan.Country = "" // the switch itself does not know what the number means
	cfg.Trunks, cfg.Routes, cfg.DialRules = nil, nil, nil
	cfg.Queues[0].DialRule, cfg.Agents[0].DialRule, cfg.Agents[1].DialRule = "", "", ""
	sw := ctitest.NewFakeSwitch(cfg)
	r := rigOn(t, sw, sw, func(c *ici.Config) {
		c.IDD, c.Country = "011", "1"
		c.ExtraData.Allocated = []string{"FirstANumber"}
	})
	r.login(ctitest.Anna)
	for caller, want := range map[string]string{"0205550123": "+1205550123", "01149301": "+49301", "101": "+101"} {
		call := r.sw.Arrive(ctitest.Queue, caller, "")
		s := r.script(ctitest.Anna)
		s.r.Helper()
		p := nextCall(s)
		if p.RemoteNumbers[0] != want || p.DialedNumber != "+"+ctitest.Queue || !strings.Contains(p.AttachedData, "<FirstANumber>"+want+"</FirstANumber>") {
			t.Errorf("%s: %+v", caller, p)
		}
		r.sw.HangUp(call)
		nextCall(s)
	}
}

// nextCall waits for the line's next phoneCallChanged.
func nextCall(s *script) ici.PhoneCall {
	s.r.Helper()
	for {
		if e, ok := s.raw().(*ici.PhoneCallChanged); ok {
			return e.PhoneCall
		}
	}
}

// Calls of a queue that is not for CTI clients do not show, others do.
func TestQueueWithoutCTI(t *testing.T) {
	t.Parallel()
	cfg := ctitest.Config()
	cfg.Queues[0].NoCTI = true
	sw := ctitest.NewFakeSwitch(cfg)
	r := rigOn(t, sw, sw, nil)
	r.login(ctitest.Anna)
	s := r.script(ctitest.Anna)
	s.expect("user ANNA 2")
	call := r.sw.Arrive(ctitest.Queue, ctitest.Caller, "")
	r.sw.PickUp(call)
	if list := r.must(ici.OpGetCalls, &ici.LineRef{LineNumber: "101"}).(*ici.PhoneCalls); len(list.Calls) != 0 {
		t.Errorf("getCalls %+v", list)
	}
	s.silent(ctitest.Anna)
}

// What a CRM attaches is kept by the adapter, told at once, and reaches the
// switch when the call goes to somebody else.
func TestDataKeptUntilTransfer(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *ici.Config) { c.SetExtraData = false })
	call, s, handle := r.alerting(ctitest.Anna)
	r.sw.PickUp(call)
	s.expect("C1 101/2 " + capTalking)
	const doc = `<ItemAttachedData><Application id="APP"><x>1</x></Application></ItemAttachedData>`
	r.must(ici.OpSetAttachedData, &ici.AttachedDataChange{ItemID: handle, AttachedData: doc})
	if p := s.expect("C1 101/2 " + capTalking); !strings.Contains(p.AttachedData, `<Application id="APP"><x>1</x></Application>`) {
		t.Errorf("not told: %s", p.AttachedData)
	}
	if got := r.must(ici.OpGetAttachedData, &ici.ItemRef{ItemID: handle}).(*ici.Text); !strings.Contains(got.Value, `id="APP"`) {
		t.Errorf("not read back: %s", got.Value)
	}
	if c := r.sw.Call(call); len(c.Attached) != 0 {
		t.Fatalf("the switch has it already: %+v", c.Attached)
	}
	r.login(ctitest.Bernd)
	r.must(ici.OpForward, &ici.Forwarding{ItemID: handle, ContainerID: "101", DestType: "1", Destination: "102"})
	if c := r.sw.Call(call); len(c.Attached) != 1 || c.Attached[0].Data != "<x>1</x>" {
		t.Errorf("after the transfer the switch has %+v", c.Attached)
	}
}

// campaign is a switch on which bernd is offered a campaign's call.
func campaign(t *testing.T, adjust func(*ici.Config)) (*rig, *script, callmodel.CallbackID) {
	t.Helper()
	r := newRig(t, adjust)
	r.login(ctitest.Bernd)
	s := r.script(ctitest.Bernd)
	s.expect("user BERND 2")
	id := callmodel.CallbackID{ID: r.sw.NewID()}
	if err := r.sw.Do(t.Context(), callmodel.CreateCallback{ID: id, Number: ctitest.Outside, Queue: "support", Campaign: "spring", ListID: "L-1"}); err != nil {
		t.Fatal(err)
	}
	return r, s, id
}

func (r *rig) callback(id callmodel.CallbackID) *callmodel.Callback {
	r.Helper()
	v, err := r.sw.View(r.Context())
	if err != nil {
		r.Fatal(err)
	}
	for _, cb := range v.Callbacks {
		if cb.ID == id {
			return cb
		}
	}
	r.Fatalf("no callback %s", id)
	return nil
}

const capPreview = "1,2,6,7,8"

// An agent sees a campaign's call before it is made, with the CRM's entry.
func TestPreview(t *testing.T) {
	t.Parallel()
	preview := func(c *ici.Config) { c.BeginPreview = true }
	const entry = `<Application id="CRM_IC_CLM_PVDIAL"><CALLID>L-1</CALLID></Application>`
	t.Run("made", func(t *testing.T) {
		t.Parallel()
		r, s, _ := campaign(t, preview)
		p := s.expect("C1 111/2 " + capPreview)
		if !strings.Contains(p.AttachedData, entry) || p.RemoteNumbers[0] != ctitest.Outside {
			t.Errorf("%+v", p)
		}
		r.must(ici.OpSetAttachedData, &ici.AttachedDataChange{ItemID: p.CallHandle, AttachedData: p.AttachedData}) // nothing new
		r.must(ici.OpAccept, &ici.ItemInContainer{ItemID: p.CallHandle})
		call := r.only()
		r.sw.PickUp(call)
		for {
			if p = nextCall(s); p.CallStatus.ID == "103" {
				break
			}
			if p.CallStatus.ID != "111" {
				t.Fatalf("%+v", p)
			}
		}
		if !strings.Contains(p.AttachedData, entry) {
			t.Errorf("the entry is gone: %s", p.AttachedData)
		}
	})
	for result, setting := range map[callmodel.CallbackResult]string{callmodel.ResultSkip: ici.PreviewSkip, callmodel.ResultAgentRejected: ici.PreviewReject} {
		t.Run(setting, func(t *testing.T) {
			t.Parallel()
			r, s, id := campaign(t, func(c *ici.Config) { c.BeginPreview, c.PreviewReject = true, setting })
			p := s.expect("C1 111/2 " + capPreview)
			r.must(ici.OpReroute, &ici.ItemInContainer{ItemID: p.CallHandle})
			s.expect("C1 4/1")
			if cb := r.callback(id); cb.LastResult != result || (cb.State == callmodel.CallbackDone) != (result == callmodel.ResultAgentRejected) {
				t.Errorf("%+v", cb)
			}
		})
	}
	t.Run("not shown", func(t *testing.T) {
		t.Parallel()
		r, s, _ := campaign(t, nil)
		call := r.only()
		conn := r.sw.Call(call).AgentConn().ID
		if err := r.sw.Do(t.Context(), callmodel.Accept{Conn: conn}); err != nil {
			t.Fatal(err)
		}
		r.sw.PickUp(call)
		if p := nextCall(s); p.CallStatus.ID != "103" || !strings.Contains(p.AttachedData, entry) {
			t.Errorf("%+v", p)
		}
	})
}

// only is the id of the one call that there is.
func (r *rig) only() callmodel.CallID {
	r.Helper()
	v, err := r.sw.View(r.Context())
	if err != nil || len(v.Calls) != 1 {
		r.Fatalf("%d calls, %v", len(v.Calls), err)
	}
	return v.Calls[0].ID
}

// A CRM puts a campaign's call off by what it writes into the call's data: one
// that was not made ends, others only where the site says so.
func TestPutOff(t *testing.T) {
	t.Parallel()
	const later = `<ItemAttachedData><Application id="CRM_IC_CLM_PVDIAL"><CALLID>L-1</CALLID><DATE>20260303</DATE></Application></ItemAttachedData>`
	for _, at := range []string{"111", "101", "4"} {
		for _, immediately := range []bool{false, true} {
			t.Run(at+map[bool]string{true: " at once"}[immediately], func(t *testing.T) {
				t.Parallel()
				r, s, _ := campaign(t, func(c *ici.Config) { c.BeginPreview, c.RescheduleImmediately = true, immediately })
				p := s.expect("C1 111/2 " + capPreview)
				call := r.only()
				until := func(status string) {
					t.Helper()
					for p.CallStatus.ID+"/"+p.ProcessingStatus.ID != status {
						p = nextCall(s)
					}
				}
				if at != "111" {
					r.must(ici.OpAccept, &ici.ItemInContainer{ItemID: p.CallHandle})
					r.sw.PickUp(call)
					until("103/2")
					r.sw.Lift(r.sw.Call(call).Conns[0].ID)
					until("101/2")
				}
				if at == "4" {
					r.sw.HangUp(call)
					until("4/3")
				}
				r.must(ici.OpSetAttachedData, &ici.AttachedDataChange{ItemID: p.CallHandle, AttachedData: later})
				p = nextCall(s) // the data
				switch {
				case at == "111" || at == "4" && immediately:
					until("4/1")
				case immediately:
					until("4/3")
				default:
					if now := r.must(ici.OpCallGetAttributes, &ici.CallRef{LineNumber: "102", CallHandle: p.CallHandle}).(*ici.PhoneCall); now.CallStatus.ID != at {
						t.Errorf("%+v", now)
					}
				}
			})
		}
	}
}
