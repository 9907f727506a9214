package sapphone

import (
	"context"
	"strings"
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// generics are the functions behind SPS_GENERIC, by the name in FUNC. The
// interface leaves open what they are; these are what the switch can do beyond
// the other functions. Their parameters are pairs of name and value.
var generics = map[string]func(cmd callmodel.Cmd, i *item, value func(string) string) callmodel.Command{
	"SENDDTMF": func(cmd callmodel.Cmd, i *item, value func(string) string) callmodel.Command {
		return callmodel.SendDigits{Cmd: cmd, Conn: i.id, Digits: value("DIGITS")}
	},
	"MUTE": func(cmd callmodel.Cmd, i *item, _ func(string) string) callmodel.Command {
		return callmodel.Mute{Cmd: cmd, Conn: i.id, On: true}
	},
	"UNMUTE": func(cmd callmodel.Cmd, i *item, _ func(string) string) callmodel.Command {
		return callmodel.Mute{Cmd: cmd, Conn: i.id}
	},
	"PARK": func(cmd callmodel.Cmd, i *item, value func(string) string) callmodel.Command {
		return callmodel.Park{Cmd: cmd, Conn: i.id, Place: value("PLACE")}
	},
	"REQUIREWRAPUP": func(cmd callmodel.Cmd, i *item, _ func(string) string) callmodel.Command {
		return callmodel.RequireWrapUp{Cmd: cmd, Conn: i.id}
	},
}

func (s *Server) generic(ctx context.Context, q *query) error {
	command, known := generics[strings.ToUpper(q.args.text("func"))]
	if !known {
		return refuse(codeNotSupported, "there is no function %q", short(q.args.text("func")))
	}
	rows := q.args.rows("params")
	value := func(name string) string {
		for _, r := range rows {
			if strings.EqualFold(strings.TrimSpace(r["name"]), name) {
				return strings.TrimSpace(r["value"])
			}
		}
		return ""
	}
	k := s.board.find(value("HANDLE"))
	if k.item == nil {
		return refuse(codeHandle, "no such call: pass its handle as the parameter HANDLE")
	}
	return s.sw.Do(ctx, command(q.by(), k.item, value))
}

// componentStates tells how the switch and its telephony servers are.
func (s *Server) componentStates(ctx context.Context, q *query) error {
	wanted := q.args.text("component")
	row := func(name string, up bool, text string) {
		state := "DOWN"
		if up {
			state = "UP"
		}
		if wanted == "" || strings.EqualFold(wanted, name) {
			q.out.row("states", map[string]string{"component": name, "state": state, "text": text})
		}
	}
	q.out.table("states")
	view, err := s.sw.View(ctx)
	if err != nil {
		row("SWITCH", false, fault.ReasonOf(err))
		return nil
	}
	row("SWITCH", true, "")
	for _, n := range view.Nodes {
		row(string(n.ID), n.Up, "")
	}
	return nil
}

// Contact is one call of the past for SPS_STAT_DATA_GET.
type Contact struct {
	ID       string // 32 hexadecimal digits
	Kind     callmodel.CallKind
	Caller   string
	Dialled  string
	Queue    string // its number
	Agents   []string
	Started  time.Time
	Ended    time.Time
	Segments []ContactStep
}

// ContactStep is a stretch of a [Contact].
type ContactStep struct {
	Kind   string // queue, agent, menu, parked, consultation
	Agent  string
	At     time.Time
	Length time.Duration
}

// History reads the calls of the past. more says that there are others in the
// time that was asked for.
type History interface {
	Contacts(ctx context.Context, from, to time.Time, most int) (list []Contact, more bool, err error)
}

// maxContacts bounds one answer of SPS_STAT_DATA_GET.
const maxContacts = 500

// statistics hands calls of the past over, the oldest first. Where there are
// more than were asked for, the next request begins at the last one's start.
func (s *Server) statistics(ctx context.Context, q *query) error {
	if s.history == nil {
		return refuse(codeReportingOff, "this switch keeps no call records")
	}
	from, to, err := q.period()
	if err != nil {
		return err
	}
	most, err := q.args.number("max")
	if err != nil {
		return err
	}
	if most <= 0 || most > maxContacts {
		most = maxContacts
	}
	list, more, err := s.history.Contacts(ctx, from, to, most)
	if err != nil {
		return err
	}
	q.out.set("more", flag(more))
	q.out.table("headers")
	q.out.table("steps")
	for i := range list {
		q.contact(&list[i])
	}
	return nil
}

var directions = map[callmodel.CallKind]string{
	callmodel.KindInbound: "inbound", callmodel.KindOutbound: "outbound", callmodel.KindCallback: "outbound", callmodel.KindCampaign: "outbound",
	callmodel.KindInternal: "internal", callmodel.KindConsult: "internal",
}

// telephone marks an external address as a telephone number.
const telephone = "T"

func (q *query) contact(c *Contact) {
	outside := c.Caller
	if directions[c.Kind] == "outbound" {
		outside = c.Dialled
	}
	agent := func(n int) string {
		if n < len(c.Agents) {
			return c.Agents[n]
		}
		return ""
	}
	m := q.s.meta
	q.out.row("headers", map[string]string{
		"con_id": c.ID, "req_type": m.constant("request_number", "phone_call"), "con_direct": m.constant("direction", directions[c.Kind]),
		"ext_adty": telephone, "ext_addr": outside, "queue": c.Queue, "agent1": agent(0), "agent2": agent(1),
		"start": stamp(c.Started), "end": stamp(c.Ended),
	})
	for n, st := range c.Segments {
		q.out.row("steps", map[string]string{
			"con_id": c.ID, "step": decimal(int64(n + 1)), "type": m.constant("step", st.Kind), "time": stamp(st.At),
			"duration": seconds(st.Length), "agent": st.Agent,
		})
	}
}

// moment reads a date and a time, in UTC. Without a date it is the zero time;
// without a time it is the day's begin, or with end its end.
func (q *query) moment(dateSem, timeSem string, end bool) (time.Time, error) {
	date, clock := q.args.text(dateSem), q.args.text(timeSem)
	if strings.Trim(date, "0") == "" {
		return time.Time{}, nil
	}
	if clock == "" {
		clock = "000000"
		if end {
			clock = "235959"
		}
	}
	t, err := time.Parse(stampLayout, date+clock)
	if err != nil {
		return time.Time{}, refuse(codeReportingOff, "%s %s is no date and time", short(date), short(clock))
	}
	return t, nil
}
