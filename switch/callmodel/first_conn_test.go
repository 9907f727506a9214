package callmodel_test

import (
	"slices"
	"testing"

	"strowger/switch/callmodel"
)

// A client that mints a call's id knows its own connection before the call is
// made; what it gives the call is there from the start.
func TestFirstConn(t *testing.T) {
	t.Parallel()
	_, conn, _ := talkScene(t)
	note := callmodel.AttachedData{App: "note", Media: "text/xml", Data: "<n/>"}
	made, asked := callmodel.CallID{ID: callmodel.ID{7}}, callmodel.CallID{ID: callmodel.ID{8}}
	to := callmodel.Dest{Kind: callmodel.DestNumber, Value: "102"}
	for call, cmd := range map[callmodel.CallID]callmodel.Command{
		asked: callmodel.Consult{Conn: conn, To: to, Call: asked, Origin: "test", Data: []callmodel.AttachedData{note}},
		made:  callmodel.MakeCall{Agent: "ben", To: callmodel.Dest{Kind: callmodel.DestAgent, Value: "anna"}, Call: made, Origin: "test", Data: []callmodel.AttachedData{note}},
	} {
		s, _, _ := talkScene(t)
		if out := s.Step(1_000_000, cmd); out.Fault != nil {
			t.Fatalf("%s: %v", cmd.Tag(), out.Fault)
		}
		id := callmodel.FirstConn(call)
		c := s.CallByConn(id)
		if c == nil || c.ID != call || c.Conns[0].ID != id || !c.Conns[0].Maker {
			t.Fatalf("%s: the maker's connection is not %s: %+v", cmd.Tag(), id, c)
		}
		if c.Origin != "test" || !slices.Contains(c.Attached, note) {
			t.Errorf("%s: origin %q, data %v", cmd.Tag(), c.Origin, c.Attached)
		}
	}
}
