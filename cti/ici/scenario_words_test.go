package ici

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"strowger/cti/ctitest"
	"strowger/switch/callmodel"
)

// The lines of a script:
//
//	> anna WORD ARGUMENT...   a request of Anna's CRM: see crmWords; bernd likewise
//	> sim WORD ARGUMENT...    what happens at the switch: see simWords
//	> show data               from here on attached data are written where they change
//
// Items are named C1, C2 at Anna's line and K1, K2 at Bernd's, in the order in
// which they are seen; at a phone, C1.other is the other party in C1's call.

// call names an item of an agent's line.
func (k *scene) callRef(agent, item string) *CallRef {
	return &CallRef{LineNumber: lineOf(agent), CallHandle: k.handle(item)}
}

// pair names the active call and the one on hold.
func (k *scene) pair(a []string) *CallPair {
	return &CallPair{LineNumber: lineOf(a[0]), ConnCallHandle: k.handle(a[1]), HeldCallHandle: k.handle(a[2])}
}

func lineOf(agent string) string {
	for line, o := range owners {
		if o[0] == agent {
			return line
		}
	}
	return agent
}

// crmWords are the requests. args has at least three elements, empty ones at
// its end; the first is the agent.
var crmWords = map[string]func(k *scene, args []string) (Op, Params){
	"accept": func(k *scene, a []string) (Op, Params) {
		return OpAccept, &ItemInContainer{k.handle(a[1]), lineOf(a[0])}
	},
	"reroute": func(k *scene, a []string) (Op, Params) {
		return OpReroute, &ItemInContainer{k.handle(a[1]), lineOf(a[0])}
	},
	"wrapUpRequired": func(k *scene, a []string) (Op, Params) { return OpWrapUpRequired, &ItemRef{k.handle(a[1])} },
	"wrapUpEnded":    func(k *scene, a []string) (Op, Params) { return OpWrapUpEnded, &ItemRef{k.handle(a[1])} },
	"getData":        func(k *scene, a []string) (Op, Params) { return OpGetAttachedData, &ItemRef{k.handle(a[1])} },
	"deleteData":     func(k *scene, a []string) (Op, Params) { return OpDeleteAttachedData, &ItemRef{k.handle(a[1])} },
	"setData": func(k *scene, a []string) (Op, Params) {
		return OpSetAttachedData, &AttachedDataChange{k.handle(a[1]), strings.TrimSpace(strings.Join(a[2:], " "))}
	},
	"getCalls":   func(_ *scene, a []string) (Op, Params) { return OpGetCalls, &LineRef{lineOf(a[0])} },
	"dropCalls":  func(_ *scene, a []string) (Op, Params) { return OpDropCalls, &LineRef{lineOf(a[0])} },
	"attributes": func(k *scene, a []string) (Op, Params) { return OpCallGetAttributes, k.callRef(a[0], a[1]) },
	"drop":       func(k *scene, a []string) (Op, Params) { return OpDrop, k.callRef(a[0], a[1]) },
	"hold":       func(k *scene, a []string) (Op, Params) { return OpHold, k.callRef(a[0], a[1]) },
	"unhold":     func(k *scene, a []string) (Op, Params) { return OpUnhold, k.callRef(a[0], a[1]) },
	"create": func(_ *scene, a []string) (Op, Params) {
		return OpCreate, &Container{cmp.Or(a[1], ChannelPhone), lineOf(a[0])}
	},
	"dial": func(k *scene, a []string) (Op, Params) { return OpDial, &Dialing{lineOf(a[0]), k.handle(a[1]), a[2]} },
	"consult": func(k *scene, a []string) (Op, Params) { // NEW WAITING NUMBER [NEXT]
		next, _ := strconv.Atoi(a[4]) // none is 0
		return OpConsult, &Consultation{lineOf(a[0]), k.handle(a[1]), k.handle(a[2]), a[3], next}
	},
	"transfer":   func(k *scene, a []string) (Op, Params) { return OpTransfer, k.pair(a) },
	"reconnect":  func(k *scene, a []string) (Op, Params) { return OpReconnect, k.pair(a) },
	"alternate":  func(k *scene, a []string) (Op, Params) { return OpAlternate, k.pair(a) },
	"conference": func(k *scene, a []string) (Op, Params) { return OpConference, k.pair(a) },
	"dropParty": func(k *scene, a []string) (Op, Params) { // CALL NUMBER
		return OpDropParty, &PartyRef{lineOf(a[0]), a[2], k.handle(a[1])}
	},
	"forward": func(k *scene, a []string) (Op, Params) { // CALL TYPE DESTINATION
		return OpForward, &Forwarding{k.handle(a[1]), lineOf(a[0]), a[2], a[3]}
	},
	"digits": func(k *scene, a []string) (Op, Params) { return OpSendDTMF, &Tones{lineOf(a[0]), k.handle(a[1]), a[2]} },
	"login":  func(_ *scene, a []string) (Op, Params) { return OpUserGetAttributes, &UserQuery{UserID: a[0]} },
	"setQueues": func(_ *scene, a []string) (Op, Params) { // QUEUE...
		return OpSetCurrentQueues, &QueueChoice{a[0], slices.DeleteFunc(slices.Clone(a[1:]), func(q string) bool { return q == "" })}
	},
	"workmode": func(_ *scene, a []string) (Op, Params) { return OpSetCurrentWorkmode, &WorkmodeChange{a[0], a[1]} },
	"queues": func(_ *scene, a []string) (Op, Params) {
		return OpGetPresenceQueueInfo, &PresenceQueueQuery{a[0], ChannelPhone}
	},
}

// simWords are what happens at the switch, besides ICI.
var simWords = map[string]func(k *scene, args []string){
	"arrive": func(k *scene, _ []string) { k.sw.Arrive(ctitest.Queue, ctitest.Caller, "Caller") },
	"call": func(k *scene, a []string) { // somebody of that number calls in, with that Call-ID
		k.sw.Put(callmodel.ChannelArrived{
			Node: ctitest.Node, Channel: callmodel.ChannelID("in-" + a[0]), Call: callmodel.CallID{ID: k.sw.NewID()}, Dialled: ctitest.Queue, Caller: a[0], SIPCallID: a[1],
		})
	},
	"campaign": func(k *scene, a []string) { // the queue is to call somebody for a campaign
		k.do(callmodel.CreateCallback{
			ID: callmodel.CallbackID{ID: k.sw.NewID()}, Number: ctitest.Outside, Queue: "support", Campaign: "spring", ListID: a[0],
		})
	},
	"data": func(k *scene, a []string) { // what the switch itself has of the applications' data
		id, err := callmodel.ParseID(k.handle(a[0]))
		if err != nil {
			k.Fatal(err)
		}
		view, err := k.sw.View(k.Context())
		if err != nil {
			k.Fatal(err)
		}
		for _, call := range view.Calls {
			if call.Conn(callmodel.ConnID{ID: id}) != nil {
				for _, d := range call.Attached {
					k.out.WriteString("  " + d.App + " " + d.Data + "\n")
				}
			}
		}
	},
	"recording": func(k *scene, _ []string) { // what is to be recorded has begun
		view, err := k.sw.View(k.Context())
		if err != nil {
			k.Fatal(err)
		}
		for _, r := range view.Recordings {
			for _, t := range r.Tracks {
				k.sw.Put(callmodel.RecordingStarted{Node: ctitest.Node, Record: t.Name})
			}
		}
	},
	"identify": func(k *scene, a []string) { // the Call-ID of a leg becomes known
		k.sw.Put(callmodel.ChannelIdentified{Channel: k.leg(a[0]), SIPCallID: a[1]})
	},
	"lift": func(k *scene, a []string) { k.sw.Lift(k.party(a[0])) },
	"clear": func(k *scene, a []string) { // hangs up, or turns the call down
		cause := map[string]callmodel.Cause{"": callmodel.CauseNormal, "busy": callmodel.CauseBusy, "silent": callmodel.CauseNoAnswer, "unknown": callmodel.CauseUnallocated}
		k.sw.Clear(k.party(a[0]), cause[a[1]])
	},
	"held":    func(k *scene, a []string) { k.sw.Put(callmodel.ChannelHeld{Channel: k.leg(a[0])}) },
	"unheld":  func(k *scene, a []string) { k.sw.Put(callmodel.ChannelUnheld{Channel: k.leg(a[0])}) },
	"answers": func(k *scene, _ []string) { k.sw.Ignore(callmodel.Originate{}.What()) }, // who is called does not ring first
	"advance": func(k *scene, a []string) {
		d, err := time.ParseDuration(a[0])
		if err != nil {
			k.Fatal(err)
		}
		k.sw.Advance(d)
	},
	"timer": func(k *scene, _ []string) { // waits for what a clock of the interface tells
		select {
		case line := <-k.told:
			k.out.WriteString(line + "\n")
		case <-time.After(10 * time.Second):
			k.Fatal("no timer has told anything")
		}
	},
	"agent": func(k *scene, a []string) { // changes their state at another client
		st, ok := callmodel.ParseAgentState(a[1])
		if !ok {
			k.Fatalf("no agent state %q", a[1])
		}
		k.sw.SetAgent(callmodel.AgentID(a[0]), st, a[2])
	},
	"out": func(k *scene, a []string) { // signs out of a queue at another client
		k.do(callmodel.SetAgentQueues{Agent: callmodel.AgentID(a[0]), Out: []callmodel.QueueID{callmodel.QueueID(a[1])}})
	},
	"make": func(k *scene, a []string) { // makes a call at another client
		k.do(callmodel.MakeCall{
			Agent: callmodel.AgentID(a[0]), Call: callmodel.CallID{ID: k.sw.NewID()}, To: callmodel.Dest{Kind: callmodel.DestNumber, Value: a[1]},
		})
	},
	"take": func(k *scene, a []string) { k.do(callmodel.Accept{Conn: k.offered(callmodel.AgentID(a[0]))}) }, // at another client
	"knocking": func(k *scene, a []string) { // an agent takes the call that knocks, at another client
		view, err := k.sw.View(k.Context())
		if err != nil {
			k.Fatal(err)
		}
		for _, c := range view.Calls {
			for i := range c.Conns {
				if p := &c.Conns[i]; p.Knock && p.Agent == callmodel.AgentID(a[0]) {
					k.do(callmodel.Accept{Conn: p.ID})
					return
				}
			}
		}
		k.Fatal("nothing knocks")
	},
	"reject": func(k *scene, a []string) { k.do(callmodel.Reject{Conn: k.offered(callmodel.AgentID(a[0]))}) },
	"node": func(k *scene, a []string) {
		if a[0] == "down" {
			k.sw.Put(callmodel.NodeDown{Node: ctitest.Node, Cause: "test"})
			return
		}
		k.sw.Put(k.listing(a[1]))
	},
}

// listing is what a server that is back says of itself: all legs are there, or
// but for one's, or none.
func (k *scene) listing(but string) callmodel.Resync {
	k.Helper()
	view, err := k.sw.View(k.Context())
	if err != nil {
		k.Fatal(err)
	}
	gone := map[callmodel.ChannelID]bool{}
	if but != "" && but != "none" {
		gone[k.leg(but)] = true
	}
	k.sw.Advance(time.Minute) // a leg that has just begun may be missing from a listing
	out := callmodel.Resync{Node: ctitest.Node, Epoch: "1", AsOf: k.sw.Instant(), Back: true}
	for _, c := range view.Calls {
		bridge := callmodel.BridgeFact{Bridge: c.Bridge}
		for i := range c.Conns {
			p := &c.Conns[i]
			if p.Channel == "" || p.State == callmodel.Ended || but == "none" || gone[p.Channel] {
				continue
			}
			out.Channels = append(out.Channels, callmodel.ChannelFact{Channel: p.Channel, Leg: p.Leg, Inbound: !p.Channel.Ours()})
			if p.InBridge {
				bridge.Channels = append(bridge.Channels, p.Channel)
			}
		}
		if len(bridge.Channels) > 0 {
			out.Bridges = append(out.Bridges, bridge)
		}
	}
	return out
}

// run carries a line of a script out and returns the answer, if it has one.
func (k *scene) run(words []string) string {
	k.Helper()
	args := append(words[min(2, len(words)):len(words):len(words)], "", "", "", "")
	switch {
	case strings.Join(words, " ") == "show data":
		k.wide = true
		return ""
	case len(words) < 2:
		k.Fatalf("a line needs who and what: %q", words)
	case words[0] == "sim":
		if f := simWords[words[1]]; f != nil {
			f(k, args)
			return ""
		}
	default:
		if f := crmWords[words[1]]; f != nil {
			op, p := f(k, append([]string{words[0]}, args...))
			k.asking = lineOf(words[0])
			return k.request(op, p)
		}
	}
	k.Fatalf("there is no such line: %q", words)
	return ""
}

func (k *scene) do(cmd callmodel.Command) {
	k.Helper()
	if err := k.sw.Do(k.Context(), cmd); err != nil {
		k.Fatalf("%s: %v", cmd.Tag(), err)
	}
}

// offered is the connection at an agent's phone.
func (k *scene) offered(agent callmodel.AgentID) callmodel.ConnID {
	k.Helper()
	view, err := k.sw.View(k.Context())
	if err != nil {
		k.Fatal(err)
	}
	for _, a := range view.Agents {
		if a.ID == agent {
			return a.Conn
		}
	}
	k.Fatalf("no agent %s", agent)
	return callmodel.ConnID{}
}

func (k *scene) connection(name string) *callmodel.Connection {
	k.Helper()
	item, other := strings.CutSuffix(name, ".other")
	id, err := callmodel.ParseID(k.handle(item))
	if err != nil {
		k.Fatalf("%s: %v", name, err)
	}
	view, err := k.sw.View(k.Context())
	if err != nil {
		k.Fatal(err)
	}
	for _, c := range view.Calls {
		if c.Conn(callmodel.ConnID{ID: id}) == nil {
			continue
		}
		for i := range c.Conns {
			if p := &c.Conns[i]; (p.ID.ID == id) != other && p.Channel != "" && p.State != callmodel.Ended {
				return p
			}
		}
	}
	k.Fatalf("nobody is %s", name)
	return nil
}

func (k *scene) party(name string) callmodel.ConnID { return k.connection(name).ID }

func (k *scene) leg(name string) callmodel.ChannelID { return k.connection(name).Channel }
