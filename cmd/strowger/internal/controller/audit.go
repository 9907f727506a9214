package controller

import (
	"context"
	"path/filepath"

	"strowger/cti/ctips"
	"strowger/cti/rest"
	"strowger/switch/store"
	"strowger/switch/store/trail"
)

// auditFile holds forced actions on their way to the database.
const auditFile = "audit.log"

// startTrail opens the record of forced actions beside the journal.
func (c *Controller) startTrail(ctx context.Context) (err error) {
	dir := c.opt.Config.Store.JournalDir
	if err := privateDir(dir); err != nil {
		return err
	}
	if c.trail, err = trail.Open(filepath.Join(dir, auditFile), c.store, c.log); err != nil {
		return err
	}
	c.trail.Start(ctx)
	c.onStop("record of forced actions", c.trail.Stop)
	return nil
}

// auditTrail is the record in the words of the HTTP interface.
type auditTrail struct{ *trail.Trail }

func (t auditTrail) Begin(ctx context.Context, e rest.AuditEntry) (string, error) {
	return t.Trail.Begin(ctx, actionOf(e))
}

func (t auditTrail) End(ctx context.Context, e rest.AuditEntry) error {
	return t.Trail.End(ctx, actionOf(e))
}

func (t auditTrail) List(ctx context.Context, f rest.AuditFilter) ([]rest.AuditEntry, error) {
	list, err := t.Trail.List(ctx, store.ActionFilter{
		Limit: f.Limit, Before: f.Before, From: f.From, To: f.To, Who: f.By, Agent: f.Agent, Operation: f.Operation,
	})
	out := make([]rest.AuditEntry, len(list))
	for i, a := range list {
		out[i] = rest.AuditEntry{
			ID: a.ID, Time: a.Time, By: a.Who, Role: a.Role, Operation: a.Operation, Subject: a.Subject, Agent: a.Agent,
			Detail: a.Detail, Outcome: a.Outcome, Reason: a.Reason,
		}
	}
	return out, err
}

// roleCTIPS is with which role users of CTIPS act.
const roleCTIPS = "ctips"

// forcedTrail is the record in the words of CTIPS.
type forcedTrail struct{ trail *trail.Trail }

func (t forcedTrail) Begin(ctx context.Context, f ctips.Forced) (string, error) {
	return t.trail.Begin(ctx, forcedAction(f))
}

func (t forcedTrail) End(ctx context.Context, f ctips.Forced) error {
	return t.trail.End(ctx, forcedAction(f))
}

func forcedAction(f ctips.Forced) store.Action {
	return store.Action{
		ID: f.ID, Time: f.Time, Who: f.By, Role: roleCTIPS, Operation: f.Operation, Subject: f.Subject, Outcome: f.Outcome, Reason: f.Reason,
	}
}

func actionOf(e rest.AuditEntry) store.Action {
	return store.Action{
		ID: e.ID, Time: e.Time, Who: e.By, Role: e.Role, Operation: e.Operation, Subject: e.Subject, Agent: e.Agent,
		Detail: e.Detail, Outcome: e.Outcome, Reason: e.Reason,
	}
}
