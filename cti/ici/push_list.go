package ici

import (
	"cmp"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"strowger/cti/session"
	"strowger/switch/fault"
)

// account is what is remembered of a subscription's deliveries.
type account struct {
	number       uint64 // in the order of subscription, never given twice
	since        time.Time
	sent, failed atomic.Uint64
	last         atomic.Pointer[contact]
}

// contact is the outcome of a delivery.
type contact struct {
	event string
	at    time.Time
	err   error
}

// note writes a message's outcome to the accounts of those it was for.
func note(m session.Message, err error) {
	subs, ok := m.Note.([]*subscription)
	if !ok {
		return
	}
	last := &contact{m.Name, time.Now(), err}
	for _, s := range subs {
		if err == nil {
			s.sent.Add(1)
		} else {
			s.failed.Add(1)
		}
		s.last.Store(last)
	}
}

// SubscriptionInfo describes a subscription to an operator.
type SubscriptionInfo struct {
	Number    uint64    // in the order of subscription, since the start
	AppURL    string    // without its query, which may hold session ids
	AppID     string    //
	Users     []string  // that it follows
	Lines     []string  // the same, by number
	Forms     []string  // that it watches, with interval and instances
	Since     time.Time //
	Sent      uint64    // messages that were answered
	Failed    uint64    // messages that were given up
	LastEvent string    // name of the last message; empty: none yet
	LastAt    time.Time // of its outcome
	LastError string    // why it was not delivered; empty: it was
}

// List describes all subscriptions in the order in which they were made.
func (p *Push) List() []SubscriptionInfo {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := make([]SubscriptionInfo, 0, len(p.table.subs))
	for _, s := range p.table.subs {
		out = append(out, s.info())
	}
	slices.SortFunc(out, func(x, y SubscriptionInfo) int { return cmp.Compare(x.Number, y.Number) })
	return out
}

func (s *subscription) info() SubscriptionInfo {
	out := SubscriptionInfo{Number: s.number, AppURL: withoutQuery(s.key.AppURL), AppID: s.key.AppID, Since: s.since, Sent: s.sent.Load(), Failed: s.failed.Load()}
	for _, t := range s.targets {
		w, isForm := formWatchOf(t)
		switch {
		case isForm:
			out.Forms = append(out.Forms, w.String())
		case t.Service == ServiceUser:
			out.Users = append(out.Users, t.ID)
		default:
			_, line, _ := strings.Cut(t.ID, "/")
			out.Lines = append(out.Lines, line)
		}
	}
	if last := s.last.Load(); last != nil {
		out.LastEvent, out.LastAt = last.event, last.at
		if last.err != nil {
			out.LastError = fault.ReasonOf(last.err)
		}
	}
	return out
}
