package ici

import (
	"context"
	"slices"
	"strings"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// maxQueues bounds the list of setCurrentQueues.
const maxQueues = 256

// setQueues signs an agent in to the queues of a list, and out of the others
// that a CRM can see (9.2.4). Unless OII.SetCurrentQueues says so it leaves them
// as they are: CRM systems sign in to all at a login and out of all at its end.
func (s *Server) setQueues(ctx context.Context, req *Request, p *QueueChoice) (Reply, error) {
	view, a, err := s.agent(ctx, p.UserID)
	if err != nil || !s.now().SetCurrentQueues {
		return done(err)
	}
	if len(p.Queues) > maxQueues {
		return nil, Refuse(ServiceUser, Malformed(ServiceUser), "at most %d queues can be listed", maxQueues)
	}
	hidden := staffOf(view).hidden
	cmd := callmodel.SetAgentQueues{Cmd: by(req), Agent: a.ID}
	for _, name := range p.Queues {
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		q := queueNamed(view, name)
		if q == nil || hidden[q.ID] || !slices.Contains(a.Queues, q.ID) {
			return nil, Refuse(ServiceUser, CodeQueueNotAllowed, "%s is no queue of %s: getAttributes lists them under queues", short(name), a.ID)
		}
		if !slices.Contains(cmd.In, q.ID) {
			cmd.In = append(cmd.In, q.ID)
		}
	}
	for _, id := range a.Queues {
		if !hidden[id] && !slices.Contains(cmd.In, id) {
			cmd.Out = append(cmd.Out, id)
		}
	}
	if len(cmd.In)+len(cmd.Out) == 0 {
		return done(nil) // there is none to sign out of
	}
	if err = s.sw.Do(ctx, cmd); fault.Is(err, fault.Denied) { // the configuration has just changed
		err = &Error{Service: ServiceUser, Code: CodeQueueNotAllowed, Text: fault.ReasonOf(err), Err: err}
	}
	return done(err)
}
