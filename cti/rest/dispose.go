package rest

import (
	"context"
	"strconv"
	"strings"
	"time"

	"strowger/switch/calendar"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// DisposeCallback is a call that an agent has agreed with the customer of a campaign.
type DisposeCallback struct {
	At     string `json:"at" minLength:"3" maxLength:"40" doc:"a time (2026-03-02T15:00:00+01:00), a date and time without a zone (2026-03-02T15:00), which is the customer's, or now: as soon as the wrap-up is over"`
	Mine   bool   `json:"mine,omitempty" doc:"by this agent and nobody else; otherwise by anybody"`
	Number string `json:"number,omitempty" maxLength:"40" doc:"to call then; the same where it is left out"`
}

func dispose(s *Server, c callmodel.Cmd, id callmodel.ConnID, b DisposeRequest) (callmodel.Command, error) {
	seen := map[string]bool{}
	for _, code := range b.Codes {
		if err := checkName("codes", code); err != nil {
			return nil, err
		}
		if seen[code] {
			return nil, wrong("codes", "the disposition %s stands there twice", code)
		}
		seen[code] = true
	}
	out := callmodel.SetDisposition{
		Cmd: c, Conn: id, Codes: b.Codes, Success: b.Success, NoWrapUp: b.NoWrapUp, KeepWrapUp: b.KeepWrapUp, DoNotCall: b.DoNotCall,
	}
	wish, err := s.wish(id, b.Callback)
	out.Callback = wish
	return out, err
}

// wish reads a call that an agent has agreed with the customer of a connection's call.
func (s *Server) wish(id callmodel.ConnID, b *DisposeCallback) (*callmodel.CallbackAt, error) {
	if b == nil {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), commandTimeout)
	defer cancel()
	var at time.Time // zero is the present for the switch
	var err error
	switch {
	case b.At != atOnce:
		at, err = s.agreed(ctx, id, b.At)
	case b.Mine:
		err = s.mayCallAgain(ctx, id)
	}
	if err != nil {
		return nil, err
	}
	return &callmodel.CallbackAt{At: at, Mine: b.Mine, Number: b.Number}, nil
}

// atOnce is the time of a call that is made as soon as the wrap-up is over.
const atOnce = "now"

// mayCallAgain refuses an agent who wants to call the customer of a campaign
// again at once and may not: when the wrap-up is over it would be too late to say so.
func (s *Server) mayCallAgain(ctx context.Context, conn callmodel.ConnID) error {
	at, err := s.findConnection(ctx, conn.String())
	if err != nil || at.call == nil || at.call.Lead == "" || s.opts.Dialer.Lists == nil {
		return err // that it is no call of a campaign is said by the switch
	}
	no, err := strconv.ParseInt(at.call.Lead, 10, 64)
	if err != nil {
		return nil // nor of the dialer's lists
	}
	return s.opts.Dialer.Lists.Again(ctx, no, at.call.Campaign, string(at.agent))
}

// agreedLate is how long ago a time may be that was agreed and is written down now.
const agreedLate = 5 * time.Minute

// agreed reads a time to come.
func (s *Server) agreed(ctx context.Context, conn callmodel.ConnID, text string) (time.Time, error) {
	at, err := s.moment(ctx, conn, text)
	if err == nil && at.Before(s.opts.Clock.Now().Add(-agreedLate)) {
		err = wrong("callback.at", "%s is over: write a time to come, or now", text)
	}
	return at, err
}

// moment reads the time of a call that was agreed on a connection. Without a
// zone it is the time where the customer is.
func (s *Server) moment(ctx context.Context, conn callmodel.ConnID, text string) (time.Time, error) {
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t, nil
	}
	var local time.Time
	var err error
	for _, form := range []string{"2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02T15:04:05", "2006-01-02 15:04:05"} {
		if local, err = time.Parse(form, text); err == nil {
			break
		}
	}
	if err != nil {
		return local, wrong("callback.at", "write 2026-03-02T15:00 for the customer's own time, 2026-03-02T15:00:00+01:00, or now")
	}
	zone, err := s.customerZone(ctx, conn)
	if err != nil {
		return local, err
	}
	return time.Date(local.Year(), local.Month(), local.Day(), local.Hour(), local.Minute(), local.Second(), 0, zone), nil
}

// customerZone is where the customer of a campaign's call is by the clock.
func (s *Server) customerZone(ctx context.Context, conn callmodel.ConnID) (*time.Location, error) {
	const say = "write the time with its zone, as 2026-03-02T15:00:00+01:00"
	at, err := s.findConnection(ctx, conn.String())
	if err != nil {
		return nil, err
	}
	lists := s.opts.Dialer.Lists
	if at.call == nil || at.call.Lead == "" || lists == nil {
		return nil, wrong("callback.at", "it is not known where the customer is: %s", say)
	}
	no, err := strconv.ParseInt(at.call.Lead, 10, 64)
	if err != nil {
		return nil, wrong("callback.at", "it is not known where the customer is: %s", say)
	}
	lead, err := lists.Lead(ctx, no)
	if err != nil {
		return nil, err
	}
	called := at.call.Conns[0].Device
	for _, n := range lead.Numbers {
		if strings.TrimPrefix(n.Number, "+") != strings.TrimPrefix(called, "+") && len(lead.Numbers) > 1 {
			continue
		}
		if len(n.Zones) != 1 {
			return nil, wrong("callback.at", "the customer can be in %s: %s", strings.Join(n.Zones, " or "), say)
		}
		zone, err := calendar.Zone(n.Zones[0])
		if err != nil {
			return nil, fault.Wrap(fault.Internal, "dispose", n.Zones[0], err)
		}
		return zone, nil
	}
	return nil, wrong("callback.at", "it is not known where the customer is: %s", say)
}
