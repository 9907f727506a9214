package sim

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"strowger/switch/callmodel"
)

// callOfLeg returns the call that a leg belongs to, or nil.
func callOfLeg(v *callmodel.View, ch callmodel.ChannelID) *callmodel.Call {
	for _, c := range v.Calls {
		for i := range c.Conns {
			if c.Conns[i].Channel == ch && live(c.Conns[i].Leg) {
				return c
			}
		}
	}
	return nil
}

// command sends a random command: mostly a possible one about something that
// lives, sometimes any at all.
func (h *harness) command() {
	v := h.st.View()
	switch n := h.rng.IntN(100); {
	case (n >= 90 && somebodyTalks(v)) || n >= 85 && len(v.Supervisions) > 0:
		h.step(h.superviseCommand(v))
	case n < 25 || len(v.Calls) == 0:
		h.step(h.agentCommand(v))
	case n < 35:
		h.step(h.siteCommand(v))
	case n < 37:
		h.step(h.wrongCommand(v))
	default:
		if in := h.lineCommand(v); in != nil {
			h.step(in)
		}
	}
}

func (h *harness) anyAgent() callmodel.AgentID { return agentID(1 + h.rng.IntN(siteAgents)) }
func (h *harness) anyQueue() callmodel.QueueID { return queueID(1 + h.rng.IntN(siteQueues)) }

func (h *harness) agentCommand(v *callmodel.View) callmodel.Input {
	agent := h.anyAgent()
	state := pick(h.rng, callmodel.Ready, callmodel.Ready, callmodel.Ready, callmodel.NotReady, callmodel.LoggedOut)
	reason := pick(h.rng, "", "lunch")
	for _, a := range v.Agents { // they get in in no other way
		if a.State == callmodel.LoggedOut && a.Entering == nil && a.Station.Passcode && h.rng.IntN(4) == 0 {
			return callmodel.Login{Agent: a.ID, State: callmodel.Ready, Passcode: "123"}
		}
	}
	switch h.rng.IntN(12) {
	case 0:
		return callmodel.Login{Agent: agent, Station: pick[callmodel.StationID](h.rng, "", "", "s6", "s1", "s9"), State: pick(h.rng, 0, callmodel.Ready, callmodel.NotReady), OneLine: h.rng.IntN(3) == 0, Passcode: pick(h.rng, "123", "123", "456", "")}
	case 1:
		return callmodel.ForceAgentState{Cmd: callmodel.Cmd{By: "boss"}, Agent: agent, State: state, Reason: reason}
	case 2:
		if h.rng.IntN(3) > 0 {
			return callmodel.DropLine{Agent: agent, WrapUps: h.rng.IntN(2) == 0}
		}
		return callmodel.PanicLogout{Cmd: callmodel.Cmd{By: "boss"}, Agent: agent}
	case 3:
		return h.queuesCommand(v, agent)
	}
	if state == callmodel.LoggedOut && reason != "" {
		reason = pick(h.rng, "lunch", "home", "home")
	}
	if state == callmodel.Ready && reason != "" {
		reason = pick(h.rng, "lunch", "mail")
	}
	return callmodel.SetAgentState{Agent: agent, State: state, Reason: reason, KeepWrapUp: h.rng.IntN(4) == 0, SkipWrapUp: state == callmodel.LoggedOut && h.rng.IntN(2) == 0}
}

// moreData is what comes with an order now and then.
func (h *harness) moreData() []callmodel.AttachedData {
	if h.rng.IntN(3) > 0 {
		return nil
	}
	return []callmodel.AttachedData{{App: pick(h.rng, "crm", "till"), Media: "text/xml", Data: pick(h.rng, "", fmt.Sprintf("<n>%d</n>", h.rng.IntN(99)))}}
}

// queuesCommand signs an agent in to a queue or out of one: where a call of it
// waits for somebody, mostly. More come in than go out, or nobody would be left.
func (h *harness) queuesCommand(v *callmodel.View, agent callmodel.AgentID) callmodel.Input {
	queue := []callmodel.QueueID{h.anyQueue()}
	for _, c := range v.Calls {
		if c.Phase != callmodel.PhaseWaiting || h.rng.IntN(2) == 0 {
			continue
		}
		queue[0] = c.Queue
		for _, a := range v.Agents {
			if slices.Contains(a.Off, c.Queue) && a.State == callmodel.Ready {
				return callmodel.SetAgentQueues{Agent: a.ID, In: queue}
			}
		}
		if c.Preferred != "" {
			return callmodel.SetAgentQueues{Agent: c.Preferred, Out: queue}
		}
	}
	switch h.rng.IntN(6) {
	case 0, 1:
		return callmodel.SetAgentQueues{Agent: agent, Out: queue}
	case 2:
		return callmodel.SetAgentQueues{Agent: agent, In: queue, Only: true}
	}
	return callmodel.SetAgentQueues{Agent: agent, In: queue}
}

// dest draws a destination that a person could name.
func (h *harness) dest() callmodel.Dest {
	text := pick(h.rng, "queue:q1", "queue:q2", "agent:a1", "agent:a2", "agent:a3", "agent:a4", "number:101", "number:104", "802",
		"030555500", "030555501", "030555502", "030555503", "030555505", "00335551", "0990055", "112", "701", "ivr:main", "announce:sound:sorry", "hangup:busy", "999")
	d, err := callmodel.ParseDest(text)
	if err != nil {
		panic(err)
	}
	return d
}

func (h *harness) callID() callmodel.CallID { return callmodel.CallID{ID: h.NewID()} }

// caller draws who makes a call: somebody in wrap-up now and then.
func (h *harness) caller(v *callmodel.View) callmodel.AgentID {
	for _, a := range v.Agents {
		if a.State == callmodel.InWrapUp && h.rng.IntN(3) == 0 {
			return a.ID
		}
	}
	return h.anyAgent()
}

// siteCommand is about no connection: calls from nothing, routes, callbacks, queues.
func (h *harness) siteCommand(v *callmodel.View) callmodel.Input {
	if parked := parkedAt(v); parked != "" && h.rng.IntN(3) > 0 {
		return callmodel.PickUp{Agent: h.anyAgent(), Place: parked}
	}
	switch h.rng.IntN(9) {
	case 0, 1, 2:
		return callmodel.MakeCall{Agent: h.caller(v), To: h.dest(), Call: h.callID(), CallerID: pick(h.rng, "", "+4930777", "anonymous"), Queue: pick(h.rng, "", "", h.anyQueue()), InWrapUp: h.rng.IntN(2) == 0}
	case 3:
		return callmodel.PickUp{Agent: h.anyAgent(), Place: pick(h.rng, "701", "702", "709")}
	case 4:
		return callmodel.PauseQueue{Queue: h.anyQueue(), Paused: h.rng.IntN(3) == 0}
	case 5:
		return callmodel.EndCall{Call: v.Calls[h.rng.IntN(len(v.Calls))].ID}
	case 6:
		return callmodel.CreateCallback{
			ID: callmodel.CallbackID{ID: h.NewID()}, Number: pick(h.rng, "030555500", "030555503", "030555505", "+49301"), Queue: h.anyQueue(),
			At: pick(h.rng, time.Time{}, h.clock.Now().Add(3*time.Second).UTC()), Notes: "call me",
			Campaign: pick(h.rng, "", "spring"),
		}
	case 7:
		if len(v.Callbacks) == 0 {
			return callmodel.UpdateCallback{ID: callmodel.CallbackID{ID: h.NewID()}, Result: callmodel.ResultBusy}
		}
		b := v.Callbacks[h.rng.IntN(len(v.Callbacks))]
		if h.rng.IntN(4) == 0 {
			now := h.clock.Now().UTC()
			return callmodel.UpdateCallback{ID: b.ID, Change: &callmodel.CallbackChange{
				Number: pick(h.rng, b.Number, "030555507", "abc"), At: pick(h.rng, time.Time{}, now.Add(2*time.Second)), Until: pick(h.rng, time.Time{}, now.Add(time.Second), now.Add(time.Minute)),
			}}
		}
		return callmodel.UpdateCallback{ID: b.ID, Result: pick(h.rng, callmodel.ResultBusy, callmodel.ResultNoAnswer, callmodel.ResultSuccessful, callmodel.ResultHandled, callmodel.ResultOther)}
	}
	return h.route(v)
}

// parkedAt returns a place where somebody is parked, or "".
func parkedAt(v *callmodel.View) string {
	for _, c := range v.Calls {
		if c.Phase == callmodel.PhaseParked && c.Parked != nil {
			return c.Parked.Place
		}
	}
	return ""
}

// route answers a route request where there is one.
func (h *harness) route(v *callmodel.View) callmodel.Input {
	c := v.Calls[h.rng.IntN(len(v.Calls))]
	for _, o := range v.Calls {
		if o.Phase == callmodel.PhaseRouting {
			c = o
		}
	}
	if h.rng.IntN(3) == 0 {
		return callmodel.RouteReject{Call: c.ID}
	}
	urgent := h.rng.IntN(3)
	return callmodel.RouteSelect{
		Call: c.ID, To: h.dest(), Preferred: pick(h.rng, "", h.anyAgent()), Required: pick(h.rng, nil, []callmodel.AgentID{h.anyAgent()}),
		Expire: pick(h.rng, 0, 3*time.Second), Priority: pick(h.rng, nil, &urgent), Data: h.moreData(),
	}
}

// wrongCommand is one that no state can allow.
func (h *harness) wrongCommand(v *callmodel.View) callmodel.Input {
	c := v.Calls[h.rng.IntN(len(v.Calls))]
	conn := c.Conns[h.rng.IntN(len(c.Conns))].ID
	nobody := callmodel.ConnID{ID: h.NewID()}
	return pick[callmodel.Input](h.rng,
		callmodel.HoldCall{Conn: nobody}, callmodel.Consult{Conn: nobody, To: h.dest(), Call: h.callID()}, callmodel.Transfer{Conn: nobody},
		callmodel.Consult{Conn: conn, To: callmodel.Dest{Kind: callmodel.DestNumber, Value: "not a number"}, Call: h.callID()},
		callmodel.Consult{Conn: conn, To: h.dest(), Call: c.ID},
		callmodel.BlindTransfer{Conn: conn, To: callmodel.Dest{}}, callmodel.Deflect{Conn: conn, To: callmodel.Dest{Kind: callmodel.DestQueue, Value: "none"}},
		callmodel.SendDigits{Conn: conn, Digits: strings.Repeat("1", 1000)}, callmodel.SendDigits{Conn: conn, Digits: "12x"}, callmodel.SendDigits{Conn: conn},
		callmodel.PlayFile{Conn: conn, Media: "sound:../../etc/passwd"}, callmodel.PlayFile{Conn: conn, Media: "foo:bar"},
		callmodel.DropParty{Conn: conn, Party: "nobody"}, callmodel.Park{Conn: conn, Place: "1"},
		callmodel.SetDisposition{Conn: conn, Codes: []string{"none"}}, callmodel.Reject{Conn: conn, Reason: "none"},
		callmodel.MakeCall{Agent: "nobody", To: h.dest(), Call: h.callID()}, callmodel.MakeCall{Agent: h.anyAgent(), To: h.dest()},
		callmodel.MakeCall{Agent: h.anyAgent(), To: callmodel.Dest{Kind: callmodel.DestNumber, Value: "0900 call me"}, Call: h.callID()},
		callmodel.CreateCallback{ID: callmodel.CallbackID{ID: h.NewID()}, Number: "abc", Queue: h.anyQueue()},
		callmodel.CreateCallback{Number: "030555500", Queue: h.anyQueue()}, callmodel.EndCall{Call: h.callID()}, callmodel.PickUp{Agent: h.anyAgent()},
		callmodel.SetAgentState{Agent: h.anyAgent(), State: callmodel.OnCall}, callmodel.SetAgentState{Agent: h.anyAgent(), State: callmodel.Ready, SkipWrapUp: true}, callmodel.Login{Agent: h.anyAgent(), Station: "s9"},
		callmodel.HoldCall{Cmd: callmodel.Cmd{ValidUntil: 1}, Conn: conn}, callmodel.PauseQueue{Queue: "none", Paused: true},
		callmodel.RouteSelect{Call: c.ID, To: callmodel.Dest{}, Expire: -1},
	)
}

// lineCommand is about a connection: one that its capabilities name, mostly.
func (h *harness) lineCommand(v *callmodel.View) callmodel.Input {
	c := v.Calls[h.rng.IntN(len(v.Calls))]
	p := &c.Conns[h.rng.IntN(len(c.Conns))]
	if a := c.AgentConn(); a != nil && h.rng.IntN(4) > 0 {
		p = a
	}
	if twoCalls, of := doubled(v); of != nil && h.rng.IntN(2) == 0 {
		c, p = twoCalls, of
	}
	ops := slices.Clone(lineOps)
	if can := callmodel.Capabilities(p).Names(); len(can) > 0 && h.rng.IntN(5) > 0 {
		ops = slices.DeleteFunc(can, func(op string) bool { return op == "get-data" })
		if h.rng.IntN(8) > 0 { // or no talk would last
			ops = slices.DeleteFunc(ops, func(op string) bool { return op == "drop" || op == "reject" || op == "drop-all" })
		}
		if rare := slices.DeleteFunc(slices.Clone(ops), func(op string) bool { return !slices.Contains(rareOps, op) }); len(rare) > 0 && h.rng.IntN(2) == 0 {
			ops = rare
		}
		for _, op := range []string{"conference", "drop-party"} { // the rarest of all
			if slices.Contains(ops, op) && h.rng.IntN(2) == 0 {
				ops = []string{op}
			}
		}
	}
	if len(ops) == 0 {
		return nil
	}
	return h.operate(ops[h.rng.IntN(len(ops))], c, p)
}

// doubled returns the newest connection of a line with two calls, or of a conference.
func doubled(v *callmodel.View) (*callmodel.Call, *callmodel.Connection) {
	for _, c := range slices.Backward(v.Calls) {
		for i := range c.Conns {
			if p := &c.Conns[i]; p.Role == callmodel.RoleAgent && (p.Conference || !p.Partner.IsZero()) && p.State != callmodel.Ended {
				return c, p
			}
		}
	}
	return nil, nil
}

// lineOps are the operations of the capability table, and one beside it.
var lineOps = slices.DeleteFunc(append(callmodel.OpSet(1<<25-1).Names(), "stop-file"), func(op string) bool { return op == "get-data" })

// rareOps need a state that chance alone seldom brings about.
var rareOps = []string{"accept", "consult", "alternate", "transfer", "conference", "reconnect", "drop-party", "retrieve", "start-recording", "pause-recording"}

// operate makes the command of an operation.
func (h *harness) operate(op string, c *callmodel.Call, p *callmodel.Connection) callmodel.Input {
	conn := p.ID
	switch op {
	case "accept":
		return callmodel.Accept{Conn: conn}
	case "reject":
		return callmodel.Reject{
			Conn: conn, Reason: pick(h.rng, "", "wrong"),
			Result: pick(h.rng, "", "", "", callmodel.ResultSkip, callmodel.ResultAgentRejected, callmodel.ResultBusy),
		}
	case "drop":
		return callmodel.Drop{Conn: conn}
	case "drop-all":
		return callmodel.DropAll{Conn: conn}
	case "hold":
		return callmodel.HoldCall{Conn: conn}
	case "retrieve":
		return callmodel.Retrieve{Conn: conn}
	case "deflect":
		return callmodel.Deflect{Conn: conn, To: h.dest()}
	case "alternate":
		return callmodel.Alternate{Conn: conn}
	case "consult":
		to := h.dest()
		if h.rng.IntN(2) == 0 {
			to = callmodel.Dest{Kind: callmodel.DestNumber, Value: "030555500"} // somebody who answers and stays
		}
		return callmodel.Consult{Conn: conn, To: to, Call: h.callID(), Origin: "random", Queue: pick(h.rng, "", "", h.anyQueue())}
	case "transfer":
		return callmodel.Transfer{Conn: conn, End: h.rng.IntN(3) == 0, Data: h.moreData()}
	case "conference":
		return callmodel.Conference{Conn: conn}
	case "reconnect":
		return callmodel.Reconnect{Conn: conn, Ends: pick(h.rng, callmodel.ConnID{}, conn, p.Partner)}
	case "blind-transfer":
		return callmodel.BlindTransfer{Conn: conn, To: h.dest(), End: h.rng.IntN(3) == 0, Data: h.moreData()}
	}
	return h.operateMore(op, c, p)
}

func (h *harness) operateMore(op string, c *callmodel.Call, p *callmodel.Connection) callmodel.Input {
	conn := p.ID
	switch op {
	case "drop-party":
		other := &c.Conns[h.rng.IntN(len(c.Conns))]
		return callmodel.DropParty{Conn: conn, Party: pick(h.rng, other.Device, other.ID.Hex(), other.ID.String())}
	case "mute":
		return callmodel.Mute{Conn: conn, On: !p.Muted}
	case "park":
		return callmodel.Park{Conn: conn, Place: pick(h.rng, "", "", "701")}
	case "play":
		return callmodel.PlayFile{Conn: conn, Media: pick(h.rng, "sound:ad", "tone:ring", "sound:none")}
	case "stop-file":
		return callmodel.StopFile{Conn: conn}
	case "send-digits":
		return callmodel.SendDigits{Conn: conn, Digits: "12#"}
	case "require-wrap-up":
		return callmodel.RequireWrapUp{Conn: conn}
	case "end-wrap-up":
		return callmodel.EndWrapUp{Conn: conn}
	case "start-recording", "pause-recording":
		return h.recordCommand(op, c, p)
	case "dispose":
		d := callmodel.SetDisposition{Conn: conn, Codes: []string{pick(h.rng, "sold", "lost")}, NoWrapUp: h.rng.IntN(4) == 0, KeepWrapUp: h.rng.IntN(2) == 0}
		if c.Kind == callmodel.KindCampaign || h.rng.IntN(20) == 0 {
			d = h.wish(d)
		}
		return d
	}
	data := callmodel.AttachedData{App: pick(h.rng, "crm", "shop"), Media: "text/xml", Data: fmt.Sprintf("<n>%d</n>", h.rng.IntN(99))}
	return callmodel.SetData{Conn: conn, Entries: []callmodel.AttachedData{data}, Replace: h.rng.IntN(8) == 0}
}
