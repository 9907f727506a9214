package ctipscheck

import (
	"context"

	"strowger/cmd/strowger/internal/peercheck"
	"strowger/cti/ctips"
)

const needsAct = peercheck.Skip("give --agent and --act: the agent is logged in and out")

// asking is the head of a request with a number of its own.
func (c *check) asking() ctips.RequestHead {
	c.request++
	return ctips.RequestHead{SessionID: c.session, TenantID: c.opt.Tenant, RequestID: c.request}
}

// outcome waits for the event that answers the last request. seen is told each
// that has its number, and says whether it is the outcome.
func (c *check) outcome(ctx context.Context, seen func(ctips.Event) (bool, error)) error {
	var wrong error
	err := c.sink.until(ctx, c.opt.Wait, func(ev ctips.Event) bool {
		if ctips.Head(ev).RequestID != c.request {
			return false
		}
		switch e := ev.(type) {
		case *ctips.AgentLoginRequestFailedEvent:
			wrong = failed("AgentLoginRequestFailed: %s %s", e.FailureType, e.FailureReason)
			return true
		case *ctips.AgentRequestFailedEvent:
			wrong = failed("AgentRequestFailed: %s %s", e.FailureType, e.FailureReason)
			return true
		}
		done, err := seen(ev)
		wrong = err
		return done || err != nil
	})
	if err == nil {
		err = wrong
	}
	return err
}

func (c *check) login(ctx context.Context) (string, error) {
	if !c.opt.Act {
		return "", needsAct
	}
	args := &ctips.LoginAgentArgs{RequestHead: c.asking(), AgentLoginName: c.opt.Agent, StationID: c.opt.Station, InitialState: ctips.AgentStateNotReady}
	if err := c.done(ctx, "LoginAgent", args); err != nil {
		return "", err
	}
	detail := ""
	err := c.outcome(ctx, func(ev ctips.Event) (bool, error) {
		e, is := ev.(*ctips.AgentLoginStateChangeEvent)
		if !is {
			return false, nil
		}
		if e.LoginState != ctips.AgentLoginStateAgentLoggedIn || e.AgentID <= 0 {
			return false, failed("LoginState is %s and AgentId %d", e.LoginState, e.AgentID)
		}
		c.agent = e.AgentID
		detail = "at " + e.AgentStationAddress
		return true, nil
	})
	return detail, err
}

func (c *check) state(ctx context.Context) (string, error) {
	if c.agent == 0 {
		return "", needsAct
	}
	if err := c.done(ctx, "GetAgentState", &ctips.GetAgentStateArgs{AgentHead: ctips.AgentHead{RequestHead: c.asking(), AgentID: c.agent}}); err != nil {
		return "", err
	}
	detail := ""
	err := c.outcome(ctx, func(ev ctips.Event) (bool, error) {
		e, is := ev.(*ctips.AgentStateChangeEvent)
		if is {
			detail = e.AgentState.String()
		}
		return is, nil
	})
	return detail, err
}

func (c *check) logout(ctx context.Context) (string, error) {
	if c.agent == 0 {
		return "", needsAct
	}
	if err := c.done(ctx, "LogoutAgent", &ctips.LogoutAgentArgs{AgentHead: ctips.AgentHead{RequestHead: c.asking(), AgentID: c.agent}}); err != nil {
		return "", err
	}
	return "", c.outcome(ctx, func(ev ctips.Event) (bool, error) {
		e, is := ev.(*ctips.AgentLoginStateChangeEvent)
		if is && e.LoginState != ctips.AgentLoginStateAgentLoggedOut {
			return false, failed("LoginState is %s", e.LoginState)
		}
		return is, nil
	})
}
