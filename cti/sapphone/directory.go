package sapphone

import (
	"strconv"
	"strings"

	"strowger/switch/callmodel"
)

// extLen is the length of an extension in SAP's dictionary: longer numbers
// arrive cut to it.
const extLen = 10

// directory says whose an extension is and what a queue is called. The board's
// lock guards it.
type directory struct {
	digits int // how many last digits of a number may stand for it; 0: none
	full   map[string]*callmodel.Agent
	tail   map[string]*callmodel.Agent // nil value: several
	head   map[string]*callmodel.Agent // numbers longer than extLen, cut
	agents map[callmodel.AgentID]*callmodel.Agent
	queues map[callmodel.QueueID]*callmodel.Queue
}

func newDirectory(v *callmodel.View, digits int) *directory {
	d := &directory{
		digits: digits, full: map[string]*callmodel.Agent{}, tail: map[string]*callmodel.Agent{}, head: map[string]*callmodel.Agent{},
		agents: make(map[callmodel.AgentID]*callmodel.Agent, len(v.Agents)), queues: make(map[callmodel.QueueID]*callmodel.Queue, len(v.Queues)),
	}
	for _, q := range v.Queues {
		d.queues[q.ID] = q
	}
	for _, a := range v.Agents {
		d.agents[a.ID] = a
		line := plainNumber(a.Line)
		have := d.full[line]
		if line == "" || have != nil && have.State != callmodel.LoggedOut {
			continue // of several at one line it is who is logged in
		}
		d.full[line] = a
		if have == nil {
			claim(d.tail, tailOf(line, digits), a)
			claim(d.head, headOf(line), a)
		}
	}
	return d
}

func claim(m map[string]*callmodel.Agent, key string, a *callmodel.Agent) {
	if key == "" {
		return
	}
	if _, taken := m[key]; taken {
		a = nil
	}
	m[key] = a
}

// plainNumber is a number without plus sign, blanks and separators.
func plainNumber(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("+ -./()", r) {
			return -1
		}
		return r
	}, s)
}

func tailOf(line string, digits int) string {
	if digits <= 0 || len(line) < digits {
		return ""
	}
	return line[len(line)-digits:]
}

func headOf(line string) string {
	if len(line) <= extLen {
		return ""
	}
	return line[:extLen]
}

// extension is the agent at an extension: by the full number, then by its last
// digits, then by a number that was cut to SAP's length. nil for nobody, and
// where several fit.
func (d *directory) extension(ext string) *callmodel.Agent {
	number := plainNumber(ext)
	if number == "" {
		return nil
	}
	if a := d.full[number]; a != nil {
		return a
	}
	if a := d.byTail(number); a != nil {
		return a
	}
	if len(number) == extLen {
		return d.current(d.head[number])
	}
	return nil
}

func (d *directory) byTail(number string) *callmodel.Agent {
	key := tailOf(number, d.digits)
	if key == "" {
		return nil
	}
	return d.current(d.tail[key])
}

// current is who sits at an agent's line now.
func (d *directory) current(a *callmodel.Agent) *callmodel.Agent {
	if a == nil {
		return nil
	}
	return d.full[plainNumber(a.Line)]
}

// agent is an agent by login name, without regard to case, or by number.
func (d *directory) agent(id string) *callmodel.Agent {
	if a := d.agents[callmodel.AgentID(strings.ToLower(id))]; a != nil {
		return a
	}
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return nil
	}
	for _, a := range d.agents {
		if a.Number == n {
			return a
		}
	}
	return nil
}

// queue is a queue by its number, its configured number or its id.
func (d *directory) queue(name string) *callmodel.Queue {
	if q := d.queues[callmodel.QueueID(strings.ToLower(name))]; q != nil {
		return q
	}
	for _, q := range d.queues {
		if plainNumber(q.Address) == plainNumber(name) && q.Address != "" || strconv.FormatInt(q.Number, 10) == name {
			return q
		}
	}
	return nil
}

// queueName is what SAP knows a queue by: its number.
func (d *directory) queueName(id callmodel.QueueID) string {
	if id == "" {
		return ""
	}
	q := d.queues[id]
	switch {
	case q == nil:
		return string(id)
	case q.Address != "":
		return q.Address
	}
	return strconv.FormatInt(q.Number, 10)
}
