package icicheck

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"strowger/cmd/strowger/internal/peercheck"
	"strowger/cti/ici"
	"strowger/switch/fault"
)

// Told is an event about a call.
type Told struct {
	Item         string   `json:"item"`
	Status       int      `json:"status"`
	Processing   int      `json:"processing"`
	Capabilities []int    `json:"capabilities"`
	Remote       []string `json:"remote"`
	Millis       float64  `json:"ms"` // since the step began
}

func (t Told) state() string { return strconv.Itoa(t.Status) + "/" + strconv.Itoa(t.Processing) }

const alerting, dialing, connected = ici.CallAlerting, ici.CallDialing, ici.CallConnected

// after are the states that may follow another. A state may be told again: something else of
// the call has changed then.
var after = map[int][]int{
	ici.CallPreview: {dialing, ici.CallEnded}, alerting: {connected, ici.CallEnded},
	dialing: {ici.CallRinging, ici.CallBusy, connected, ici.CallEnded}, ici.CallRinging: {ici.CallBusy, connected, ici.CallEnded}, ici.CallBusy: {ici.CallEnded},
	connected:    {ici.CallHold, ici.CallHeld, ici.CallConferenceOwner, ici.CallConferenceParticipant, ici.CallEnded},
	ici.CallHold: {connected, ici.CallConferenceOwner, ici.CallEnded}, ici.CallHeld: {connected, ici.CallEnded},
	ici.CallConferenceOwner: {connected, ici.CallHold, ici.CallEnded}, ici.CallConferenceParticipant: {connected, ici.CallEnded},
}

// next waits for the next event of an item, or of any where none is named, and
// checks that it may follow the last.
func (c *check) next(ctx context.Context, item string, limit time.Duration, began time.Time) (Told, error) {
	var call ici.PhoneCall
	took, err := c.events.wait(ctx, limit, began, func(e ici.Event) bool {
		changed, ok := e.(*ici.PhoneCallChanged)
		if !ok || changed.PhoneCall.LineNumber != c.line || item != "" && changed.PhoneCall.CallHandle != item {
			return false
		}
		call = changed.PhoneCall
		return true
	})
	if err != nil {
		return Told{}, err
	}
	now := Told{Item: call.CallHandle, Capabilities: call.CapabilityList, Remote: call.RemoteNumbers, Millis: float64(took.Microseconds()) / 1000}
	now.Status, _ = strconv.Atoi(call.CallStatus.ID) // no number: 0, which follows nothing
	now.Processing, _ = strconv.Atoi(call.ProcessingStatus.ID)
	last := len(c.told) - 1
	c.told = append(c.told, now)
	if last >= 0 && now.Status != c.told[last].Status && !slices.Contains(after[c.told[last].Status], now.Status) {
		return now, fault.New(fault.Invalid, opCheck, item, c.story()+": the last state cannot follow the one before")
	}
	return now, nil
}

// story are the events of the step so far.
func (c *check) story() string {
	var parts []string
	for _, t := range c.told {
		parts = append(parts, fmt.Sprintf("%s after %.0f ms", t.state(), t.Millis))
	}
	if len(parts) == 0 {
		return "no event"
	}
	return "item " + c.told[0].Item + ": " + strings.Join(parts, ", ")
}

// present has the agent in a work mode for a step; the result puts the old one back.
func (c *check) present(ctx context.Context, mode string) (back func(), err error) {
	if err := c.setMode(ctx, mode); err != nil {
		return nil, err
	}
	return func() { _ = c.setMode(ctx, c.mode) }, nil // the report is about the call
}

// makes has the agent call somebody, hangs up when they answer, and follows it all.
func (c *check) makes(ctx context.Context) (string, error) {
	if c.opt.Dial == "" || c.line == "" {
		return "", peercheck.Skip("give --dial NUMBER, --user and --act: the agent calls that number, and hangs up when it answers")
	}
	began := time.Now()
	back, err := c.present(ctx, modeNotReady)
	if err != nil {
		return "", err
	}
	defer back()
	r, err := c.ask(ctx, ici.OpCreate, &ici.Container{ChannelType: ici.ChannelPhone, ContainerID: c.line}, ici.Style{})
	if err != nil {
		return "", err
	}
	item, ok := r.(*ici.Item)
	if !ok || item.ItemID == "" {
		return "", fault.New(fault.Invalid, opCheck, "", "create answers without an item")
	}
	r, err = c.ask(ctx, ici.OpDial, &ici.Dialing{LineNumber: c.line, CallHandle: item.ItemID, DialNumber: c.opt.Dial}, ici.Style{})
	if err != nil {
		_, _ = c.ask(ctx, ici.OpDrop, c.ref(item.ItemID), ici.Style{}) // the refusal is the news
		return "", err
	}
	if text, ok := r.(*ici.Text); !ok || ici.CheckNumber(text.Value) != nil {
		return "", fault.New(fault.Invalid, opCheck, "", "dial answers without the number that is called")
	}
	first, err := c.next(ctx, item.ItemID, c.opt.Wait, began)
	if err != nil {
		return "", err
	}
	if first.Status != dialing {
		return "", fault.New(fault.Invalid, opCheck, "", c.story()+": a call that is made begins with 103")
	}
	return c.through(ctx, item.ItemID, began, true)
}

// takes waits for a call to the agent and goes through it.
func (c *check) takes(ctx context.Context) (string, error) {
	if !c.opt.Call || c.line == "" {
		return "", peercheck.Skip("give --call, --user and --act: the agent is ready, and a call to them is gone through to its end")
	}
	began := time.Now()
	back, err := c.present(ctx, modeReady)
	if err != nil {
		return "", err
	}
	defer back()
	first, err := c.next(ctx, "", c.opt.CallWait, began)
	if err != nil {
		return "", fault.New(fault.Unavailable, opCheck, "", fmt.Sprintf("no call was told within %v: call one of the agent's queues (getPresenceQueueInfo above) meanwhile, or give --call-wait", c.opt.CallWait))
	}
	if first.Status != alerting && first.Status != connected && first.Status != ici.CallPreview {
		return "", fault.New(fault.Invalid, opCheck, "", c.story()+": a call that comes in begins with 3, 111 or 101")
	}
	if slices.Contains(first.Capabilities, ici.CapAccept) {
		if _, err := c.ask(ctx, ici.OpAccept, &ici.ItemInContainer{ItemID: first.Item, ContainerID: c.line}, ici.Style{}); err != nil {
			return "", err
		}
	}
	return c.through(ctx, first.Item, began, false)
}

// through follows an item to its end; wrap-up is ended, and who has answered is
// hung up on where hangUp says so.
func (c *check) through(ctx context.Context, item string, began time.Time, hangUp bool) (string, error) {
	spoke := false
	for {
		now, err := c.next(ctx, item, c.opt.CallWait, began)
		if err != nil {
			if fault.KindOf(err) != fault.Unavailable {
				return "", err
			}
			_, _ = c.ask(ctx, ici.OpDrop, c.ref(item), ici.Style{}) // it has lasted long enough
			return "", peercheck.Warn(c.story() + ": nothing more within " + c.opt.CallWait.String() + "; the call is dropped")
		}
		switch {
		case now.Status == ici.CallEnded && now.Processing == ici.WrapUp:
			_, err = c.ask(ctx, ici.OpWrapUpEnded, &ici.ItemRef{ItemID: item}, ici.Style{})
		case now.Status == ici.CallEnded && !spoke:
			return "", peercheck.Warn(c.story() + ": nobody was connected")
		case now.Status == ici.CallEnded:
			return c.story(), nil
		case now.Status == connected && hangUp && !spoke:
			spoke = true
			_, err = c.ask(ctx, ici.OpDrop, c.ref(item), ici.Style{})
		case now.Status == connected:
			spoke = true
		}
		if err != nil {
			return "", err
		}
	}
}

func (c *check) ref(item string) *ici.CallRef {
	return &ici.CallRef{LineNumber: c.line, CallHandle: item}
}
