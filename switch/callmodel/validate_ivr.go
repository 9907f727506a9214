package callmodel

import (
	"errors"
	"strings"

	"strowger/switch/fault"
)

// MaxMedia is the longest media string, in bytes.
const MaxMedia = 128

// ValidMedia checks what can be played: sound:NAME, tone:ring, tone:busy,
// tone:congestion, digits:123, number:5, characters:abc. NAME is the path of a
// sound below the sounds directory: letters, digits, dash, underscore, slash.
// It fails with kind Invalid.
func ValidMedia(m string) error {
	bad := func(why string) error { return fault.New(fault.Invalid, "media", m, why) }
	kind, value, found := strings.Cut(m, ":")
	if !found || value == "" || len(m) > MaxMedia {
		return bad("a sound is given as sound:NAME, tone:ring, digits:123, number:5 or characters:abc, with at most 128 characters")
	}
	switch kind {
	case "sound":
		if !soundName(value) {
			return bad("the name of a sound has letters, digits, dashes, underscores and slashes, and does not leave its directory")
		}
	case "tone":
		if value != "ring" && value != "busy" && value != "congestion" {
			return bad("the tones are ring, busy and congestion")
		}
	case "digits", "number":
		if !digitsOnly(value) || kind == "number" && len(value) > 9 {
			return bad("digits and numbers have digits only")
		}
	case "characters":
		if strings.IndexFunc(value, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') }) >= 0 {
			return bad("characters are small letters and digits")
		}
	default:
		return bad("the kinds are sound, tone, digits, number and characters")
	}
	return nil
}

// announced is the media string of an announce destination, where sound: may be left out.
func announced(value string) string {
	if strings.Contains(value, ":") {
		return value
	}
	return "sound:" + value
}

func soundName(s string) bool {
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_' && r != '/' {
			return false
		}
	}
	return !strings.HasPrefix(s, "/") && !strings.Contains(s, "//")
}

func digitsOnly(s string) bool {
	return s != "" && strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' }) < 0
}

// validDigits reports whether s has only digits of a telephone keypad.
func validDigits(s string) bool { return strings.Trim(s, "0123456789*#") == "" }

// ParseNext reads where a menu goes on: a node of the same menu, or a
// destination. "" is the end of the call.
func ParseNext(s string) (node string, to Dest, err error) {
	switch {
	case s == "":
		return "", Dest{Kind: DestHangup}, nil
	case strings.Contains(s, ":"):
		to, err = ParseDest(s)
		return "", to, err
	}
	return s, Dest{}, nil
}

func (k *checker) menus() error {
	for i := range k.c.IVRs {
		v := &k.c.IVRs[i]
		if err := errors.Join(k.own(v.Address, "ivr "+string(v.ID)), k.menu(v)); err != nil {
			return err
		}
	}
	return nil
}

func (k *checker) menu(v *IVRConfig) error {
	who := "ivr " + string(v.ID)
	nodes := map[string]bool{}
	for i := range v.Nodes {
		n := &v.Nodes[i]
		if n.ID == "" || strings.Contains(n.ID, ":") || nodes[n.ID] {
			return badConfig(who, "node ids must be present, unique and without a colon")
		}
		nodes[n.ID] = true
	}
	if len(v.Nodes) == 0 || v.Start != "" && !nodes[v.Start] {
		return badConfig(who, "a menu needs nodes, and start must name one")
	}
	for i := range v.Nodes {
		n := &v.Nodes[i]
		where := who + " node " + n.ID
		if err := errors.Join(k.node(where, n), k.nexts(where, n, nodes)); err != nil {
			return err
		}
	}
	return nil
}

func (k *checker) node(where string, n *IVRNode) error {
	switch n.Kind {
	case NodePlay:
	case NodeMenu:
		if len(n.Choices) == 0 {
			return badConfig(where, "a menu node needs choices")
		}
	case NodeInput:
		if n.Max < 0 || n.Max > MaxInputDigits || n.Min > n.Max && n.Max > 0 || n.Key == "" && !n.Secret {
			return badConfig(where, "an input node needs a key, and between min and max at most 32 digits")
		}
	case NodeSet:
		if n.Key == "" {
			return badConfig(where, "a set node needs a key")
		}
	case NodeDecide:
		if !k.has("decision", n.Decision) {
			return badConfig(where, "unknown decision "+n.Decision)
		}
	default:
		return badConfig(where, "the kinds of node are play, menu, input, set and decide")
	}
	if !validDigits(n.Terminators) {
		return badConfig(where, "terminators are digits, * and #")
	}
	for _, m := range append(append([]string{}, n.Prompts...), n.Invalid...) {
		if err := ValidMedia(m); err != nil {
			return badConfig(where, fault.ReasonOf(err))
		}
	}
	return nil
}

func (k *checker) nexts(where string, n *IVRNode, nodes map[string]bool) error {
	all := []string{n.Next, n.Fail, n.Default}
	for _, c := range n.Choices {
		if c.Digits == "" || len(c.Digits) > MaxInputDigits || !validDigits(c.Digits) {
			return badConfig(where, "a choice needs digits")
		}
		all = append(all, c.Next)
	}
	for _, next := range all {
		node, to, err := ParseNext(next)
		if err != nil {
			return err
		}
		if node != "" && !nodes[node] {
			return badConfig(where, "there is no node "+node)
		}
		if err := k.dest(where, to); err != nil {
			return err
		}
	}
	return nil
}
