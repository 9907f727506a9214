package link

import (
	"context"
	"sync"

	"strowger/ari/ami"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// NotifyConfig is the AMI account that talk-notify uses. ARI cannot send SIP
// NOTIFY; the right that it takes (system) is kept away from the ordinary AMI
// account, so that it can be left out where no station has the mode talk-notify.
type NotifyConfig struct {
	Addr   string // host:port; empty: no station of mode talk-notify can be answered
	User   string
	Secret string
}

// notifier sends SIP NOTIFY through AMI. It dials when first needed, and again
// after a loss; the session's goroutines are ended by close.
type notifier struct {
	cfg NotifyConfig

	mu     sync.Mutex // held while dialling, too: one dial at a time
	client *ami.Client
	closed bool
}

// talk asks the phone on a ringing leg to answer (event "talk", RFC 6665 form,
// inside the dialog of its INVITE).
func (n *notifier) talk(ctx context.Context, e callmodel.NotifyTalk) error {
	const op = "ari talk-notify"
	if n.cfg.Addr == "" {
		return fault.New(fault.Unsupported, op, e.Endpoint,
			"no AMI account for SIP NOTIFY is configured: make one as manager_strowger.conf says and name it in the configuration, or choose another mode for this station")
	}
	c, err := n.dial(ctx)
	if err != nil {
		return err
	}
	_, err = c.Action(ctx, "PJSIPNotify", ami.Field{Name: "Channel", Value: string(e.Channel)}, ami.Field{Name: "Variable", Value: "Event=talk"})
	return err
}

func (n *notifier) dial(ctx context.Context) (*ami.Client, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return nil, fault.New(fault.Stopped, "ari talk-notify", n.cfg.Addr, "stopped")
	}
	if n.client != nil && n.client.Err() == nil {
		return n.client, nil
	}
	if n.client != nil {
		n.client.Close()
		n.client = nil
	}
	c, err := ami.Dial(ctx, ami.Config{Addr: n.cfg.Addr, User: n.cfg.User, Secret: n.cfg.Secret})
	if err != nil {
		return nil, err
	}
	n.client = c
	return c, nil
}

// close ends the session. It may be called twice.
func (n *notifier) close() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.closed = true
	if n.client != nil {
		n.client.Close()
	}
	n.client = nil
}
