package callmodel

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// promptLimit is how long a prompt may last: the end of a sound is not told in
// every case, and a caller must not wait for it for ever.
const promptLimit = 5 * time.Minute

// ivrApp is the application under which menus attach what they store.
const ivrApp = "ivr"

// takeMenu takes the waiting party into a menu.
func (s *State) takeMenu(id CallID, menu IVRID) {
	cfg := s.ivr(s.calls[id], menu)
	if cfg == nil {
		s.endWaiting(id, CauseUnallocated, OutcomeUnknownNumber)
		return
	}
	c := s.edit(id)
	c.Phase = PhaseIVR
	c.Target = nil
	start := cfg.Start
	if start == "" {
		start = cfg.Nodes[0].ID
	}
	steps := 0
	if c.IVR != nil {
		steps = c.IVR.Steps
	}
	c.IVR = &IVRState{Menu: menu, Steps: steps}
	s.answerWaiting(id)
	s.stopMusic(id, s.calls[id].Waiting().ID)
	s.enter(id, start)
}

// ivr returns a menu in the version that the call has pinned.
func (s *State) ivr(c *Call, menu IVRID) *IVRConfig {
	if cfg, ok := s.configs[c.Config]; ok {
		if v := cfg.IVR(menu); v != nil {
			return v
		}
	}
	return s.config.IVR(menu)
}

func (s *State) node(c *Call) *IVRNode {
	if c.IVR == nil {
		return nil
	}
	cfg := s.ivr(c, c.IVR.Menu)
	if cfg == nil {
		return nil
	}
	for i := range cfg.Nodes {
		if cfg.Nodes[i].ID == c.IVR.Node {
			return &cfg.Nodes[i]
		}
	}
	return nil
}

// editIVR returns the call's place in a menu, for writing.
func (s *State) editIVR(id CallID) *IVRState {
	c := s.edit(id)
	st := *c.IVR
	c.IVR = &st
	return &st
}

// enter goes to a node of the call's menu.
func (s *State) enter(id CallID, node string) {
	st := s.editIVR(id)
	st.Node, st.Tries, st.Digits, st.Count, st.Asking = node, 0, "", 0, false
	if st.Steps++; st.Steps > MaxIVRSteps {
		s.incident(s.calls[id].Node, "a caller passed 100 nodes of menus and was sent away: the menu leads in a circle")
		s.endWaiting(id, CauseCongestion, OutcomeMenu)
		return
	}
	c := s.calls[id]
	s.emit(Event{Kind: EvMenu, Call: c, Conn: c.Waiting().ID, Node: c.Node, Reason: string(c.IVR.Menu) + "/" + node})
	n := s.node(s.calls[id])
	if n == nil { // the menu has changed and no version of it is left
		s.endWaiting(id, CauseNormal, OutcomeMenu)
		return
	}
	switch n.Kind {
	case NodeSet:
		s.store(id, []Var{{n.Key, n.Value}})
		s.next(id, n.Next)
	case NodeDecide:
		s.decide(id, n)
	case NodePlay, NodeMenu, NodeInput:
		s.prompt(id, n, n.Prompts)
	}
}

// prompt plays a node's prompts; digits may come while they play.
func (s *State) prompt(id CallID, n *IVRNode, media []string) {
	w := s.calls[id].Waiting().ID
	st := s.editIVR(id)
	st.Digits, st.Count = "", 0
	if n.Kind != NodePlay && (!n.NoBarge || len(media) == 0) {
		s.collect(id, n)
	}
	if len(media) == 0 {
		s.promptOver(id, n)
		return
	}
	play := s.play(id, w, media...)
	s.editIVR(id).Play = play
	s.setTimer(TimerDigit, id, ConnID{}, promptLimit)
}

// collect opens a collection of digits.
func (s *State) collect(id CallID, n *IVRNode) {
	w := s.calls[id].Waiting().ID
	st := s.editIVR(id)
	st.Collect++
	longest := n.Max
	for _, ch := range n.Choices {
		longest = max(longest, len(ch.Digits))
	}
	c := s.calls[id]
	s.do(Collect{
		EffectHead: s.head(c, w), Channel: c.Conn(w).Channel, Collect: st.Collect, Max: longest,
		Terminators: n.Terminators, Secret: n.Secret,
	})
}

// promptEnded is the end of a prompt, by itself or because a digit came.
func (s *State) promptEnded(id CallID, failed bool) {
	st := s.editIVR(id)
	st.Play = ""
	if failed {
		s.incident(s.calls[id].Node, "a prompt of menu "+string(st.Menu)+" node "+st.Node+" could not be played")
	}
	if st.Menu == "" { // an announcement before the end of the call
		s.endWaiting(id, CauseNormal, OutcomeMenu)
		return
	}
	n := s.node(s.calls[id])
	if n == nil {
		s.endWaiting(id, CauseNormal, OutcomeMenu)
		return
	}
	if n.NoBarge && n.Kind != NodePlay {
		s.collect(id, n)
	}
	s.promptOver(id, n)
}

func (s *State) promptOver(id CallID, n *IVRNode) {
	s.cancelTimer(TimerDigit, id, ConnID{})
	if n.Kind == NodePlay {
		s.next(id, n.Next)
		return
	}
	wait := n.FirstDigit
	if s.calls[id].IVR.Count > 0 {
		wait = n.InterDigit
	}
	s.setTimer(TimerDigit, id, ConnID{}, wait)
}

// digit takes a digit of a collection that is not secret.
func (s *State) digit(in DigitReceived) {
	ref, ok := s.legs[in.Channel]
	if ok && ref.entering && len(in.Digit) == 1 {
		s.passcodeDigit(ref.agent, in)
		return
	}
	if !ok || ref.agent != "" || len(in.Digit) != 1 {
		return
	}
	c := s.calls[ref.call]
	if c.customer(StageMessage) != nil && c.Phase == PhaseAutomat {
		s.optOut(c.ID, in)
		return
	}
	if c.Phase == PhaseWaiting {
		s.callbackDigit(ref.call, in)
		return
	}
	n := s.node(c)
	if c.Phase != PhaseIVR || n == nil || in.Collect != c.IVR.Collect || n.Secret {
		return
	}
	s.cutPrompt(ref.call)
	st := s.editIVR(ref.call)
	if n.Kind == NodeInput && strings.Contains(n.Terminators, in.Digit) {
		s.entered(ref.call, n)
		return
	}
	st.Digits += in.Digit
	st.Count++
	if entryFull(n, st) {
		s.entered(ref.call, n)
		return
	}
	s.setTimer(TimerDigit, ref.call, ConnID{}, n.InterDigit)
}

// entryFull reports whether no further digit can matter.
func entryFull(n *IVRNode, st *IVRState) bool {
	if n.Kind == NodeInput {
		return st.Count >= n.Max
	}
	longer := false
	for _, ch := range n.Choices {
		if len(ch.Digits) > len(st.Digits) && strings.HasPrefix(ch.Digits, st.Digits) {
			longer = true
		}
	}
	return !longer
}

// digitSecret takes the news of a secret collection: how many digits are in.
func (s *State) digitSecret(in DigitSecret) {
	ref, ok := s.legs[in.Channel]
	if !ok || ref.agent != "" {
		return
	}
	c := s.calls[ref.call]
	n := s.node(c)
	if c.Phase != PhaseIVR || n == nil || in.Collect != c.IVR.Collect || !n.Secret {
		return
	}
	s.cutPrompt(ref.call)
	st := s.editIVR(ref.call)
	st.Count = in.Count
	if in.Done || in.Count >= n.Max {
		s.entered(ref.call, n)
		return
	}
	s.setTimer(TimerDigit, ref.call, ConnID{}, n.InterDigit)
}

// cutPrompt ends a prompt because a digit has come.
func (s *State) cutPrompt(id CallID) {
	c := s.calls[id]
	if c.IVR.Play == "" {
		return
	}
	play := c.IVR.Play
	s.editIVR(id).Play = ""
	s.stopPlay(id, c.Waiting().ID, play)
}

// digitTimeout is a digit, or the end of a prompt, that has not come.
func (s *State) digitTimeout(id CallID) {
	c := s.calls[id]
	if c.Phase != PhaseIVR || c.IVR == nil {
		return
	}
	if play := c.IVR.Play; play != "" {
		s.stopPlay(id, c.Waiting().ID, play)
		s.promptEnded(id, true)
		return
	}
	if n := s.node(c); n != nil {
		s.entered(id, n)
	}
}

// entered is the end of an entry: by a terminator, the last digit or a timeout.
func (s *State) entered(id CallID, n *IVRNode) {
	s.cancelTimer(TimerDigit, id, ConnID{})
	c := s.calls[id]
	w := c.Waiting()
	s.do(StopCollect{EffectHead: s.head(c, w.ID), Channel: w.Channel})
	st := s.editIVR(id)
	if n.Kind == NodeMenu {
		for _, ch := range n.Choices {
			if ch.Digits == st.Digits {
				s.next(id, ch.Next)
				return
			}
		}
	} else if st.Count >= n.Min {
		value := st.Digits
		switch {
		case n.Key == "":
		case n.Secret:
			s.store(id, []Var{{n.Key, strings.Repeat("*", st.Count)}})
		default:
			s.store(id, []Var{{n.Key, value}})
		}
		s.next(id, n.Next)
		return
	}
	st = s.editIVR(id)
	if st.Tries++; st.Tries >= n.Tries {
		s.next(id, n.Fail)
		return
	}
	s.prompt(id, n, append(slices.Clone(n.Invalid), n.Prompts...))
}

// next goes on from a node.
func (s *State) next(id CallID, next string) {
	node, to, err := ParseNext(next)
	if err != nil {
		to = Dest{Kind: DestHangup}
	}
	if node != "" {
		s.enter(id, node)
		return
	}
	s.leaveMenu(id)
	s.take(id, to)
}

// leaveMenu ends the call's stay in menus; a circle through several is still counted.
func (s *State) leaveMenu(id CallID) {
	s.cancelTimer(TimerDigit, id, ConnID{})
	s.cancelTimer(TimerDecision, id, ConnID{})
	c := s.edit(id)
	c.Phase = PhaseDialing
	if c.IVR != nil {
		c.IVR = &IVRState{Menu: c.IVR.Menu, Steps: c.IVR.Steps, Collect: c.IVR.Collect}
	}
}

// store keeps values with the call, in its attached data too.
func (s *State) store(id CallID, values []Var) {
	c := s.edit(id)
	list := slices.Clone(c.Values)
	for _, v := range values {
		at, found := slices.BinarySearchFunc(list, v.Key, func(a Var, key string) int { return strings.Compare(a.Key, key) })
		if found {
			list[at] = v
		} else if len(list) < MaxApps {
			list = slices.Insert(list, at, v)
		}
	}
	c.Values = list
	doc := map[string]string{} // encoding/json writes maps in order of their keys
	for _, v := range list {
		doc[v.Key] = v.Value
	}
	raw, err := json.Marshal(doc)
	if err != nil {
		return
	}
	next, ok := s.mergeData(c.Attached, []AttachedData{{App: ivrApp, Media: "application/json", Data: string(raw)}})
	if !ok {
		s.incident(c.Node, "what a menu has stored does not fit into the call's attached data")
		return
	}
	c.Attached = next
	s.emitCall(EvDataChanged, id, s.calls[id].Waiting().ID)
}

// decide asks an HTTP server where to go on.
func (s *State) decide(id CallID, n *IVRNode) {
	c := s.calls[id]
	cfg := s.config.decisions[n.Decision]
	if pinned := s.configs[c.Config]; pinned != nil && pinned.decisions[n.Decision] != nil {
		cfg = pinned.decisions[n.Decision]
	}
	if cfg == nil {
		s.next(id, n.Default)
		return
	}
	st := s.editIVR(id)
	st.Asking = true
	s.setTimer(TimerDecision, id, ConnID{}, cfg.Timeout+time.Second) // the order has its own deadline
	c = s.calls[id]
	s.do(Decide{
		EffectHead: s.head(c, c.Waiting().ID), Decision: *cfg, Step: st.Steps,
		Ask: Ask{
			Call: id.String(), Caller: callerOf(c), CallerName: c.CallerName, Dialled: c.Dialled, Queue: string(c.Queue),
			Menu: string(st.Menu) + "/" + st.Node, Values: c.Values,
		},
	})
}

func callerOf(c *Call) string {
	if c.CallerID != "" {
		return c.CallerID
	}
	return c.Caller
}

// decision is the answer.
func (s *State) decision(in Decision) {
	c := s.calls[in.Call]
	if c == nil || c.Phase != PhaseIVR || c.IVR == nil || !c.IVR.Asking || c.IVR.Steps != in.Step {
		return // too late: the call has gone on
	}
	if in.Outcome != Done {
		s.decisionFailed(in.Call)
		return
	}
	s.cancelTimer(TimerDecision, in.Call, ConnID{})
	s.editIVR(in.Call).Asking = false
	if len(in.Set) > 0 {
		s.store(in.Call, in.Set)
	}
	n := s.node(s.calls[in.Call])
	node, to, err := ParseNext(in.To)
	switch {
	case n == nil:
		s.endWaiting(in.Call, CauseNormal, OutcomeMenu)
	case in.To == "":
		s.next(in.Call, n.Next)
	case err != nil || node != "" && !s.hasNode(in.Call, node) || node == "" && s.reachable("decision", s.calls[in.Call], "", s.calls[in.Call].Queue, to) != nil && to.Kind != DestHangup && to.Kind != DestAnnounce:
		s.incident(c.Node, "decision "+n.Decision+" named a destination that does not exist or is not allowed")
		s.next(in.Call, n.Default)
	default:
		s.next(in.Call, in.To)
	}
}

func (s *State) hasNode(id CallID, node string) bool {
	cfg := s.ivr(s.calls[id], s.calls[id].IVR.Menu)
	return cfg != nil && slices.ContainsFunc(cfg.Nodes, func(n IVRNode) bool { return n.ID == node })
}

// decisionFailed goes on with the default: no answer, or none in time.
func (s *State) decisionFailed(id CallID) {
	c := s.calls[id]
	if c == nil || c.Phase != PhaseIVR || c.IVR == nil || !c.IVR.Asking {
		return
	}
	s.cancelTimer(TimerDecision, id, ConnID{})
	s.editIVR(id).Asking = false
	if n := s.node(s.calls[id]); n != nil {
		s.next(id, n.Default)
	}
}

// menuAgain starts the node again after the leg was away or the link was lost:
// what played and what was collected is not known any more.
func (s *State) menuAgain(id CallID) {
	c := s.calls[id]
	if c.IVR == nil || c.IVR.Asking {
		return
	}
	n := s.node(c)
	if n == nil {
		return
	}
	s.cancelTimer(TimerDigit, id, ConnID{})
	s.editIVR(id).Play = ""
	s.prompt(id, n, n.Prompts)
}
