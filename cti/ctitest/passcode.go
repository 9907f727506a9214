package ctitest

import (
	"context"

	"strowger/switch/callmodel"
)

// Enter logs an agent in at a station that asks for a passcode: by some other
// interface, and with the digits typed at the phone.
func (f *FakeSwitch) Enter(ctx context.Context, id callmodel.AgentID) error {
	if err := f.Do(ctx, callmodel.Login{Agent: id, Passcode: "417"}); err != nil {
		return err
	}
	for _, digit := range []string{"", "4", "1", "7"} {
		view, err := f.View(ctx)
		if err != nil {
			return err
		}
		for _, a := range view.Agents {
			switch n := a.Entering; {
			case a.ID != id || n == nil:
			case digit == "":
				f.Put(callmodel.ChannelUp{Node: Node, Channel: n.Channel})
			default:
				f.Put(callmodel.DigitReceived{Channel: n.Channel, Collect: n.Collect, Digit: digit})
			}
		}
	}
	return nil
}
