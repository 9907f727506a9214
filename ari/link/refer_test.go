package link

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"strowger/ari/arispec"
	"strowger/switch/callmodel"
)

func local(id, name string) arispec.Channel {
	return arispec.Channel{ID: id, Name: "Local/" + name, Dialplan: arispec.DialplanCEP{Exten: "8005"}}
}

func pjsip(id string) arispec.Channel { return arispec.Channel{ID: id, Name: "PJSIP/101-00000001"} }

func replacing(c arispec.Channel, leg string) *arispec.StasisStart {
	old := pjsip(leg)
	return &arispec.StasisStart{Channel: c, ReplaceChannel: &old}
}

func leaves(leg, bridge string) *arispec.ChannelLeftBridge {
	return &arispec.ChannelLeftBridge{Channel: pjsip(leg), Bridge: arispec.Bridge{ID: bridge}}
}

func enters(c arispec.Channel, bridge string) *arispec.ChannelEnteredBridge {
	return &arispec.ChannelEnteredBridge{Channel: &c, Bridge: arispec.Bridge{ID: bridge}}
}

// lines is a short form of facts.
func lines(facts []callmodel.Input) []string {
	var out []string
	for _, in := range facts {
		switch f := in.(type) {
		case callmodel.ChannelArrived:
			out = append(out, "arrived "+string(f.Channel)+" "+f.Dialled)
		case callmodel.PhoneTransferred:
			out = append(out, "transferred "+string(f.Channel)+" "+f.To)
		case callmodel.PhoneTransferredTo:
			out = append(out, "connected "+string(f.First)+" "+string(f.Second))
		case callmodel.ChannelReplaced:
			out = append(out, "replaced "+string(f.Old)+" "+string(f.New))
		case callmodel.ChannelLeft:
			out = append(out, "left "+string(f.Channel))
		case callmodel.ChannelGone:
			out = append(out, "gone "+string(f.Channel))
		default:
			out = append(out, fmt.Sprintf("%T", in))
		}
	}
	return out
}

// TestTransfersByPhone: the events of a real Asterisk 22.10.1, shortened, and
// what the switch is told.
func TestTransfersByPhone(t *testing.T) {
	t.Parallel()
	far := func(args ...string) *arispec.StasisStart {
		return &arispec.StasisStart{Args: append([]string{"in", "8005"}, args...), Channel: local("17.8", "8005@agents-7;2")}
	}
	near := replacing(local("17.7", "8005@agents-7;1"), "sw-a")
	summed := &arispec.BridgeBlindTransfer{Channel: pjsip("sw-a"), Exten: "8005", Result: "Success"}
	t2, t1 := local("17.8", "_attended@transfer-3;2"), local("17.7", "_attended@transfer-3;1")
	ends := &arispec.StasisEnd{Channel: pjsip("sw-a")}
	attended := &arispec.BridgeAttendedTransfer{TransfererFirstLeg: pjsip("sw-a"), TransfererSecondLeg: pjsip("17.2"), Result: "Success"}
	for name, c := range map[string]struct {
		events []arispec.Event
		want   []string
		later  []string // after the time that facts are held back
		tidied []string
	}{
		"blind": {
			[]arispec.Event{far("xfer=PJSIP%2F101-1"), near, leaves("sw-a", "sw-b-1"), enters(local("17.7", "8005@agents-7;1"), "sw-b-1"), summed, ends},
			[]string{"transferred sw-a 8005", "left sw-a", "gone sw-a"},
			nil,
			[]string{"17.7", "17.8"},
		},
		"blind, the other way round, old snippet": {
			[]arispec.Event{near, far(), leaves("sw-a", "sw-b-1"), summed},
			[]string{"transferred sw-a 8005", "left sw-a"},
			nil,
			[]string{"17.7", "17.8"},
		},
		"blind, the summary first": {
			[]arispec.Event{summed, far("xfer=x"), near, leaves("sw-a", "sw-b-1")},
			[]string{"transferred sw-a 8005", "left sw-a"},
			nil,
			[]string{"17.8", "17.7"},
		},
		"blind, the summary never": {
			[]arispec.Event{far("xfer=x"), near, leaves("sw-a", "sw-b-1"), ends},
			nil,
			[]string{"transferred sw-a 8005", "left sw-a", "gone sw-a"},
			[]string{"17.7", "17.8"},
		},
		"attended, the summary never": {
			[]arispec.Event{replacing(t2, "17.2"), replacing(t1, "sw-a"), leaves("sw-a", "sw-b-1")},
			nil,
			[]string{"connected sw-a 17.2", "left sw-a"},
			[]string{"17.7", "17.8"},
		},
		"blind, refused": {
			[]arispec.Event{&arispec.BridgeBlindTransfer{Channel: pjsip("sw-a"), Exten: "8005", Result: "Invalid"}}, nil, nil, nil,
		},
		"a site's own Local channel": {
			[]arispec.Event{far("xfer=")}, []string{"arrived 17.8 8005"}, nil, nil,
		},
		"a Local channel that comes for another reason": {
			[]arispec.Event{far("xfer=PJSIP%2Fx-1"), &arispec.ChannelDestroyed{Channel: local("17.8", "8005@agents-7;2")}}, nil, []string{"arrived 17.8 8005", "gone 17.8"}, nil,
		},
		"attended": {
			[]arispec.Event{
				replacing(t2, "17.2"), leaves("17.2", "sw-b-2"), enters(t2, "sw-b-2"), replacing(t1, "sw-a"), leaves("sw-a", "sw-b-1"), enters(t1, "sw-b-1"),
				&arispec.StasisEnd{Channel: pjsip("17.2")}, attended,
			},
			[]string{"connected sw-a 17.2", "left 17.2", "left sw-a", "gone 17.2"},
			nil,
			[]string{"17.7", "17.8"},
		},
		"attended, the second leg ends at once": {
			[]arispec.Event{replacing(t2, "17.2"), &arispec.StasisEnd{Channel: pjsip("17.2")}, replacing(t1, "sw-a"), attended},
			[]string{"connected sw-a 17.2", "gone 17.2"},
			nil,
			[]string{"17.7", "17.8"},
		},
		"attended, one half not seen": {
			[]arispec.Event{replacing(t2, "17.2"), leaves("17.2", "sw-b-2"), attended},
			[]string{"connected sw-a 17.2", "left 17.2"},
			nil,
			[]string{"17.8"},
		},
		"attended, the other leg is none of ours": {
			[]arispec.Event{replacing(t1, "sw-a"), leaves("sw-a", "sw-b-1")},
			nil,
			[]string{"replaced sw-a 17.7", "left sw-a"},
			[]string{"sw-a"},
		},
		"picked up by another phone": {
			[]arispec.Event{replacing(pjsip("17.9"), "sw-a"), leaves("sw-a", "sw-b-1"), ends},
			[]string{"replaced sw-a 17.9", "left sw-a", "gone sw-a"},
			nil,
			[]string{"sw-a"},
		},
		"attended, refused": {
			[]arispec.Event{&arispec.BridgeAttendedTransfer{TransfererFirstLeg: pjsip("sw-a"), TransfererSecondLeg: pjsip("17.2"), Result: "Fail"}}, nil, nil, nil,
		},
		"a summary of nothing that was seen": {[]arispec.Event{attended, &arispec.BridgeAttendedTransfer{Result: "Success"}}, nil, nil, nil},
	} {
		r := newIngestRig()
		var got []callmodel.Input
		for _, ev := range c.events {
			got = r.facts(ev, got)
		}
		got = r.refer.expire(time.Now(), got)
		if !reflect.DeepEqual(lines(got), c.want) {
			t.Errorf("%s:\ngot  %q\nwant %q", name, lines(got), c.want)
		}
		if late := lines(r.refer.expire(time.Now().Add(holdFor), nil)); !reflect.DeepEqual(late, c.later) {
			t.Errorf("%s, later:\ngot  %q\nwant %q", name, late, c.later)
		}
		if got := fmt.Sprint(r.tidied); got != "["+strings.Join(c.tidied, " ")+"]" {
			t.Errorf("%s: hung up %s, want %v", name, got, c.tidied)
		}
		if r.refer.expire(time.Now().Add(2*referMemory), nil); r.refer.busy() {
			t.Errorf("%s: something is remembered for ever: %+v", name, r.refer)
		}
	}
}

// TestReferIsBounded: more transfers than the tables hold are told as Asterisk
// tells them.
func TestReferIsBounded(t *testing.T) {
	t.Parallel()
	r := newIngestRig()
	for i := range 2 * maxRefers {
		id := fmt.Sprint(i)
		r.facts(replacing(local("17."+id, "8005@agents-"+id+";1"), "sw-"+id), nil)
		r.facts(&arispec.BridgeBlindTransfer{Channel: pjsip("sw-" + id), Exten: "8005", Result: "Success"}, nil)
	}
	if n := len(r.refer.helper) + len(r.refer.done) + len(r.refer.pairs) + len(r.refer.holds); n > 5*maxRefers {
		t.Errorf("%d entries", n)
	}
	if got := lines(r.facts(replacing(local("17.x", "8005@agents-x;1"), "sw-x"), nil)); !reflect.DeepEqual(got, []string{"replaced sw-x 17.x"}) {
		t.Errorf("%q", got)
	}
}

// TestHelpersAreNotListed: a Resync in the middle of a transfer adopts none of
// Asterisk's helpers as a caller.
func TestHelpersAreNotListed(t *testing.T) {
	t.Parallel()
	r := newIngestRig()
	for name, c := range map[string]struct {
		channel, data string
		ours          bool
	}{
		"far half, blind":  {"Local/8005@agents-7;2", "strowger,in,8005,pres=,xfer=PJSIP%2F101-1", false},
		"far half, second": {"Local/_attended@transfer-3;2", "strowger,in,102", false},
		"a site's own":     {"Local/8005@agents-7;2", "strowger,in,8005,pres=,xfer=", true},
		"a caller":         {"PJSIP/trunk-1", "strowger,in,8005,pres=allowed,xfer=PJSIP%2F101-1,to=x", true},
	} {
		ch := arispec.Channel{ID: "17.1", Name: c.channel, Dialplan: arispec.DialplanCEP{AppName: "Stasis", AppData: c.data}}
		f, ours := r.channelFact(&ch)
		if ours != c.ours || (ours && (f.Dialled != "8005" || !f.Inbound)) {
			t.Errorf("%s: %v %+v", name, ours, f)
		}
	}
}
