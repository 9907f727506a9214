package callmodel

import "strings"

// NodeConfig is one of several telephony servers. They are joined with each
// other: a call lives on one of them, and a phone or trunk at another is
// reached through the other (ADR 0019).
type NodeConfig struct {
	ID NodeID `json:"id"`
	// Peer is the endpoint by which the other servers reach this one.
	Peer string `json:"peer"`
}

// MaxNodes bounds the servers under one switch.
const MaxNodes = 32

// several reports whether there is more than one server.
func (c *Config) several() bool { return len(c.Nodes) > 1 }

// node returns the server that a station or trunk is at: the first where none
// is named. Empty with one server, which has everything.
func (c *Config) node(named NodeID) NodeID {
	switch {
	case len(c.Nodes) == 0:
		return ""
	case named == "":
		return c.Nodes[0].ID
	}
	return named
}

// phoneKey is what a phone is known by: two servers may have phones of one
// name. Those of the first server are known by their endpoint alone.
func (c *Config) phoneKey(named NodeID, endpoint string) string {
	if n := c.node(named); len(c.Nodes) > 0 && n != c.Nodes[0].ID {
		return string(n) + "/" + endpoint
	}
	return endpoint
}

// trunkAt is the trunk that a call from an endpoint has come in by; empty where
// none is configured there.
func (c *Config) trunkAt(node NodeID, endpoint string) string {
	if endpoint == "" {
		return ""
	}
	for i := range c.Trunks {
		if t := &c.Trunks[i]; c.phoneKey(NodeID(t.Node), t.Endpoint) == c.phoneKey(node, endpoint) {
			return t.ID
		}
	}
	return ""
}

// phoneNode is the server of a phone by its key; empty with one server.
func (c *Config) phoneNode(key string) NodeID {
	if n, _, other := strings.Cut(key, "/"); other {
		return NodeID(n)
	}
	return c.node("")
}

func (k *checker) nodes() error {
	ids, peers := map[NodeID]bool{}, map[string]bool{}
	if len(k.c.Nodes) > MaxNodes {
		return badConfig("nodes", "there are at most 32 telephony servers")
	}
	for _, n := range k.c.Nodes {
		if n.ID == "" || n.Peer == "" || ids[n.ID] || peers[n.Peer] || strings.Contains(string(n.ID), "/") {
			return badConfig("server "+string(n.ID), "each telephony server needs a name and an endpoint of its own")
		}
		ids[n.ID], peers[n.Peer] = true, true
	}
	at := func(who string, n NodeID) error {
		if n == "" || ids[n] || len(ids) == 0 {
			return nil // with one server it does not matter
		}
		return badConfig(who, "there is no telephony server "+string(n)+": name one of asterisk.nodes in strowger.yaml, or leave node out")
	}
	for i := range k.c.Stations {
		if err := at("station "+string(k.c.Stations[i].ID), k.c.Stations[i].Node); err != nil {
			return err
		}
	}
	for i := range k.c.Agents {
		if err := at("agent "+string(k.c.Agents[i].ID), k.c.Agents[i].Station.Node); err != nil {
			return err
		}
	}
	for i := range k.c.Trunks {
		if err := at("trunk "+k.c.Trunks[i].ID, NodeID(k.c.Trunks[i].Node)); err != nil {
			return err
		}
	}
	return nil
}
