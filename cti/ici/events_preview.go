package ici

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"strings"
	"time"

	"strowger/switch/callmodel"
)

// campaignApplication is the part of attached data in which a CRM finds the entry
// of its list of calls (reference 4.3.1, OII.PdBeginPreview).
const campaignApplication = "CRM_IC_CLM_PVDIAL"

const elemListID = "CALLID"

// inPreview reports whether an agent is shown a campaign's call that has not
// been made.
func inPreview(c *callmodel.Call, p *callmodel.Connection) bool {
	customer := &c.Conns[0]
	return c.Campaign != "" && p.Role == callmodel.RoleAgent && p.State == callmodel.Alerting &&
		customer.Leg == callmodel.LegNone && customer.State != callmodel.Ended
}

// shown is what the CRM sees of a connection: its state, and whether it sees it.
// A campaign's call is not told before it is made, unless configured otherwise.
func (t translator) shown(c *callmodel.Call, p *callmodel.Connection) (status, bool) {
	st, visible := statusOf(c, p)
	if visible && inPreview(c, p) {
		return status{CallPreview, Active}, t.data.BeginPreview
	}
	return st, visible
}

// hidden reports whether the CRM is spared a new item: by the site's settings, or
// because the queue is not for CTI clients.
func (b *board) hidden(c *callmodel.Call, p *callmodel.Connection) bool {
	return b.dir.silent(c) || b.say.hidden(c, p)
}

// dataOf is what other applications have attached to a call, as far as this
// party is told, and the campaign's entry for the CRM's own dialer.
func (t translator) dataOf(dir *directory, c *callmodel.Call, p *callmodel.Connection) []callmodel.AttachedData {
	data := c.Attached
	if kept, ok := dir.kept[p.ID]; ok {
		data = kept
	}
	if _, others := t.extra(dir, c, p); !others {
		return nil
	}
	id := entryOf(c)
	if id == "" {
		return data
	}
	for i := range data {
		if data[i].App == campaignApplication {
			return data
		}
	}
	var b strings.Builder
	leaf(&b, elemListID, id)
	return append(data[:len(data):len(data)], callmodel.AttachedData{App: campaignApplication, Media: mediaXML, Data: b.String()})
}

// leadApplication is what the dialer attaches to its calls.
const leadApplication = "lead"

// entryOf is a call's entry of the CRM's list of calls: a callback's, or the name
// that whoever made the dialer's list has given a lead.
func entryOf(c *callmodel.Call) string {
	if c.Kind != callmodel.KindCampaign {
		return c.ListID
	}
	for i := range c.Attached {
		var lead struct {
			Ref string `json:"ref"`
		}
		if c.Attached[i].App == leadApplication && json.Unmarshal([]byte(c.Attached[i].Data), &lead) == nil && lead.Ref != "" {
			return lead.Ref
		}
	}
	return c.Lead
}

// rejection is what becomes of a campaign's call that the agent does not make.
func (s *Server) rejection(i *item) callmodel.CallbackResult {
	return s.now().DataSettings.rejection(i.call, i.conn)
}

func (d *DataSettings) rejection(c *callmodel.Call, p *callmodel.Connection) callmodel.CallbackResult {
	switch {
	case !inPreview(c, p):
		return ""
	case d.PreviewReject == PreviewReject:
		return callmodel.ResultAgentRejected
	}
	return callmodel.ResultSkip
}

// rescheduled ends an item that the CRM has put off: it has written more into
// the campaign's part than the entry that it was given.
func (s *Server) rescheduled(ctx context.Context, req *Request, i *item, entries []callmodel.AttachedData) (Reply, error) {
	if i.call == nil || i.call.Campaign == "" || !putsOff(entries) {
		return &Empty{}, nil
	}
	p := i.conn
	var wish *callmodel.CallbackAt
	if at, said := later(entries); said && i.call.Kind == callmodel.KindCampaign {
		wish = &callmodel.CallbackAt{At: at}
	}
	if inPreview(i.call, p) {
		return s.finish(ctx, i, callmodel.Reject{Cmd: by(req), Conn: p.ID, Result: callmodel.ResultSkip, Callback: wish})
	}
	if wish != nil {
		if err := s.sw.Do(ctx, callmodel.SetDisposition{Cmd: by(req), Conn: p.ID, Callback: wish}); err != nil {
			return done(err)
		}
	}
	switch {
	case !s.now().RescheduleImmediately:
	case p.Processing == callmodel.WrapUp:
		return s.finish(ctx, i, callmodel.EndWrapUp{Cmd: by(req), Conn: p.ID})
	case p.State == callmodel.Connected:
		return s.finish(ctx, i, callmodel.Drop{Cmd: by(req), Conn: p.ID})
	}
	return &Empty{}, nil
}

func putsOff(entries []callmodel.AttachedData) bool {
	for i := range entries {
		if entries[i].App != campaignApplication {
			continue
		}
		more := without(partOf(entries[i]).content(), func(name string) bool { return name == elemListID })
		return strings.Contains(more, "<") && xml.Unmarshal([]byte("<x>"+more+"</x>"), new(struct{})) == nil
	}
	return false
}

// Elements by which a CRM says when a call that it puts off is due. What it says
// is in UTC.
const (
	elemDate      = "DATE"       // yyyymmdd, with TIME as hhmmss
	elemTime      = "TIME"       // without it: the day's first second
	elemNotBefore = "NOT_BEFORE" // yyyymmddhhmmss, as in a list of calls
)

// later reads when a call that is put off is due. A CRM that does not say it
// calls again by itself.
func later(entries []callmodel.AttachedData) (at time.Time, said bool) {
	for i := range entries {
		if entries[i].App != campaignApplication {
			continue
		}
		var part struct {
			Items []struct {
				XMLName xml.Name
				Text    string `xml:",chardata"`
			} `xml:",any"`
		}
		if xml.Unmarshal([]byte("<x>"+partOf(entries[i]).content()+"</x>"), &part) != nil {
			return at, false
		}
		text := map[string]string{elemTime: "000000"}
		for _, item := range part.Items {
			text[item.XMLName.Local] = strings.TrimSpace(item.Text)
		}
		stamp := text[elemNotBefore]
		if stamp == "" {
			stamp = text[elemDate] + text[elemTime]
		}
		at, err := time.Parse("20060102150405", stamp)
		return at, err == nil
	}
	return at, false
}
