package link

import (
	"context"
	"slices"
	"strings"

	"strowger/ari/arispec"
	"strowger/switch/callmodel"
)

// phonesSuffix makes the name of the second application, which watches the
// phones. A subscription to a phone brings every event of its legs, too; in
// the application of the calls each of them, digits included, would come twice.
// Here they are filtered away by Asterisk. Both share one connection.
const phonesSuffix = "-phones"

func (l *Link) phonesApp() string { return l.opt.Stream.App + phonesSuffix }

// aboutPhone tells the events that the second application is there for.
func aboutPhone(ev arispec.Event) bool {
	switch ev.(type) {
	case *arispec.PeerStatusChange, *arispec.ContactStatusChange:
		return true
	}
	return false
}

const (
	// subscribeAtOnce keeps a subscription within Asterisk's request line.
	subscribeAtOnce = 50
	// maxWatched bounds the phones that are watched.
	maxWatched = 5000

	technology = "PJSIP"
)

// watchPhones subscribes to the phones that the configuration names and
// returns those that can be reached; nil where none are named. Asterisk
// refuses a whole subscription for one endpoint that it does not know, so only
// those that it lists are asked for. To subscribe again changes nothing, but
// is needed after Asterisk has forgotten the application, so it is done with
// every new connection and for phones that have been added since (all=false).
func (l *Link) watchPhones(ctx context.Context, c *arispec.Client, all bool) ([]string, error) {
	if l.opt.Endpoints == nil {
		return nil, nil
	}
	listed, err := c.EndpointsListByTech(ctx, technology)
	if err != nil {
		return nil, err
	}
	states := make(map[string]string, len(listed))
	for i := range listed {
		states[listed[i].Resource] = listed[i].State
	}
	var subscribe, missing []string
	online := []string{} // known, and perhaps none
	wanted := l.opt.Endpoints()
	for _, name := range wanted[:min(len(wanted), maxWatched)] {
		state, known := states[name]
		if !known || !endpointName.MatchString(name) {
			missing = append(missing, name)
			continue
		}
		if state == stateOnline {
			online = append(online, name)
		}
		if all || !l.isWatched(name) {
			subscribe = append(subscribe, "endpoint:"+technology+"/"+name)
		}
	}
	if all { // a list of what is refused: answers to requests over the websocket must get through
		if _, err := c.ApplicationsFilter(ctx, l.phonesApp(), arispec.ApplicationsFilterParams{Filter: arispec.Disallow(notAboutPhones()...)}); err != nil {
			return nil, err
		}
	}
	for part := range slices.Chunk(subscribe, subscribeAtOnce) {
		if _, err := c.ApplicationsSubscribe(ctx, l.phonesApp(), arispec.ApplicationsSubscribeParams{EventSource: part}); err != nil {
			return nil, err
		}
	}
	l.noteWatched(subscribe, missing, all)
	slices.Sort(online)
	return slices.Compact(online), nil
}

// notAboutPhones are the events that the second application does not want. One
// of them is EndpointStateChange, which comes at the beginning and the end of
// every leg of a phone: what it says of the registration the others say, too.
func notAboutPhones() []arispec.EventType {
	wanted := []arispec.EventType{
		arispec.TypePeerStatusChange, arispec.TypeContactStatusChange, arispec.TypeRESTResponse, arispec.TypeApplicationReplaced,
	}
	return slices.DeleteFunc(arispec.EventTypes(), func(t arispec.EventType) bool { return slices.Contains(wanted, t) })
}

func (l *Link) isWatched(name string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.watched["endpoint:"+technology+"/"+name]
}

// noteWatched remembers what is subscribed to, and says once which phones
// Asterisk does not have.
func (l *Link) noteWatched(subscribed, missing []string, all bool) {
	text := strings.Join(missing[:min(len(missing), 20)], ", ")
	l.mu.Lock()
	if all || l.watched == nil {
		l.watched = make(map[string]bool, len(subscribed))
	}
	for _, s := range subscribed {
		l.watched[s] = true
	}
	changed := text != l.missing
	l.missing = text
	l.n.watched.Store(int64(len(l.watched)))
	l.n.phonesMissing.Store(int64(len(missing)))
	l.mu.Unlock()
	if changed && text != "" {
		l.log.Warn("phones of the configuration have no endpoint in Asterisk: they count as offline", "count", len(missing), "endpoints", text)
	}
}

const stateOnline = "online"

// phones follows which phones can be reached, so that only changes become
// facts. It belongs to the stream's consumer.
type phones struct {
	node   callmodel.NodeID
	online map[string]bool
}

// listed takes over what a listing says; nil is nothing.
func (p *phones) listed(online []string) {
	if online == nil {
		return
	}
	p.online = make(map[string]bool, len(online))
	for _, name := range online {
		p.online[name] = true
	}
}

// changed reads an event about an endpoint.
func (p *phones) changed(e *arispec.Endpoint, out []callmodel.Input) []callmodel.Input {
	if e.Technology != technology || !endpointName.MatchString(e.Resource) {
		return out
	}
	online := e.State == stateOnline
	was, known := p.online[e.Resource]
	if known && was == online || (!known && !online) || len(p.online) >= 2*maxWatched {
		return out
	}
	if p.online == nil {
		p.online = map[string]bool{}
	}
	p.online[e.Resource] = online
	return append(out, callmodel.EndpointState{Node: p.node, Endpoint: e.Resource, Online: online})
}
