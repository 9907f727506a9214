package ici

import (
	"context"
	"strconv"
	"strings"
	"time"

	"strowger/cti/soap"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// createCallback asks for a call to a customer (9.1.6).
func (s *Server) createCallback(ctx context.Context, req *Request, p *CallbackRequest) (Reply, error) {
	if err := CheckNumber(p.Number); err != nil {
		return nil, err
	}
	view, err := s.sw.View(ctx)
	if err != nil {
		return nil, err
	}
	q := queueNamed(view, p.Queue)
	if q == nil {
		return nil, Refuse(ServiceSystem, CodeUnknownQueue, "there is no queue with the number, id, name or GUID %q", short(p.Queue))
	}
	at, err := readCallTime(p.CallTime)
	if err != nil {
		return nil, err
	}
	extra, err := readExtra(p.ExtraData)
	if err != nil {
		return nil, err
	}
	cmd := callmodel.CreateCallback{
		Cmd: by(req), ID: callmodel.CallbackID{ID: s.sw.NewID()}, Number: p.Number, Queue: q.ID, At: at,
		Priority: extra.priority, Gateway: p.GwPrefix, Notes: p.Notes, Extra: p.ExtraData,
	}
	for _, need := range extra.skills {
		id, ok := skillNamed(view, need.Skill)
		if !ok || need.Level < minSkill || need.Level > maxSkill {
			s.log.Warn("ici: a skill of a callback was dropped: it must exist and have a level from 1 to 5",
				"skill", short(need.Skill), "level", need.Level, "queue", q.ID)
			continue
		}
		cmd.Skills = append(cmd.Skills, callmodel.SkillNeed{Skill: id, Level: need.Level})
	}
	err = s.sw.Do(ctx, cmd)
	if fault.Is(err, fault.Conflict) { // the number is on the list already
		return &CallbackID{}, nil
	}
	if err != nil {
		return nil, coded(err, map[fault.Kind]Code{
			fault.Denied: CodeNotReachable, fault.NotFound: CodeNotReachable, fault.Unsupported: CodeNotReachable,
		})
	}
	return &CallbackID{ID: guid(cmd.ID.ID)}, nil
}

// coded gives an error the code that its kind has for an operation.
func coded(err error, codes map[fault.Kind]Code) error {
	if code, ok := codes[fault.KindOf(err)]; ok {
		return &Error{Service: ServiceSystem, Code: code, Text: fault.ReasonOf(err), Err: err}
	}
	return err
}

// The levels of skills that a CRM asks for (9.1.6.2).
const (
	minSkill = 1
	maxSkill = 5
)

// updateCallback reports the result of a callback, or removes it (9.1.7).
func (s *Server) updateCallback(ctx context.Context, req *Request, p *CallbackChange) (Reply, error) {
	id, ok := readGUID(p.ID)
	if !ok {
		return nil, Refuse(ServiceSystem, CodeUnknownCallback, "%q is no callback's id", short(p.ID))
	}
	cmd := callmodel.UpdateCallback{
		Cmd: by(req), ID: callmodel.CallbackID{ID: id}, Result: callmodel.CallbackResult(strings.ToUpper(p.Result)),
	}
	if p.Notes != "" {
		cmd.Notes = &p.Notes
	}
	if err := s.sw.Do(ctx, cmd); err != nil {
		return nil, coded(err, map[fault.Kind]Code{fault.NotFound: CodeUnknownCallback, fault.Conflict: CodeCallbackOver})
	}
	return &Void{}, nil
}

// callbacks lists all callbacks that the switch still knows (9.1.8).
func (s *Server) callbacks(ctx context.Context, _ *Request, _ *Nothing) (Reply, error) {
	view, err := s.sw.View(ctx)
	if err != nil {
		return nil, err
	}
	queues := queuesOf(view)
	out := &CallBacks{List: make([]CallBack, 0, len(view.Callbacks))}
	for _, cb := range view.Callbacks {
		out.List = append(out.List, CallBack{
			ID: guid(cb.ID.ID), Number: cb.Number, QueueNumber: queueElement(queues[cb.Queue], cb.Queue).ID,
			HandledTime: view.WallTime(cb.HandledAt), LastCallTime: view.WallTime(cb.LastAt), NextCallTime: view.WallTime(cb.NextAt),
			Failures: cb.Failures, MaxCalls: cb.MaxCalls, LastResult: string(cb.LastResult), ExtraData: cb.Extra, Notes: cb.Notes, GwPrefix: cb.Gateway,
		})
	}
	return out, nil
}

// queueNamed finds a queue by its number, id, name or the GUID that
// getPresenceQueueInfo tells (reference 9.1.6.1), or returns nil.
func queueNamed(v *callmodel.View, name string) *callmodel.Queue {
	for _, fits := range []func(*callmodel.Queue) bool{
		func(q *callmodel.Queue) bool {
			return q.Address != "" && callmodel.NormalNumber(q.Address) == callmodel.NormalNumber(name)
		},
		func(q *callmodel.Queue) bool { return strings.EqualFold(string(q.ID), name) },
		func(q *callmodel.Queue) bool { return strings.EqualFold(q.Name, name) },
		func(q *callmodel.Queue) bool { return strconv.FormatInt(q.Number, 10) == name },
		func(q *callmodel.Queue) bool { return strings.EqualFold(guidOf(q.ID), name) },
	} {
		for _, q := range v.Queues {
			if fits(q) {
				return q
			}
		}
	}
	return nil
}

// skillNamed finds a skill by its id or name.
func skillNamed(v *callmodel.View, name string) (id string, ok bool) {
	for i := range v.Config.Skills {
		if k := &v.Config.Skills[i]; strings.EqualFold(k.ID, name) || k.Name != "" && strings.EqualFold(k.Name, name) {
			return k.ID, true
		}
	}
	return "", false
}

// callTimes are the forms of callTime; without a zone it is UTC (9.1.6.1).
var callTimes = []string{
	"2006-01-02 15:04:05", "2006-01-02T15:04:05", time.RFC3339, "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04", "2006-01-02T15:04",
	"20060102150405", "2006-01-02",
}

// readCallTime reads when a callback is due; zero is now.
func readCallTime(s string) (time.Time, error) {
	if t, ok := parseTime(s); ok {
		return t, nil
	}
	return time.Time{}, Refuse(ServiceSystem, Malformed(ServiceSystem), "callTime %q is no time; write YYYY-MM-DD HH:MM:SS, in UTC", short(s))
}

// parseTime reads a time in one of those forms; nothing is the zero time.
func parseTime(s string) (time.Time, bool) {
	if s == "" {
		return time.Time{}, true
	}
	for _, layout := range callTimes {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

// extraData is what the document of that name says (9.1.6.2).
type extraData struct {
	skills   []callmodel.SkillNeed // as given: any name, any level
	priority int                   // 0: none was given
	keys     string                // the others, as elements of our own part of attached data
}

// maxExtraSkills bounds the skills of one callback.
const maxExtraSkills = 16

// readExtra takes the extra data of a callback apart. Its errors are x/91.
func readExtra(doc string) (extraData, error) {
	var out extraData
	if doc == "" {
		return out, nil
	}
	bad := func(why string) (extraData, error) {
		return extraData{}, Refuse(ServiceSystem, Malformed(ServiceSystem), "extraData: %s", why)
	}
	root, err := soap.Parse([]byte(doc), "utf-8", soap.Limits{Bytes: callmodel.MaxCallbackText})
	if err != nil {
		return bad(fault.ReasonOf(err))
	}
	if root.Local != "XML" {
		return bad("the root element must be XML")
	}
	var keys strings.Builder
	for _, e := range root.Children {
		switch {
		case len(e.Children) > 0:
			return bad("element " + short(e.Local) + " must hold text, not elements")
		case e.Local == "Skills":
			out.skills = readSkills(e.Value())
		case e.Local == "Priority":
			if out.priority, err = strconv.Atoi(e.Value()); err != nil || out.priority <= 0 {
				out.priority = 1
			}
		case !ownElements[e.Local]:
			leaf(&keys, e.Local, e.Value())
		}
	}
	out.keys = keys.String()
	return out, nil
}

// readSkills reads name=level;name=level. What is no level is 0.
func readSkills(s string) []callmodel.SkillNeed {
	var out []callmodel.SkillNeed
	for part := range strings.SplitSeq(s, ";") {
		name, level, _ := strings.Cut(part, "=")
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		if len(out) == maxExtraSkills {
			break
		}
		n, err := strconv.Atoi(strings.TrimSpace(level))
		if err != nil {
			n = 0
		}
		out = append(out, callmodel.SkillNeed{Skill: name, Level: n})
	}
	return out
}

// guid writes an id in the form with dashes.
func guid(id callmodel.ID) string {
	h := id.Hex()
	return strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-")
}

// readGUID reads an id with or without dashes and braces.
func readGUID(s string) (callmodel.ID, bool) {
	s = strings.ReplaceAll(strings.Trim(s, "{}"), "-", "")
	id, err := callmodel.ParseID(s)
	return id, err == nil && len(s) == 2*len(id)
}
