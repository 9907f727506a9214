package rest

import (
	"maps"
	"slices"

	"strowger/switch/port"

	"github.com/danielgtaylor/huma/v2"

	"strowger/switch/callmodel"
)

// Rules lists the routes that the guard knows, sorted.
func (s *Server) Rules() []string { return slices.Sorted(maps.Keys(s.rules)) }

// ForgetRule takes a route's rule away.
func (s *Server) ForgetRule(pattern string) { delete(s.rules, pattern) }

// FillStreams takes every place for an event stream.
func (s *Server) FillStreams() { s.stats.streamsOpen.Store(int64(s.opts.MaxStreams)) }

// UnusedPermissions lists the rows of the table of permissions that no route has.
func (s *Server) UnusedPermissions() []string {
	used := map[string]bool{}
	for pattern := range s.rules {
		used[pattern] = true
	}
	for _, item := range s.built.Paths {
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete} {
			if op != nil {
				used[op.OperationID] = true
			}
		}
	}
	var out []string
	for id := range permissions {
		if !used[id] {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}

// Strikes is how many addresses with wrong tokens are remembered.
func (s *Server) Strikes() int {
	s.keys.mu.Lock()
	defer s.keys.mu.Unlock()
	return len(s.keys.strikes)
}

// Remembers reports whether the decision about an ended call is kept.
func (s *Server) Remembers(id callmodel.CallID) bool {
	return len(s.ended.newest(1, func(e *endedCall) bool { return e.id == id })) == 1
}

// EventFor is an event as a role gets it.
func EventFor(r Role, e *port.Stamped) Event { return private(caller{role: r}, e, eventOf(e)) }
