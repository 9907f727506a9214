package sapphone

import (
	"context"
	"slices"
	"time"

	"strowger/switch/callmodel"
)

// campaigns lists those that are configured, and those of which there are calls.
func (s *Server) campaigns(ctx context.Context, q *query) error {
	view, err := s.sw.View(ctx)
	if err != nil {
		return err
	}
	return q.list(ctx, view, func(callmodel.QueueID) bool { return true })
}

// assignedCampaigns lists those whose calls an agent is offered.
func (s *Server) assignedCampaigns(ctx context.Context, q *query) error {
	view, a, err := q.someAgent(ctx)
	if err != nil {
		return err
	}
	return q.list(ctx, view, func(id callmodel.QueueID) bool { return slices.Contains(a.SignedIn(), id) })
}

// someAgent is the agent at the extension, or the one that is named instead.
func (q *query) someAgent(ctx context.Context) (*callmodel.View, *callmodel.Agent, error) {
	if q.args.text("ext") != "" {
		return q.agentOn(ctx)
	}
	view, err := q.s.sw.View(ctx)
	if err != nil {
		return nil, nil, err
	}
	a := newDirectory(view, 0).agent(q.args.text("agent_id"))
	if a == nil {
		return nil, nil, refuse(codeCredentials, "there is no agent %q", short(q.args.text("agent_id")))
	}
	return view, a, nil
}

// campaignLine is a campaign as it is listed.
type campaignLine struct {
	text   string
	queue  callmodel.QueueID
	status string
}

// atDialer is the line of a campaign of the dialer; one that it does not have
// is no campaign.
func (s *Server) atDialer(ctx context.Context, c Campaign) (*campaignLine, error) {
	now, err := s.dialerOf(ctx, calling{id: c.ID, dialer: c.Dialer})
	switch {
	case codeOf("", err) == codeCampaign:
		return nil, nil
	case err != nil:
		return nil, err
	}
	k := &campaignLine{text: c.Text, queue: callmodel.QueueID(now.Queue), status: "empty"}
	switch {
	case now.Open > 0:
		k.status = "open"
	case now.Done > 0:
		k.status = "done"
	}
	return k, nil
}

// list writes the campaigns of some queues.
func (q *query) list(ctx context.Context, v *callmodel.View, of func(callmodel.QueueID) bool) error {
	all := map[string]*campaignLine{}
	d := newDirectory(v, 0)
	for _, c := range q.s.now().Campaigns {
		if c.Dialer != "" {
			k, err := q.s.atDialer(ctx, c)
			if err != nil {
				return err
			}
			if k != nil {
				all[c.ID] = k
			}
		} else if queue := d.queue(c.Queue); queue != nil && c.ID != AnyCampaign {
			all[c.ID] = &campaignLine{text: c.Text, queue: queue.ID, status: "empty"}
		}
	}
	for _, cb := range v.Callbacks {
		if cb.Campaign == "" {
			continue
		}
		k := all[cb.Campaign]
		if k == nil {
			k = &campaignLine{queue: cb.Queue}
			all[cb.Campaign] = k
		}
		switch {
		case cb.State != callmodel.CallbackDone:
			k.status = "open"
		case k.status != "open":
			k.status = "done"
		}
	}
	ids := make([]string, 0, len(all))
	for id := range all {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	q.out.table("campaigns")
	for _, id := range ids {
		if k := all[id]; of(k.queue) {
			q.out.row("campaigns", map[string]string{"id": id, "text": k.text, "status": q.s.meta.constant("campaign", k.status)})
		}
	}
	return nil
}

// campaignResults tells what became of a campaign's calls: of each entry its
// last attempt.
func (s *Server) campaignResults(ctx context.Context, q *query) error {
	view, err := s.sw.View(ctx)
	if err != nil {
		return err
	}
	k, err := q.campaign(view)
	if err != nil {
		return err
	}
	from, to, err := q.period()
	switch {
	case err != nil:
		return err
	case k.dialer != "":
		return s.resultsOfDialer(ctx, q, k, from, to)
	}
	total := 0
	q.out.table("results")
	last := map[string]*callmodel.Callback{}
	for _, cb := range view.Callbacks { // by creation: a later list's entry counts
		if cb.Campaign == k.id && cb.ListID != "" {
			last[cb.ListID] = cb
		}
	}
	for _, cb := range sorted(last) {
		total++
		at := view.WallTime(max(cb.LastAt, cb.HandledAt))
		if cb.LastResult == "" || at.Before(from) || !to.IsZero() && at.After(to) {
			continue
		}
		q.out.row("results", map[string]string{
			"callid": cb.ListID, "result": resultOf(cb), "tries": decimal(int64(triesOf(cb))), "last_time": stamp(at),
			"agent": string(cb.Agent), "handle": cb.Attempt().Hex(),
		})
	}
	q.out.set("totals", decimal(int64(total)))
	return nil
}

// resultOf is the last result in SAP's words. A call that was given up after all
// its attempts, or taken off the list, has none of its own there.
func resultOf(cb *callmodel.Callback) string {
	if cb.LastResult == callmodel.ResultHandled {
		return string(callmodel.ResultOther)
	}
	return string(cb.LastResult)
}

// triesOf counts the attempts that were made.
func triesOf(cb *callmodel.Callback) int {
	if cb.LastResult == callmodel.ResultSuccessful {
		return cb.Failures + 1
	}
	return cb.Failures
}

// period reads the moments between which something lies.
func (q *query) period() (from, to time.Time, err error) {
	if from, err = q.moment("date_from", "time_from", false); err != nil {
		return from, to, err
	}
	to, err = q.moment("date_to", "time_to", true)
	return from, to, err
}
