package objects

import (
	"strconv"
	"strings"

	"strowger/switch/callmodel"
	"strowger/switch/objects/schema"
)

// way is one way on from a node, and where it is written.
type way struct {
	to   string
	path []string
}

// menu checks one menu: every way leads somewhere, every node is reached.
func (c *checker) menu(i int) {
	m := c.file.IVRs[i]
	places := map[string]int{}
	nodeIDs := schema.Owners{}
	var ids []string
	for j, n := range m.Nodes {
		nodeIDs.Claim(c.Report, n.ID, at(KindIVR, i, "nodes", strconv.Itoa(j), "id"), "give every node its own id")
		places[n.ID] = j
		ids = append(ids, n.ID)
	}
	start := 0
	if m.Start != "" {
		place, found := places[m.Start]
		if !found {
			c.Errorf(at(KindIVR, i, "start"), nodeFix(m.Start, ids), "there is no node %q in this menu", schema.Printable(m.Start))
			return
		}
		start = place
	}
	reached, next := map[int]bool{start: true}, []int{start}
	ways := make([][]way, len(m.Nodes))
	for j, n := range m.Nodes {
		c.node(n, at(KindIVR, i, "nodes", strconv.Itoa(j)))
		ways[j] = waysOf(n, at(KindIVR, i, "nodes", strconv.Itoa(j)))
		for _, w := range ways[j] {
			c.way(w, places, ids)
		}
	}
	for len(next) > 0 {
		at := next[0]
		next = next[1:]
		for _, w := range ways[at] {
			if place, inside := places[w.to]; inside && !reached[place] {
				reached[place] = true
				next = append(next, place)
			}
		}
	}
	for j := range m.Nodes {
		if !reached[j] {
			c.Errorf(at(KindIVR, i, "nodes", strconv.Itoa(j)), "lead to it from another node, or remove it", "no way leads to this node")
		}
	}
}

func nodeFix(id string, ids []string) string {
	if best := schema.Nearest(id, ids); best != "" {
		return "did you mean " + best + "?"
	}
	return "name a node of this menu, or a destination such as queue:support"
}

// way files a way that leads nowhere.
func (c *checker) way(w way, places map[string]int, ids []string) {
	if strings.Contains(w.to, ":") {
		c.dest(w.to, w.path)
		return
	}
	if _, found := places[w.to]; !found {
		c.Errorf(w.path, nodeFix(w.to, ids), "there is no node %q in this menu", schema.Printable(w.to))
	}
}

func waysOf(n nodeObject, path []string) []way {
	var out []way
	add := func(to string, rest ...string) {
		if to != "" {
			out = append(out, way{to, append(path[:len(path):len(path)], rest...)})
		}
	}
	add(n.Next, "next")
	add(n.Fail, "fail")
	add(n.Default, "default")
	for i, choice := range n.Choices {
		add(choice.Next, "choices", strconv.Itoa(i), "next")
	}
	return out
}

// node checks that a node has what its kind needs, and nothing that it would
// not use.
func (c *checker) node(n nodeObject, path []string) {
	under := func(rest ...string) []string { return append(path[:len(path):len(path)], rest...) }
	c.medias(n.Prompts, under("prompts"))
	c.medias(n.Invalid, under("invalid"))
	c.refer(KindDecision, n.Decision, under("decision"))
	kind := callmodel.NodeKind(n.Kind)
	for _, only := range []struct {
		name    string
		present bool
		kinds   []callmodel.NodeKind
		needed  bool
	}{
		{"choices", len(n.Choices) > 0, []callmodel.NodeKind{callmodel.NodeMenu}, true},
		{"key", n.Key != "", []callmodel.NodeKind{callmodel.NodeInput, callmodel.NodeSet}, !n.Secret},
		{"value", n.Value != "", []callmodel.NodeKind{callmodel.NodeSet}, true},
		{"secret", n.Secret, []callmodel.NodeKind{callmodel.NodeInput}, false},
		{"decision", n.Decision != "", []callmodel.NodeKind{callmodel.NodeDecide}, true},
		{"default", n.Default != "", []callmodel.NodeKind{callmodel.NodeDecide}, true},
	} {
		fits := only.kinds[0] == kind || len(only.kinds) > 1 && only.kinds[1] == kind
		switch {
		case fits && only.needed && !only.present:
			c.Errorf(under(only.name), "a node of the kind "+n.Kind+" needs it", "missing")
		case !fits && only.present:
			c.Errorf(under(only.name), "remove it, or correct the kind", "a node of the kind %s does not use it", n.Kind)
		}
	}
	if n.Min > n.Max {
		c.Errorf(under("min"), "write at most max", "%d is more than max, %d", n.Min, n.Max)
	}
	digits := schema.Owners{}
	for i, choice := range n.Choices {
		digits.Claim(c.Report, choice.Digits, under("choices", strconv.Itoa(i), "digits"), "each choice needs its own digits")
	}
}
