package callmodel

import (
	"strings"

	"strowger/switch/fault"
)

// ofMirror refuses a command about something that is mirrored, and says why;
// nil where it is about nothing of that kind.
func (s *State) ofMirror(cmd Command) error {
	if len(s.mirror.nodes) == 0 {
		return nil
	}
	switch c := cmd.(type) {
	case PauseQueue:
		return s.mirroredQueue(cmd.Tag(), c.Queue)
	case EndCall:
		return s.mirroredCall(cmd.Tag(), c.Call)
	case RouteSelect:
		return s.mirroredCall(cmd.Tag(), c.Call)
	case RouteReject:
		return s.mirroredCall(cmd.Tag(), c.Call)
	case Login:
		return s.mirroredAgent(cmd.Tag(), c.Agent)
	case SetAgentState:
		return s.mirroredAgent(cmd.Tag(), c.Agent)
	case ForceAgentState:
		return s.mirroredAgent(cmd.Tag(), c.Agent)
	case SetAgentQueues:
		return s.mirroredAgent(cmd.Tag(), c.Agent)
	case DropLine:
		return s.mirroredAgent(cmd.Tag(), c.Agent)
	case MakeCall:
		return s.mirroredAgent(cmd.Tag(), c.Agent)
	}
	return nil
}

func belongs(op, subject, what, kind string, node NodeID) error {
	return fault.Newf(fault.Unsupported, op, subject, "the %s belongs to %s of %s, which alone serves it: change it there, or move its queue to this switch", what, kind, node)
}

func (s *State) mirroredQueue(op string, id QueueID) error {
	if q := s.mirror.queues[id]; q != nil {
		return belongs(op, string(id), "queue", q.Kind, q.Node)
	}
	return nil
}

func (s *State) mirroredCall(op string, id CallID) error {
	if c := s.mirror.calls[id]; c != nil {
		return belongs(op, id.String(), "call", s.mirror.nodes[c.Node].Kind, c.Node)
	}
	return nil
}

func (s *State) mirroredAgent(op string, id AgentID) error {
	if !strings.Contains(string(id), "@") || s.agents[id] != nil {
		return nil
	}
	for k := range s.mirror.members {
		m := s.mirror.members[k]
		if strings.EqualFold(string(MirrorAgentID(m.Interface, m.Node)), string(id)) {
			return belongs(op, string(id), "agent", s.mirror.nodes[m.Node].Kind, m.Node)
		}
	}
	return nil
}
