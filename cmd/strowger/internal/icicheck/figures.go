package icicheck

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"strowger/cmd/strowger/internal/peercheck"
	"strowger/cti/ici"
	"strowger/cti/soap"
	"strowger/switch/fault"
)

// figures watches the agents for a moment: the first figures come at once, so this
// is an event that changes nothing. An interface that offers none is no worse.
func (c *check) figures(ctx context.Context) (string, error) {
	if c.opt.User == "" {
		return "", needsUser
	}
	began := time.Now()
	_, err := c.ask(ctx, ici.OpMonitorSubscribe, &ici.MonitorSubscription{AppURL: c.events.URL, AppID: appID, FormID: "agents"}, ici.Style{})
	var f *soap.Fault
	if errors.As(err, &f) {
		code, text, _ := ici.CodeOf(f)
		if code.String() == ici.NotOffered(ici.ServiceMonitor).String() || code.String() == ici.CodeTooManyTargets.String() {
			return "", peercheck.Skip("the interface has none for us: " + text)
		}
		return "", peercheck.Warn(text)
	}
	if err != nil {
		return "", err
	}
	took, waited := c.events.wait(ctx, c.opt.Wait, began, func(e ici.Event) bool {
		m, ok := e.(*ici.MonitorDataChanged)
		return ok && strings.HasPrefix(m.DataForm, "<dataForm ")
	})
	if _, err := c.ask(ctx, ici.OpMonitorUnsubscribe, &ici.Unsubscription{AppURL: c.events.URL, AppID: appID}, ici.Style{}); err != nil {
		return "", err
	}
	if waited != nil {
		return "", peercheck.Warn(fault.ReasonOf(waited))
	}
	return fmt.Sprintf("the first came after %d ms", took.Milliseconds()), nil
}
