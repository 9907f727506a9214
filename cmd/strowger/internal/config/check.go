package config

import (
	"reflect"
	"strconv"
	"strings"
	"time"
)

// unsetPassword is the example file's password, which nobody may keep.
const unsetPassword = "change-me"

// check applies the rules that one key alone cannot show. Sections that are
// already broken are left out.
func check(cfg *Config, r *report) {
	checkDurations(reflect.ValueOf(cfg).Elem(), rootKey(), nil, r)
	sections := []struct {
		name  string
		check func(*Config, *report)
	}{
		{"asterisk", checkAsterisk},
		{"queues", checkQueues},
		{"agents", checkAgents},
		{"ici", checkICI},
		{"http", checkHTTP},
		{"store", checkStore},
	}
	for _, s := range sections {
		if !r.broken[s.name] {
			s.check(cfg, r)
		}
	}
}

// checkDurations holds every duration against the bounds of its key.
func checkDurations(v reflect.Value, k *Key, path []string, r *report) {
	for i := range v.NumField() {
		c := k.child(v.Type().Field(i).Tag.Get("yaml"))
		if c == nil || len(path) == 0 && r.broken[c.name] {
			continue
		}
		at, f := append(path[:len(path):len(path)], c.name), v.Field(i)
		switch c.Kind {
		case KindDuration:
			if d := time.Duration(f.Int()); d < c.min || d > c.max {
				r.errorf(at, "write a duration from "+c.Bounds, "%s is out of bounds", FormatDuration(d))
			}
		case KindSection:
			checkDurations(f, c, at, r)
		case KindList:
			for j := range f.Len() {
				checkDurations(f.Index(j), c, append(at[:len(at):len(at)], strconv.Itoa(j)), r)
			}
		case KindString, KindSecret, KindInt, KindBool, KindStrings:
		}
	}
}

// owners remembers which path first used a value that must be unique.
type owners map[string][]string

// claim reports whether value is new; otherwise it files who has it already.
func (o owners) claim(r *report, value string, path []string, fix string) {
	if value == "" {
		return
	}
	if first, taken := o[value]; taken {
		p := Problem{}
		r.origin.locate(&p, first)
		where := showPath(first)
		if p.Line > 0 {
			where += " in line " + strconv.Itoa(p.Line)
		}
		r.errorf(path, fix, "%q is already used by %s", value, where)
		return
	}
	o[value] = path
}

func at(list string, i int, rest ...string) []string {
	return append([]string{list, strconv.Itoa(i)}, rest...)
}

func checkName(r *report, name string, path []string) {
	if strings.ContainsFunc(name, func(c rune) bool { return c < ' ' || c == 0x7f }) {
		r.errorf(path, "write it in one line of printable characters", "holds control characters or line breaks")
	}
}

func checkQueues(cfg *Config, r *report) {
	ids, numbers := owners{}, owners{}
	for i, q := range cfg.Queues {
		ids.claim(r, q.ID, at("queues", i, "id"), "give every queue its own id")
		numbers.claim(r, q.Number, at("queues", i, "number"), "give every queue its own number")
		checkName(r, q.Name, at("queues", i, "name"))
	}
	dialled := owners{}
	for i, q := range cfg.Queues {
		for j, d := range q.DNIS {
			path := at("queues", i, "dnis", strconv.Itoa(j))
			d = strings.TrimPrefix(d, "+")
			if owner, ok := numbers[d]; ok && owner[1] != strconv.Itoa(i) {
				r.errorf(path, "a dialled number leads into one queue: remove it from one of them", "%q is the number of %s", d, cfg.queueName(owner[1]))
				continue
			}
			dialled.claim(r, d, path, "a dialled number leads into one queue: remove it from one of them")
		}
	}
}

func (c *Config) queueName(index string) string {
	i, err := strconv.Atoi(index)
	if err != nil || i >= len(c.Queues) {
		return "another queue"
	}
	return "the queue " + c.Queues[i].ID
}

func checkAgents(cfg *Config, r *report) {
	ids, lines, endpoints := owners{}, owners{}, owners{}
	for i, q := range cfg.Queues {
		if !r.broken["queues"] {
			lines.claim(&report{origin: r.origin}, q.Number, at("queues", i, "number"), "")
		}
	}
	for i, a := range cfg.Agents {
		ids.claim(r, strings.ToLower(a.ID), at("agents", i, "id"), "give every agent their own login name; capital and small letters are the same")
		lines.claim(r, a.Line, at("agents", i, "line"), "a number belongs to one line or one queue")
		endpoints.claim(r, a.Station.Endpoint, at("agents", i, "station", "endpoint"), "two agents cannot share a phone: give each their own endpoint")
		checkName(r, a.Name, at("agents", i, "name"))
		if !r.broken["queues"] {
			checkMembership(cfg, i, r)
		}
	}
}

func checkMembership(cfg *Config, agent int, r *report) {
	var ids []string
	for _, q := range cfg.Queues {
		ids = append(ids, q.ID)
	}
	twice := owners{}
	for j, id := range cfg.Agents[agent].Queues {
		path := at("agents", agent, "queues", strconv.Itoa(j))
		twice.claim(r, id, path, "name each queue once")
		found := false
		for _, q := range ids {
			found = found || q == id
		}
		if found {
			continue
		}
		fix := "add a queue with this id, or remove it here"
		if best := nearest(id, ids); best != "" {
			fix = "did you mean " + best + "?"
		} else if len(ids) > 0 && len(ids) <= 12 {
			fix = "the queues are " + strings.Join(ids, ", ")
		}
		r.errorf(path, fix, "there is no queue %q", id)
	}
	if len(cfg.Agents[agent].Queues) == 0 {
		r.warnf(at("agents", agent), "list queue ids under `queues`", "the agent %s serves no queue and is never offered a call", cfg.Agents[agent].ID)
	}
}
