package config

import (
	"regexp"
	"strconv"
	"strings"

	"strowger/switch/callmodel"
	"strowger/switch/objects/schema"
)

// Several reports whether more than one Asterisk is driven.
func (a Asterisk) Several() bool { return len(a.Nodes) > 0 }

// Servers are all Asterisk servers, the first one first, each with everything
// that is said of it; none of them has Nodes.
func (a Asterisk) Servers() []Asterisk {
	first := a
	first.Nodes = nil
	if first.Peer == "" {
		first.Peer = first.Node
	}
	out := []Asterisk{first}
	for _, n := range a.Nodes {
		s := first
		s.Node, s.Peer, s.ARIURL, s.ARIPassword = n.Node, n.Peer, n.ARIURL, n.ARIPassword
		s.AMIAddr, s.AMIUser, s.AMIPassword = n.AMIAddr, n.AMIUser, n.AMIPassword
		s.CELFile = "" // on another machine
		s.TalkNotify = TalkNotify{User: n.TalkNotifyUser, Secret: n.TalkNotifySecret}
		if n.ARIUser != "" {
			s.ARIUser = n.ARIUser
		}
		if s.Peer == "" {
			s.Peer = s.Node
		}
		out = append(out, s)
	}
	return out
}

// Model is what the switch is told of several servers; nil: there is one.
func (a Asterisk) Model() []callmodel.NodeConfig {
	if !a.Several() {
		return nil
	}
	var out []callmodel.NodeConfig
	for _, s := range a.Servers() {
		out = append(out, callmodel.NodeConfig{ID: callmodel.NodeID(s.Node), Peer: s.Peer})
	}
	return out
}

var peerName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,40}$`)

// checkServers applies to several servers what checkAsterisk applies to one,
// and what holds between them.
func checkServers(cfg *Config, r *schema.Report) {
	nodes, peers, urls := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for i, s := range cfg.Asterisk.Servers() {
		at := serverPath(i)
		nameFix := "give each server a name of its own"
		if nodes[s.Node] {
			r.Errorf(at("node"), nameFix, "two servers have the name %s", s.Node)
		}
		if urls[s.ARIURL] {
			r.Errorf(at("ari_url"), "write this server's own address", "two servers have the address %s", s.ARIURL)
		}
		if cfg.Asterisk.Several() {
			switch {
			case strings.HasPrefix(s.Node, callmodel.OwnPrefix):
				r.Errorf(at("node"), "choose another name", "%s begins as the controller's own channels do", s.Node)
			case !peerName.MatchString(s.Peer):
				r.Errorf(at("peer"), "write letters, digits, _ and -, at most 40, as in asterisk-2", "%q cannot be the name of a PJSIP endpoint", s.Peer)
			case peers[s.Peer] && !nodes[s.Node]:
				r.Errorf(at("peer"), nameFix, "two servers have the endpoint %s", s.Peer)
			}
		}
		nodes[s.Node], peers[s.Peer], urls[s.ARIURL] = true, true, true
		checkServer(s, at, r)
	}
}

// serverPath says where the keys of a server stand.
func serverPath(i int) func(keys ...string) []string {
	return func(keys ...string) []string {
		if i == 0 {
			return append([]string{"asterisk"}, keys...)
		}
		if len(keys) == 2 { // talk_notify.user of the first server is talk_notify_user of another
			keys = []string{keys[0] + "_" + keys[1]}
		}
		return append([]string{"asterisk", "nodes", strconv.Itoa(i - 1)}, keys...)
	}
}
