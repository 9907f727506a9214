package rest

import (
	"maps"
	"slices"
)

// Rules lists the routes that the guard knows, sorted.
func (s *Server) Rules() []string { return slices.Sorted(maps.Keys(s.rules)) }

// ForgetRule takes a route's rule away.
func (s *Server) ForgetRule(pattern string) { delete(s.rules, pattern) }

// FillStreams takes every place for an event stream.
func (s *Server) FillStreams() { s.stats.streamsOpen.Store(int64(s.opts.MaxStreams)) }
