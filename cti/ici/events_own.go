package ici

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"strowger/switch/callmodel"
)

// Elements of our own part of attached data (reference 7.2.1 and 7.2.2). The
// first four are always there.
const (
	elemFirstNumber = "FirstBNumber"
	elemFirstName   = "FirstBName"
	elemQueue       = "BNumberName"
	elemLastQueue   = "OrigQueue"

	elemGUID      = "GUID"
	elemCallID    = "CALL_ID"
	elemCaller    = "FirstANumber"
	elemIVRInfo   = "IVRInfo"
	elemSIPCallID = "SIP_CALL_ID"
	elemAnswer    = "AnswerInfo"
	elemRecording = "CallRecording"
)

// extraXML stands among the names of what is told for the other applications' parts.
const extraXML = "XML"

// ownElements are those that nobody else can give a value.
var ownElements = map[string]bool{
	elemFirstNumber: true, elemFirstName: true, elemQueue: true, elemLastQueue: true, elemGUID: true, elemCallID: true,
	elemCaller: true, elemIVRInfo: true, elemSIPCallID: true, elemAnswer: true, elemRecording: true,
}

// maxIVRInfo bounds the values of menus in one element, in bytes.
const maxIVRInfo = 2 << 10

// ownPart says how the call came here (reference 7.2.1): the queue that was
// called first, the present and the previous one. A call that never was in a
// queue has the number that was called; so has, for who made it, one that is
// on its way through queues. Behind it stands what is configured.
func (t translator) ownPart(dir *directory, c *callmodel.Call, p *callmodel.Connection) string {
	first, queue := c.Queue, c.Queue
	if made(c, p) {
		first = ""
	} else if n := len(c.Queues); n > 0 {
		first = c.Queues[0].Queue
		if queue == "" {
			queue = c.Queues[n-1].Queue
		}
	}
	number, name := callmodel.NormalNumber(t.dialed(dir, c)), string(first)
	if q := dir.queues[first]; q != nil {
		name = q.Name
		if q.Address != "" {
			number = q.Address
		}
	}
	var b strings.Builder
	leaf(&b, elemFirstNumber, number)
	if first != "" {
		leaf(&b, elemFirstName, name)
		leaf(&b, elemQueue, string(queue))
		leaf(&b, elemLastQueue, string(previousQueue(c, queue)))
	}
	told, _ := t.extra(dir, c, p)
	for _, key := range told {
		if v := t.value(dir, c, p, key); v != "" {
			leaf(&b, key, v)
		}
	}
	if file := dir.recordings[c.ID]; file != "" && t.data.RecordingCad {
		leaf(&b, elemRecording, file)
	}
	if cb := dir.callbacks[c.Callback]; cb != nil {
		b.WriteString(cb.keys)
	}
	return b.String()
}

// extra lists what is told of a call to one of its parties beside what always
// is, and whether the other applications' parts are. It depends on the queue and
// on how far the call is for that party.
func (t translator) extra(dir *directory, c *callmodel.Call, p *callmodel.Connection) (told []string, others bool) {
	of := t.data.ExtraData
	if q := dir.settings[queueOf(c)]; q != nil {
		of = overridden(of, q.ExtraData)
	}
	lists := [][]string{of.Allocated}
	if made(c, p) {
		lists[0] = of.CallOut
	}
	if p.ConnectedAt != 0 {
		lists = append(lists, of.Connected)
	}
	if c.TransferredBy != "" && p.State != callmodel.Ended {
		lists = append(lists, of.Join)
	}
	for _, list := range lists {
		for _, key := range list {
			switch {
			case key == extraXML:
				others = true
			case key != elemFirstNumber && key != elemFirstName && key != elemQueue && key != elemLastQueue && key != elemRecording && !slices.Contains(told, key):
				told = append(told, key)
			}
		}
	}
	return told, others
}

// queueOf is the queue that a call is in, or was in last.
func queueOf(c *callmodel.Call) callmodel.QueueID {
	if n := len(c.Queues); c.Queue == "" && n > 0 {
		return c.Queues[n-1].Queue
	}
	return c.Queue
}

func overridden(all, own callmodel.ExtraData) callmodel.ExtraData {
	for _, l := range []struct {
		to   *[]string
		from []string
	}{{&all.Allocated, own.Allocated}, {&all.CallOut, own.CallOut}, {&all.Connected, own.Connected}, {&all.Join, own.Join}} {
		if len(l.from) > 0 {
			*l.to = l.from
		}
	}
	return all
}

// value is what a name stands for, empty where there is nothing: one of ours, or
// what a menu or a decision has stored under it.
func (t translator) value(dir *directory, c *callmodel.Call, p *callmodel.Connection, key string) string {
	switch key {
	case elemGUID:
		return guid(p.ID.ID)
	case elemCallID:
		return "CI_" + strconv.FormatInt(c.Number, 10) + "L"
	case elemCaller:
		return t.outside(dir, caller(c))
	case elemIVRInfo:
		return ivrInfo(c.Values)
	case elemSIPCallID:
		return c.SIPID()
	case elemAnswer:
		if q := dir.settings[queueOf(c)]; q != nil {
			return q.AnswerInfo
		}
		return ""
	}
	for _, v := range c.Values {
		if v.Key == key {
			return v.Value
		}
	}
	return ""
}

// ivrInfo writes what menus and decisions have stored as key=value pairs, in the
// encoding of forms. The one that the reference names, WACP, is not public.
func ivrInfo(values []callmodel.Var) string {
	var b strings.Builder
	for _, v := range values {
		pair := url.QueryEscape(v.Key) + "=" + url.QueryEscape(v.Value)
		if b.Len()+1+len(pair) > maxIVRInfo {
			break
		}
		if b.Len() > 0 {
			b.WriteByte('&')
		}
		b.WriteString(pair)
	}
	return b.String()
}

// caller is who has called: in international form, where the switch knows it.
func caller(c *callmodel.Call) string {
	if c.CallerID != "" {
		return c.CallerID
	}
	return c.Caller
}

// outside is a number as the CRM gets it. Lines and queues of the switch keep theirs.
func (t translator) outside(dir *directory, s string) string {
	if n := Number(s); dir.inside[n] {
		return n
	}
	return t.data.plan().International(s)
}

// dialed is the number that was called. Calls to an agent or a queue by name
// have that line's or queue's.
func (t translator) dialed(dir *directory, c *callmodel.Call) string {
	number := t.outside(dir, c.Dialled)
	if number != unknownNumber {
		return number
	}
	if line := dir.lines[callmodel.AgentID(c.Dialled)]; line != "" {
		return Number(line)
	}
	if q := dir.queues[callmodel.QueueID(c.Dialled)]; q != nil {
		return Number(q.Address)
	}
	return number
}

// previousQueue is the one in which the call was before the present one, which
// itself is named where there is none.
func previousQueue(c *callmodel.Call, now callmodel.QueueID) callmodel.QueueID {
	for i := len(c.Queues) - 1; i >= 0; i-- {
		if q := c.Queues[i].Queue; q != now {
			return q
		}
	}
	return now
}
