package ici

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"strowger/switch/callmodel"
)

// How many users a search finds (reference 9.1.4).
const (
	defaultHits = 100
	mostHits    = 1000
)

// presenceQueues tells the queues that calls can be sent to, with their figures
// (9.1.3). Other channels have none.
func (s *Server) presenceQueues(ctx context.Context, _ *Request, p *PresenceQueueQuery) (Reply, error) {
	view, a, err := s.agent(ctx, p.UserID)
	if err != nil {
		return nil, err
	}
	set, out := s.now(), &PresenceQueues{}
	if kind := strings.TrimSpace(p.ChannelType); kind != "" && kind != ChannelPhone {
		if s.channels[kind] == nil {
			return nil, Refuse(ServiceSystem, Malformed(ServiceSystem), "there is no channel type %q", short(kind))
		}
		return out, nil
	}
	out.Groups = []GroupInfo{{ID: "1", Description: "*"}}
	all, people := queueFigures(view, time.Now()), staffOf(view)
	for _, q := range view.Queues {
		if !set.PresenceAllQueues && !slices.Contains(a.Queues, q.ID) || people.hidden[q.ID] {
			continue
		}
		if f := all[q.ID]; set.PresenceFilter == PresenceAll || f.loggedIn > 0 && (set.PresenceFilter == PresenceLoggedIn || f.ready > 0) {
			out.Queues = append(out.Queues, f.info(q))
		}
	}
	return out, nil
}

// userPresence tells how users are: those listed, each in one row, or else those
// that a search finds (9.1.4).
func (s *Server) userPresence(ctx context.Context, _ *Request, p *PresenceQuery) (Reply, error) {
	view, err := s.sw.View(ctx)
	if err != nil {
		return nil, err
	}
	out := &Presences{}
	if len(p.Users) > 0 {
		byID := make(map[callmodel.AgentID]*callmodel.Agent, len(view.Agents))
		for _, a := range view.Agents {
			byID[a.ID] = a
		}
		for _, name := range p.Users {
			name = strings.TrimSpace(name)
			out.List = append(out.List, presenceOf(byID[callmodel.AgentID(strings.ToLower(name))], name))
		}
		return out, nil
	}
	hits, err := hitsOf(p.MaxHits)
	if err != nil {
		return nil, err
	}
	words := strings.Fields(strings.ToLower(p.SearchTerm))
	for _, a := range view.Agents {
		if len(out.List) == hits {
			break
		}
		if len(words) > 0 && matches(a, words) {
			out.List = append(out.List, presenceOf(a, s.board.nameOf(a.ID)))
		}
	}
	return out, nil
}

// hitsOf reads how many users are wanted at most.
func hitsOf(text string) (int, error) {
	if text = strings.TrimSpace(text); text == "" {
		return defaultHits, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, Refuse(ServiceSystem, Malformed(ServiceSystem), "maxhits %q: a number of users", short(text))
	}
	if n == 0 {
		n = defaultHits
	}
	return min(n, mostHits), nil
}

// nameOf is an agent's user id as the CRM spells it.
func (b *board) nameOf(id callmodel.AgentID) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.spelling(id)
}

func (b *board) spelling(id callmodel.AgentID) string {
	if name := b.spelled[id]; name != "" {
		return name
	}
	return string(id)
}
