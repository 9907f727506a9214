package controller

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"strowger/ari/link"
	"strowger/cmd/strowger/internal/config"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/port"
)

// servers are the Asterisk servers of a controller: one link each. An order
// goes to the server that it names.
type servers struct {
	links []*link.Link // the first one is the home of what names no server
	nodes []callmodel.NodeID
	fatal chan struct{} // closed when one of the links can do nothing more
	once  sync.Once
	stop  chan struct{}
	wg    sync.WaitGroup
}

var _ Backend = (*servers)(nil)

// newServers makes the links. What they ask the controller for, it answers once it has started.
func newServers(cfg *config.Config, log *slog.Logger, c *Controller) (*servers, error) {
	s := &servers{fatal: make(chan struct{}), stop: make(chan struct{})}
	all := cfg.Asterisk.Servers()
	for _, a := range all {
		node := callmodel.NodeID(a.Node)
		var peers link.Peers
		for _, other := range all {
			if other.Node != a.Node {
				if peers == nil {
					peers = link.Peers{}
				}
				peers[callmodel.NodeID(other.Node)] = other.Peer
			}
		}
		opt := link.Options{
			Stream: link.Config{URL: ARIRoot(a.ARIURL), User: a.ARIUser, Password: a.ARIPassword.Reveal(), App: a.App},
			Node:   node, MaxInFlight: a.RESTInFlight, Timeout: a.RESTTimeout, AirEvery: a.AudioCheck, Alive: c.alive, Logger: log,
			Endpoints: func() []string { return c.phones(node) }, ToneZone: a.ToneZone, Notify: notifyOf(a), Peers: peers,
			Context: a.Context, CELFile: a.CELFile, Left: c.left,
		}
		if c.ears != nil {
			opt.Ears = c.ears
		}
		l, err := link.New(opt)
		if err != nil {
			return nil, err
		}
		s.links, s.nodes = append(s.links, l), append(s.nodes, node)
	}
	return s, nil
}

// at returns the link to a server, nil for one that the configuration does not
// name. Where there is one server it has everything, whatever its name was before.
func (s *servers) at(node callmodel.NodeID) *link.Link {
	for i, n := range s.nodes {
		if n == node || len(s.nodes) == 1 {
			return s.links[i]
		}
	}
	return nil
}

// Apply implements port.Effector.
func (s *servers) Apply(ctx context.Context, e callmodel.Effect) port.EffectResult {
	node := e.Head().Node
	if l := s.at(node); l != nil {
		return l.Apply(ctx, e)
	}
	return port.EffectResult{Outcome: callmodel.Failed, Gone: true, Err: fault.New(fault.NotFound, e.What(), string(node), "no Asterisk server of the configuration has this name")}
}

// Start connects all servers in the background.
func (s *servers) Start(ctx context.Context, feed port.Feed) error {
	for _, l := range s.links {
		if err := l.Start(ctx, feed); err != nil {
			s.Stop()
			return err
		}
		s.wg.Add(1)
		go s.watch(l)
	}
	return nil
}

// watch passes on that a link has given up.
func (s *servers) watch(l *link.Link) {
	defer s.wg.Done()
	select {
	case <-l.Fatal():
		s.once.Do(func() { close(s.fatal) })
	case <-s.stop:
	}
}

// Stop ends the links, all at the same time; calls live on.
func (s *servers) Stop() {
	select {
	case <-s.stop:
	default:
		close(s.stop)
	}
	var all sync.WaitGroup
	for _, l := range s.links {
		all.Go(l.Stop)
	}
	all.Wait()
	s.wg.Wait()
}

// Doubt asks every server for a listing soon.
func (s *servers) Doubt() {
	for _, l := range s.links {
		l.Doubt()
	}
}

// troubles lists what is wrong with each server, nil where nothing is.
func (s *servers) troubles() [][]string {
	out := make([][]string, len(s.links))
	for i, l := range s.links {
		out[i] = trouble(l.Info())
	}
	return out
}

// weak lists what does not work at servers that serve callers all the same.
func (s *servers) weak() []string {
	var out []string
	for i, l := range s.links {
		text := l.Info().Weak
		switch {
		case text == "":
		case len(s.links) > 1:
			out = append(out, named(s.nodes[i], []string{text})...)
		default:
			out = append(out, text)
		}
	}
	return out
}

func trouble(info link.Info) []string {
	switch {
	case !info.Synced:
		return []string{"not in step with Asterisk: " + or(info.Trouble, "no connection yet")}
	case time.Since(info.BeatAt) > gateLimit:
		return []string{"the dialplan's readiness variable is stale, so that new callers go to the fallback: " + or(info.Trouble, "no heartbeat yet")}
	case info.Trouble != "":
		return []string{info.Trouble}
	}
	return nil
}

// named puts a server's name before what is wrong with it.
func named(node callmodel.NodeID, list []string) []string {
	out := make([]string, len(list))
	for i, text := range list {
		out[i] = fmt.Sprintf("server %s: %s", node, text)
	}
	return out
}

// notifyOf is the account for talk-notify; zero: there is none.
func notifyOf(a config.Asterisk) link.NotifyConfig {
	if a.TalkNotify.User == "" {
		return link.NotifyConfig{}
	}
	return link.NotifyConfig{Addr: a.AMIAddr, User: a.TalkNotify.User, Secret: a.TalkNotify.Secret.Reveal()}
}

// ARIRoot is where ARI is found below asterisk.ari_url.
func ARIRoot(url string) string { return strings.TrimRight(url, "/") + "/ari" }
