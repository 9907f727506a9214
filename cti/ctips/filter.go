package ctips

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"strowger/switch/callmodel"
)

// maxFilters bounds the filters of a session.
const maxFilters = 1000

// interests are what a session wants to hear: classes of events, and of those
// the ones whose fields have certain values. Not safe for concurrent use: its
// session guards it.
type interests struct {
	classes map[EventCategory]bool
	filters map[FieldType]map[int32]bool
	count   int
}

func newInterests() interests {
	return interests{classes: map[EventCategory]bool{}, filters: map[FieldType]map[int32]bool{}}
}

// gone finds a filter of something that is not there any more, by its number.
func (i *interests) gone(f FieldType, text string) (int32, bool) {
	n := number(strings.TrimSpace(text))
	return n, i.filters[f][n]
}

// add adds a filter; false: there are too many.
func (i *interests) add(f FieldType, value int32) bool {
	if i.filters[f][value] {
		return true
	}
	if i.count >= maxFilters {
		return false
	}
	if i.filters[f] == nil {
		i.filters[f] = map[int32]bool{}
	}
	i.filters[f][value] = true
	i.count++
	return true
}

func (i *interests) remove(f FieldType, value int32) {
	if !i.filters[f][value] {
		return
	}
	delete(i.filters[f], value)
	if len(i.filters[f]) == 0 {
		delete(i.filters, f) // a kind without filters lets everything pass
	}
	i.count--
}

// wants reports whether an event is to be sent. mine: it tells the outcome of a
// request of the session's own, which no filter stops.
func (i *interests) wants(ev Event, mine bool) bool {
	h := ev.base()
	if !i.registered(h) {
		return false
	}
	return mine || unfiltered(h.EventType) || i.passes(ev)
}

// registered tells whether a category was asked for. The state of services is
// the agents' category and is told to those who watch the system too.
func (i *interests) registered(h *CTIEvent) bool {
	return i.classes[h.EventCategory] || h.EventType == EventTypeServiceStateChange && i.classes[EventCategorySystem]
}

// unfiltered are events about no agent, service or switch in particular, or
// about all of them.
func unfiltered(t EventType) bool {
	return t == EventTypeLinkStatus || t == EventTypeSnapShotUpdate || t == EventTypeSnapShotRequestFailed
}

// passes reports whether of each kind of filter that there is one fits.
func (i *interests) passes(ev Event) bool {
	for f, values := range i.filters {
		if !values[fieldOf(ev.base(), f)] && (f != FieldTypeServiceID || !anyOf(values, ev)) {
			return false
		}
	}
	return true
}

// anyOf reports whether an event is about an agent who serves one of the
// services: it names all of theirs, and none in its head.
func anyOf(values map[int32]bool, ev Event) bool {
	fits := func(id int32) bool { return values[id] }
	switch ev := ev.(type) {
	case *AgentStateChangeEvent:
		return slices.ContainsFunc(ev.ServiceIDs, fits)
	case *AudioPathStateChangeEvent:
		return slices.ContainsFunc(ev.ServiceIDs, fits)
	case *EnterPasscodeEvent:
		return slices.ContainsFunc(ev.ServiceIDs, fits)
	case *AgentLoginStateChangeEvent:
		return slices.ContainsFunc(ev.ServiceState, func(s ServiceInfo) bool { return fits(s.ServiceID) })
	}
	return false
}

func fieldOf(h *CTIEvent, f FieldType) int32 {
	switch f {
	case FieldTypeAgentID:
		return h.AgentID
	case FieldTypeServiceID:
		return h.ServiceID
	case FieldTypeSwitchID:
		return h.SwitchID
	case FieldTypeTenantID:
		return h.TenantID
	case FieldTypeInvalid:
	}
	return 0
}

// filterValue reads the value of a filter: a number, or for agents their login
// name. It must name something of the tenant's.
func filterValue(cfg *callmodel.Config, t *Tenant, f FieldType, text string) (int32, error) {
	text = strings.TrimSpace(text)
	n, err := strconv.ParseInt(text, 10, 32)
	number := int32(n) //nolint:gosec // parsed as 32 bits
	switch f {
	case FieldTypeAgentID:
		return agentNumber(cfg, t, text)
	case FieldTypeServiceID:
		for i := range cfg.Queues {
			if q := &cfg.Queues[i]; t.HasQueue(q.ID) && err == nil && q.Number == n {
				return number, nil
			}
		}
		return 0, malformed("there is no service %q", clip(text))
	case FieldTypeSwitchID:
		if err != nil || n < 1 || n > int64(max(1, len(cfg.Nodes))) {
			return 0, malformed("there is no switch %q", clip(text))
		}
		return number, nil
	case FieldTypeTenantID:
		if err != nil || number != t.ID {
			return 0, malformed("tenant %q is not this session's", clip(text))
		}
		return number, nil
	case FieldTypeInvalid:
	}
	return 0, malformed("FieldType is %s; a filter needs one of the others", f)
}

// agentNumber finds an agent of the tenant's by login name or number; a login
// name of digits goes before a number.
func agentNumber(cfg *callmodel.Config, t *Tenant, text string) (int32, error) {
	found := int32(0)
	for i := range cfg.Agents {
		a := &cfg.Agents[i]
		switch {
		case !t.HasAgent(a.ID):
		case string(a.ID) == strings.ToLower(text):
			if n, fits := narrow(a.Number); fits {
				return n, nil
			}
		case strconv.FormatInt(a.Number, 10) == text:
			found, _ = narrow(a.Number)
		}
	}
	if found == 0 {
		return 0, malformed("there is no agent %q", clip(text))
	}
	return found, nil
}

// list is what there is, in a fixed order.
func (i *interests) list() ([]EventCategory, []Filter) {
	filters := make([]Filter, 0, i.count)
	for _, f := range slices.Sorted(maps.Keys(i.filters)) {
		for _, v := range slices.Sorted(maps.Keys(i.filters[f])) {
			filters = append(filters, Filter{f, v})
		}
	}
	return slices.Sorted(maps.Keys(i.classes)), filters
}
