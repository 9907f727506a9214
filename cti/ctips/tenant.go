package ctips

import (
	"slices"

	"strowger/switch/callmodel"
)

// everything is the tenant of a switch that has no others.
var everything = Tenant{ID: 1, All: true}

// HasQueue reports whether a queue is the tenant's.
func (t *Tenant) HasQueue(id callmodel.QueueID) bool { return t.All || slices.Contains(t.Queues, id) }

// HasAgent reports whether an agent is the tenant's.
func (t *Tenant) HasAgent(id callmodel.AgentID) bool { return t.All || slices.Contains(t.Agents, id) }
