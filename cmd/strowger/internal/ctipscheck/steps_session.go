package ctipscheck

import (
	"context"
	"fmt"
	"time"

	"strowger/cmd/strowger/internal/peercheck"
	"strowger/cti/ctips"
	"strowger/switch/fault"
)

// openAs asks for a session.
func (c *check) openAs(ctx context.Context, password string) (*ctips.SessionObject, error) {
	result, err := c.ask(ctx, "OpenConnection", &ctips.OpenConnectionArgs{
		ClientCallbackURL: c.sink.URL, TenantIDs: []int32{c.opt.Tenant}, UserCredentials: &ctips.UserCredentials{UserName: c.opt.User, Password: password},
	})
	if err != nil {
		return nil, failed("OpenConnection: %s", reason(err))
	}
	so, ok := result.(*ctips.SessionObject)
	if !ok || so == nil {
		return nil, failed("OpenConnection was answered without a SessionObject")
	}
	return so, nil
}

func (c *check) wrongPassword(ctx context.Context) (string, error) {
	if c.opt.Password == "" {
		return "", peercheck.Skip("give --user and --password-file")
	}
	so, err := c.openAs(ctx, c.opt.Password+" wrong")
	switch {
	case err != nil:
		return "", err
	case so.Status == 0:
		c.session = so.SessionID
		c.leave(ctx)
		c.session = ""
		select {
		case <-c.sink.started: // of that session
		default: // it was told of none
		}
		return "", peercheck.Warn("every password is taken: list ctips.users, or set ctips.ldap")
	case so.SessionID != "":
		return "", failed("status %d, and a SessionId all the same", so.Status)
	}
	return "status " + statusText(so.Status), nil
}

func statusText(status int32) string {
	return fmt.Sprintf("%d (%s)", status, ctips.Status(status))
}

func (c *check) open(ctx context.Context) (string, error) {
	began := time.Now()
	so, err := c.openAs(ctx, c.opt.Password)
	if err != nil {
		return "", err
	}
	if so.Status != 0 {
		return "", failed("status %s%s", statusText(so.Status), map[ctips.Status]string{
			ctips.StatusTooMany:     ": ctips.max_connections sessions are open; strowger ctips sessions lists them",
			ctips.StatusLogin:       ": compare --user and the password with ctips.users",
			ctips.StatusTenant:      ": compare --tenant with ctips.tenants, and with those of the user",
			ctips.StatusCallbackURL: ": " + c.sink.URL + " has to be in ctips.callback_allow",
			ctips.StatusNoAnswer:    ": the server has to reach " + c.sink.URL + "; give another --callback",
		}[ctips.Status(so.Status)])
	}
	c.session = so.SessionID
	select {
	case got := <-c.sink.started:
		if got.id != so.SessionID || got.user.UserName != c.opt.User {
			return "", failed("StartSession told user %q and another session than the answer", got.user.UserName)
		}
	default:
		return "", failed("a session was opened without StartSession at the callback")
	}
	return fmt.Sprintf("answered after %d ms", time.Since(began).Milliseconds()), nil
}

func (c *check) head() ctips.SessionHead {
	return ctips.SessionHead{SessionID: c.session, TenantID: c.opt.Tenant}
}

func (c *check) register(ctx context.Context) (string, error) {
	for m := ctips.MessageClassAgent; m <= ctips.MessageClassSystem; m++ {
		if err := c.done(ctx, "AddMessageClass", &ctips.AddMessageClassArgs{SessionHead: c.head(), MessageClass: m}); err != nil {
			return "", err
		}
	}
	return "", nil
}

func (c *check) filters(ctx context.Context) (string, error) {
	add := &ctips.AddFilterArgs{SessionHead: c.head(), FieldType: ctips.FieldTypeSwitchID, FieldValue: "1"}
	if err := c.done(ctx, "AddFilter", add); err != nil {
		return "", err
	}
	del := &ctips.DeleteFilterArgs{SessionHead: c.head(), FieldType: ctips.FieldTypeSwitchID, FieldValue: "1"}
	if err := c.done(ctx, "DeleteFilter", del); err != nil {
		return "", err
	}
	return c.refused(ctx, "AddFilter", &ctips.AddFilterArgs{SessionHead: c.head(), FieldType: ctips.FieldTypeAgentID, FieldValue: "no such agent"})
}

func (c *check) snapshotArgs() *ctips.SnapshotArgs {
	return &ctips.SnapshotArgs{SessionHead: c.head(), EntityType: []ctips.EntityType{ctips.EntityTypeAgentInfo, ctips.EntityTypeCallInfo, ctips.EntityTypeServiceInfo}}
}

func (c *check) early(ctx context.Context) (string, error) {
	return c.refused(ctx, "Snapshot", c.snapshotArgs())
}

func (c *check) online(ctx context.Context) (string, error) {
	if err := c.done(ctx, "OnLine", &ctips.OnLineArgs{SessionHead: c.head()}); err != nil {
		return "", err
	}
	began := time.Now()
	select {
	case at := <-c.sink.beats:
		return fmt.Sprintf("heartbeat after %d ms", max(0, at.Sub(began).Milliseconds())), nil
	case err := <-c.sink.Bad:
		return "", err
	case <-time.After(beatWithin):
		return "", failed("no heartbeat within %s", beatWithin)
	case <-ctx.Done():
		return "", fault.Wrap(fault.Unavailable, op, "", ctx.Err())
	}
}

func (c *check) snapshot(ctx context.Context) (string, error) {
	if err := c.done(ctx, "Snapshot", c.snapshotArgs()); err != nil {
		return "", err
	}
	agents, calls, services := 0, 0, 0
	var wrong error
	err := c.sink.until(ctx, c.opt.Wait, func(ev ctips.Event) bool {
		switch e := ev.(type) {
		case *ctips.SnapShotRequestFailedEvent:
			wrong = failed("SnapShotRequestFailed: %s %s", e.FailureType, e.FailureReason)
			return true
		case *ctips.SnapShotUpdateEvent:
			for _, n := range []struct {
				there bool
				count *int
			}{{e.AgentData != nil, &agents}, {e.CallData != nil, &calls}, {e.ServiceData != nil, &services}} {
				if n.there {
					*n.count++
				}
			}
			return e.SnapShotComplete
		}
		return false
	})
	if err == nil {
		err = wrong
	}
	return fmt.Sprintf("%d agents, %d calls, %d services", agents, calls, services), err
}

func (c *check) offline(ctx context.Context) (string, error) {
	if err := c.done(ctx, "OffLine", &ctips.OffLineArgs{SessionHead: c.head()}); err != nil {
		return "", err
	}
	return c.refused(ctx, "Snapshot", c.snapshotArgs())
}

func (c *check) closed(ctx context.Context) (string, error) {
	if err := c.done(ctx, "CloseConnection", &ctips.CloseConnectionArgs{SessionID: c.session}); err != nil {
		return "", err
	}
	was := c.head()
	c.session = ""
	return c.refused(ctx, "OnLine", &ctips.OnLineArgs{SessionHead: was})
}
