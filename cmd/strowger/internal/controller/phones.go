package controller

import (
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

// TalkNotifyStations lists the endpoints of the phones with the mode talk-notify.
func TalkNotifyStations(set *objects.Set) []string {
	var out []string
	m := set.Config()
	add := func(s callmodel.Station) {
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
