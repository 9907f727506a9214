package invariants

import (
	"context"
	"strconv"
	"sync"
	"time"

	"strowger/ari/ami"
	"strowger/switch/fault"
)

// Tap is an AMI session that writes down every channel, beside the controller.
type Tap struct {
	client *ami.Client
	done   chan struct{}

	mu       sync.Mutex
	channels map[string]*Channel
	order    []string
}

// StartTap logs in; ctx bounds that only.
func StartTap(ctx context.Context, addr, user, secret string) (*Tap, error) {
	c, err := ami.Dial(ctx, ami.Config{Addr: addr, User: user, Secret: secret, Queue: 100_000})
	if err != nil {
		return nil, err
	}
	if err := c.Events(ctx, "call"); err != nil {
		c.Close()
		return nil, err
	}
	t := &Tap{client: c, done: make(chan struct{}), channels: map[string]*Channel{}}
	go t.read()
	return t, nil
}

func (t *Tap) read() {
	defer close(t.done)
	for {
		m, err := t.client.Next(context.Background())
		if err != nil {
			return // Stop, or Asterisk has ended
		}
		t.note(m)
	}
}

func (t *Tap) note(m ami.Message) {
	t.mu.Lock()
	defer t.mu.Unlock()
	id := m.Get("Uniqueid")
	switch m.Event() {
	case "Newchannel":
		t.channels[id] = &Channel{ID: id, Name: m.Get("Channel"), From: time.Now()}
		t.order = append(t.order, id)
	case "Hangup":
		if c := t.channels[id]; c != nil {
			c.To = time.Now()
			c.Cause, _ = strconv.Atoi(m.Get("Cause")) // what is no number is no cause
		}
	}
}

// Stop ends the session and returns what it has seen.
func (t *Tap) Stop() []Channel {
	t.client.Close()
	<-t.done
	return t.Channels()
}

// Channels returns what has been seen so far.
func (t *Tap) Channels() []Channel {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := make([]Channel, 0, len(t.order))
	for _, id := range t.order {
		out = append(out, *t.channels[id])
	}
	return out
}

// Live is how many channels live, by what was told.
func (t *Tap) Live() int {
	n := 0
	for _, c := range t.Channels() {
		if c.To.IsZero() {
			n++
		}
	}
	return n
}

// Err is why the session has ended by itself; nil while it works or was stopped.
func (t *Tap) Err() error {
	select {
	case <-t.done:
		if err := t.client.Err(); !fault.Is(err, fault.Stopped) {
			return err
		}
	default:
	}
	return nil
}
