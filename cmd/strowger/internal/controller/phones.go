package controller

import (
	"cmp"
	"slices"

	"strowger/switch/callmodel"
	"strowger/switch/objects"
)

// endpointsOf are the phones of a set, each once, in order.
func endpointsOf(set *objects.Set) []string {
	list := set.Endpoints()
	slices.Sort(list)
	return slices.Compact(list)
}

// EndpointsAt are the phones of a set that are at a server; first is the one
// of those that name none.
func EndpointsAt(set *objects.Set, node, first callmodel.NodeID) []string {
	var out []string
	m := set.Config()
	add := func(s *callmodel.Station) {
		if at := cmp.Or(s.Node, first); at == node && s.Endpoint != "" {
			out = append(out, s.Endpoint)
		}
	}
	for i := range m.Stations {
		add(&m.Stations[i].Station)
	}
	for i := range m.Agents {
		add(&m.Agents[i].Station)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// TalkNotifyStations lists the endpoints of the phones with the mode
// talk-notify at a server; first is the one of those that name none. With an
// empty first they all are.
func TalkNotifyStations(set *objects.Set, node, first callmodel.NodeID) []string {
	var out []string
	m := set.Config()
	add := func(s callmodel.Station) {
		if first != "" && cmp.Or(s.Node, first) != node {
			return
		}
		if s.Mode == callmodel.TalkNotify && !slices.Contains(out, s.Endpoint) {
			out = append(out, s.Endpoint)
		}
	}
	for _, s := range m.Stations {
		add(s.Station)
	}
	for _, a := range m.Agents {
		add(a.Station)
	}
	return out
}
