package ici

import (
	"bytes"
	"crypto/sha256"
	"slices"
	"strings"
	"time"

	"strowger/cti/soap"
	"strowger/switch/callmodel"
)

// form is a table that a CRM can watch: one row for each instance. The two and
// their fields are this product's proposal.
type form struct {
	id, description string
	fields          []formField
	max             int // instances in one message
	// rows are made anew for each picture, all in the order of the fields.
	rows func(v *callmodel.View, told map[callmodel.AgentID]toldAgent, now time.Time) []formRow
}

type formField struct{ id, kind string }

// Kinds of fields.
const (
	kindText    = "text"
	kindNumber  = "number"
	kindSeconds = "seconds"
	kindFlag    = "flag" // 1, 0 or empty
	kindTime    = "time" // UTC
)

// formRow is an instance with the values of its fields.
type formRow struct {
	id, description string
	values          []string
}

// toldAgent is what CRM systems have been told of an agent.
type toldAgent struct{ user, workmode, call string }

// forms is the catalog.
var forms = [...]form{
	{"queues", "Queues", queueFields(), 250, queueRows},
	{"agents", "Agents", []formField{{"user", kindText}, {"workmode", kindNumber}, {"callState", kindNumber}, {"since", kindTime}}, 1000, agentRows},
}

// formNamed finds a form, in any case.
func formNamed(id string) *form {
	for i := range forms {
		if strings.EqualFold(forms[i].id, strings.TrimSpace(id)) {
			return &forms[i]
		}
	}
	return nil
}

// queueFields are those of getPresenceQueueInfo but for the id, which names the
// instance.
func queueFields() []formField {
	kinds := map[string]string{
		"description": kindText, "guid": kindText, "open": kindFlag, "avgWaitingTime": kindSeconds, "maxWaitingTime": kindSeconds,
	}
	var out []formField
	for _, e := range (&PresenceQueue{}).named()[1:] {
		kind := kinds[e.name]
		if kind == "" {
			kind = kindNumber
		}
		out = append(out, formField{e.name, kind})
	}
	return out
}

// queueRows are the figures of getPresenceQueueInfo, of all queues that are for
// CTI clients.
func queueRows(v *callmodel.View, _ map[callmodel.AgentID]toldAgent, now time.Time) []formRow {
	all, people := queueFigures(v, now), staffOf(v)
	var out []formRow
	for _, q := range v.Queues {
		if people.hidden[q.ID] {
			continue
		}
		info := all[q.ID].info(q)
		row := formRow{id: info.ID, description: info.Description}
		for _, e := range info.named()[1:] {
			row.values = append(row.values, *e.v)
		}
		out = append(out, row)
	}
	return out
}

// agentRows are what userChanged and phoneCallChanged tell, and since when.
func agentRows(v *callmodel.View, told map[callmodel.AgentID]toldAgent, _ time.Time) []formRow {
	out := make([]formRow, 0, len(v.Agents))
	for _, a := range v.Agents {
		now := told[a.ID]
		out = append(out, formRow{
			id: string(a.ID), description: a.Name, values: []string{now.user, now.workmode, now.call, v.WallTime(a.Since).UTC().Format(timeLayout)},
		})
	}
	return out
}

// toldAgents is how each agent was told last. Of several items one that is not
// on hold counts.
func (b *board) toldAgents() map[callmodel.AgentID]toldAgent {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := make(map[callmodel.AgentID]toldAgent, len(b.users))
	for id, u := range b.users {
		out[id] = toldAgent{user: u.UserID, workmode: u.CurrentWorkmode.ID}
	}
	hold := CallStatus(CallHold).ID
	for _, i := range b.items() {
		agent, st := i.call.Conn(i.id).Agent, b.live[i.id].told.CallStatus.ID
		if now, known := out[agent]; known && (now.call == "" || now.call == hold) {
			now.call = st
			out[agent] = now
		}
	}
	return out
}

// chosenRows are those whose ids are listed, all where none is.
func chosenRows(all []formRow, ids []string) []formRow {
	if len(ids) == 0 {
		return all
	}
	var out []formRow
	for _, r := range all {
		if slices.Contains(ids, r.id) {
			out = append(out, r)
		}
	}
	return out
}

// write makes the document of a form, and a sum of what it says but for the time.
func (f *form) write(rows []formRow, now time.Time) (doc string, sum [sha256.Size]byte, err error) {
	out := soap.NewEncoder(nil)
	out.Start("dataForm")
	out.Attr("form", f.id)
	out.Attr("time", now.UTC().Format(timeLayout))
	for _, r := range rows[:min(len(rows), f.max)] {
		out.Start("instance")
		out.Attr("id", r.id)
		for i, v := range r.values {
			out.Start("field")
			out.Attr("id", f.fields[i].id)
			out.Text(v)
			out.End()
		}
		out.End()
	}
	if left := len(rows) - f.max; left > 0 {
		out.LeafInt("leftOut", left)
	}
	out.End()
	whole, err := out.Bytes()
	if err != nil {
		return "", sum, err
	}
	_, figures, _ := bytes.Cut(whole, []byte(">"))
	return string(whole), sha256.Sum256(figures), nil
}

// catalogDocument describes all forms.
func catalogDocument() (string, error) {
	out := soap.NewEncoder(nil)
	out.Start("catalog")
	for i := range forms {
		out.Start("form")
		out.Attr("id", forms[i].id)
		out.Attr("description", forms[i].description)
		for _, f := range forms[i].fields {
			out.Start("field")
			out.Attr("id", f.id)
			out.Attr("type", f.kind)
			out.End()
		}
		out.End()
	}
	out.End()
	doc, err := out.Bytes()
	return string(doc), err
}
