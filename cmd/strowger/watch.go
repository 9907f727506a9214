package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"strowger/cmd/strowger/internal/client"
	"strowger/cmd/strowger/internal/table"
	"strowger/cti/rest"
	"strowger/switch/fault"
)

const (
	redrawEvery = time.Second            // so that times run on
	redrawPause = 200 * time.Millisecond // at least, however much happens
	retryPause  = time.Second
	clearScreen = "\x1b[H\x1b[2J"
)

// eventFilter says which events concern a screen.
type eventFilter func(rest.Event) bool

// follow shows a screen until ctx ends, which is its normal end. A controller
// that goes away later is waited for; one that is not there at the start is an error.
func (o *operator) follow(ctx context.Context, c *client.Client, frame func(context.Context, io.Writer) error, about eventFilter) error {
	if o.output == outputText && isTerminal(o.stdout) {
		return o.redraw(ctx, c, frame)
	}
	if o.output == outputText {
		if err := frame(ctx, o.stdout); err != nil {
			return err
		}
	}
	return o.eachEvent(ctx, c, func(e rest.Event) error {
		if !about(e) {
			return nil
		}
		if o.output == outputText {
			o.printf("%s\n", eventLine(e))
			return nil
		}
		b, err := json.Marshal(e)
		if err != nil {
			return fault.Wrap(fault.Internal, "output", "json", err)
		}
		o.printf("%s\n", b)
		return nil
	})
}

// eachEvent calls fn for every event. A stream that breaks is opened again; the
// gap is told on stderr.
func (o *operator) eachEvent(ctx context.Context, c *client.Client, fn func(rest.Event) error) error {
	for first := true; ; first = false {
		stream, _, err := c.Watch(ctx)
		for err == nil {
			var e rest.Event
			if e, err = stream.Next(); err == nil {
				if ferr := fn(e); ferr != nil {
					stream.Close()
					return ferr
				}
			}
		}
		if stream != nil {
			stream.Close()
		}
		switch {
		case ctx.Err() != nil:
			return nil
		case first && stream == nil:
			return err
		}
		o.errorf("strowger: %s; trying again, events in between are not shown\n", fault.ReasonOf(err))
		if !pause(ctx, retryPause) {
			return nil
		}
	}
}

// redraw paints the screen anew after each change and once a second. Its
// helper goroutine ends before it returns.
func (o *operator) redraw(ctx context.Context, c *client.Client, frame func(context.Context, io.Writer) error) error {
	var first bytes.Buffer
	if err := frame(ctx, &first); err != nil {
		return err
	}
	o.printf("%s%s", clearScreen, first.String())
	ctx, cancel := context.WithCancel(ctx)
	var helper sync.WaitGroup
	defer helper.Wait()
	defer cancel()
	wake := make(chan struct{}, 1)
	quiet := &operator{app: &app{stdout: io.Discard, stderr: io.Discard}}
	helper.Go(func() {
		_ = quiet.eachEvent(ctx, c, func(rest.Event) error { // the tick shows a lost link
			select {
			case wake <- struct{}{}:
			default: // a redraw is due already
			}
			return nil
		})
	})
	tick := time.NewTicker(redrawEvery)
	defer tick.Stop()
	for pause(ctx, redrawPause) {
		select {
		case <-ctx.Done():
			return nil
		case <-wake:
		case <-tick.C:
		}
		var b bytes.Buffer
		if err := frame(ctx, &b); err != nil && ctx.Err() == nil {
			o.printf("%s%s; trying again every second (Ctrl-C ends)\n", clearScreen, fault.ReasonOf(err))
			continue
		}
		o.printf("%s%s", clearScreen, b.String())
	}
	return nil
}

// pause waits and reports whether the command goes on.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// eventLine is an event on one line.
func eventLine(e rest.Event) string {
	out := []string{e.Time.Local().Format("15:04:05.000"), fmt.Sprint(e.Seq), e.Kind}
	put := func(k, v string) {
		if v != "" {
			out = append(out, k+"="+table.Clean(v))
		}
	}
	if c := e.Call; c != nil {
		put("call", fmt.Sprint(c.Number))
		put("caller", c.Caller)
		put("queue", c.Queue)
		put("phase", c.Phase)
		put("outcome", c.Outcome)
		for _, p := range c.Connections {
			if p.ID == e.Connection {
				put("device", p.Device)
				put("state", p.State)
			}
		}
	}
	if a := e.Agent; a != nil {
		put("agent", a.ID)
		put("is", a.State)
		put("then", a.Pending)
	}
	if m := e.Member; m != nil {
		put("agent", m.Agent)
		put("phone", m.Phone)
		put("pause", m.Reason)
	}
	if q := e.Queue; q != nil && e.Call == nil {
		put("queue", q.ID)
		put("service", q.Service)
	}
	if c := e.Callback; c != nil {
		put("callback", c.Number)
		put("is", c.State)
	}
	put("by", e.By)
	put("node", e.Node)
	put("reason", e.Reason)
	return strings.Join(out, " ")
}
