package ici

import (
	"slices"
	"strings"
	"time"

	"strowger/switch/fault"
)

// Key identifies a subscription: where events go and for which application
// instance (reference 9.2.6).
type Key struct {
	AppURL string
	AppID  string
}

// Target is what a subscription is about.
type Target struct {
	// Service is ServiceUser for users, ServiceContainer for containers and
	// ServiceMonitor for forms; a subscription lives in the interface it was made in.
	Service Service
	ID      string // folded user id, or channel type and container id, or what is watched
}

// UserTarget is a user, whose id is not case-sensitive.
func UserTarget(userID string) Target {
	return Target{ServiceUser, strings.ToLower(strings.TrimSpace(userID))}
}

// LineTarget is a phone line by its number, container channel type 1.
func LineTarget(number string) Target { return ContainerTarget(ChannelPhone, number) }

// ContainerTarget is a container of any channel type.
func ContainerTarget(channelType, id string) Target {
	if channelType == ChannelPhone {
		id = Number(id)
	}
	return Target{ServiceContainer, channelType + "/" + id}
}

// lane is a delivery queue: the events of one agent for one appUrl.
type lane struct{ agent, url string }

// subscription is everything that one key asked for.
type subscription struct {
	account
	key     Key
	targets []Target // in order of subscription
	agents  map[string]struct{}
	spelled map[Target]string // users as the CRM spells them, where not as we do
}

// spell notes how the CRM writes a user's id.
func (s *subscription) spell(user Target, userID string) {
	if user.Service != ServiceUser || userID == "" || userID == user.ID {
		return
	}
	if s.spelled == nil {
		s.spelled = map[Target]string{}
	}
	s.spelled[user] = userID
}

// table holds the subscriptions. It is not safe for concurrent use and knows
// no network; limits are in pairs of key and target.
type table struct {
	max, maxPerURL int
	maxForms       int
	pairs          int
	forms          int    // of the pairs
	last           uint64 // number of the newest subscription
	perURL         map[string]int
	routes         map[string]string // where events for an appUrl are sent
	subs           map[Key]*subscription
	index          map[Target][]Key // in order of subscription
	lanes          map[lane]int     // keys that use a lane
}

func newTable(limit, perURL, forms int) *table {
	return &table{
		max: limit, maxPerURL: perURL, maxForms: forms, perURL: map[string]int{}, routes: map[string]string{},
		subs: map[Key]*subscription{}, index: map[Target][]Key{}, lanes: map[lane]int{},
	}
}

// add subscribes a key to a target; repeating it changes nothing but the
// address to which its appUrl's events go.
func (t *table) add(k Key, target Target, to string) error {
	if t.perURL[k.AppURL] > 0 {
		t.routes[k.AppURL] = to
	}
	for _, have := range t.index[target] {
		if have == k {
			return nil
		}
	}
	if t.replace(k, target) {
		return nil
	}
	watches := target.Service == ServiceMonitor
	if watches && t.forms >= t.maxForms || t.pairs >= t.max || t.perURL[k.AppURL] >= t.maxPerURL {
		return fault.New(fault.Busy, "ici: subscribe", short(k.AppID), "there are too many subscriptions; unsubscribe old ones first")
	}
	s := t.subs[k]
	if s == nil {
		t.last++
		s = &subscription{account: account{number: t.last, since: time.Now()}, key: k, agents: map[string]struct{}{}}
		t.subs[k] = s
	}
	s.targets = append(s.targets, target)
	t.index[target] = append(t.index[target], k)
	t.pairs++
	if watches {
		t.forms++
	}
	t.perURL[k.AppURL]++
	t.routes[k.AppURL] = to
	return nil
}

// replace puts a form into the place of the key's other subscription to it. It
// reports whether there was one.
func (t *table) replace(k Key, target Target) bool {
	s := t.subs[k]
	if s == nil {
		return false
	}
	i := slices.IndexFunc(s.targets, func(have Target) bool { return sameForm(have, target) })
	if i < 0 {
		return false
	}
	t.unindex(s.targets[i], k)
	s.targets[i] = target
	t.index[target] = append(t.index[target], k)
	return true
}

// removeService ends what a key subscribed to in one interface. It returns
// how many targets that were and the lanes that nobody uses any more.
func (t *table) removeService(k Key, s Service) (n int, idle []lane) {
	return t.removeIf(k, func(target Target) bool { return target.Service == s })
}

// removeKey ends all of a key's subscriptions.
func (t *table) removeKey(k Key) (n int, idle []lane) {
	return t.removeIf(k, func(Target) bool { return true })
}

// removeUser ends the subscriptions to a user. A key that then has no user
// left loses its containers too: they belonged to that user's session.
func (t *table) removeUser(target Target) (n int, idle []lane) {
	for _, k := range append([]Key(nil), t.index[target]...) {
		removed, free := t.removeIf(k, func(have Target) bool { return have == target })
		n, idle = n+removed, append(idle, free...)
		if s := t.subs[k]; s != nil && !s.hasUser() {
			removed, free = t.removeKey(k)
			n, idle = n+removed, append(idle, free...)
		}
	}
	return n, idle
}

func (s *subscription) hasUser() bool {
	for _, t := range s.targets {
		if t.Service == ServiceUser {
			return true
		}
	}
	return false
}

func (t *table) removeIf(k Key, match func(Target) bool) (n int, idle []lane) {
	s := t.subs[k]
	if s == nil {
		return 0, nil
	}
	kept := s.targets[:0]
	for _, target := range s.targets {
		if !match(target) {
			kept = append(kept, target)
			continue
		}
		n++
		delete(s.spelled, target)
		if target.Service == ServiceMonitor {
			t.forms--
		}
		t.unindex(target, k)
	}
	s.targets = kept
	t.pairs -= n
	if t.perURL[k.AppURL] -= n; t.perURL[k.AppURL] == 0 {
		delete(t.perURL, k.AppURL)
		delete(t.routes, k.AppURL)
	}
	if len(kept) > 0 {
		return n, nil
	}
	delete(t.subs, k)
	for agent := range s.agents {
		l := lane{agent, k.AppURL}
		if t.lanes[l]--; t.lanes[l] == 0 {
			delete(t.lanes, l)
			idle = append(idle, l)
		}
	}
	return n, idle
}

func (t *table) unindex(target Target, k Key) {
	keys := t.index[target]
	for i := range keys {
		if keys[i] == k {
			keys = append(keys[:i], keys[i+1:]...)
			break
		}
	}
	if len(keys) == 0 {
		delete(t.index, target)
		return
	}
	t.index[target] = keys
}

// group is the application ids that get one message together.
type group struct {
	url    string
	to     string // where it is sent
	appIDs []string
	subs   []*subscription
}

// groups returns who gets an event about target, one group per appUrl, and
// notes that they use the agent's lane.
func (t *table) groups(agent string, target Target) []group {
	var out []group
next:
	for _, k := range t.index[target] {
		s := t.subs[k]
		if s == nil {
			continue
		}
		if _, known := s.agents[agent]; !known {
			s.agents[agent] = struct{}{}
			t.lanes[lane{agent, k.AppURL}]++
		}
		for i := range out {
			if out[i].url == k.AppURL {
				out[i].appIDs, out[i].subs = append(out[i].appIDs, k.AppID), append(out[i].subs, s)
				continue next
			}
		}
		out = append(out, group{k.AppURL, t.routes[k.AppURL], []string{k.AppID}, []*subscription{s}})
	}
	return out
}

// users returns the keys that use a lane.
func (t *table) users(l lane) []Key {
	var out []Key
	for k, s := range t.subs {
		if _, uses := s.agents[l.agent]; uses && k.AppURL == l.url {
			out = append(out, k)
		}
	}
	return out
}
