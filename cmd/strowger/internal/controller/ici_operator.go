package controller

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"

	"strowger/cmd/strowger/internal/config"
	"strowger/cti/ici"
	"strowger/cti/rest"
	"strowger/switch/fault"
)

// iciOperator is the interface for CRM systems as REST shows it.
type iciOperator struct{ c *Controller }

var _ rest.ICI = iciOperator{}

// operator returns what REST is given; nil where the interface is off.
func (c *Controller) operator() rest.ICI {
	if c.ici == nil {
		return nil
	}
	return iciOperator{c}
}

func timeOf(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// Status implements [rest.ICI].
func (o iciOperator) Status() rest.ICIStatus {
	st := o.c.ici.Status()
	f := st.Sending
	out := rest.ICIStatus{
		State: st.State, Product: st.Title, Version: st.Version, HostID: st.HostID, Address: st.Address, TLS: st.TLS, Started: timeOf(st.Started), Time: st.Now.UTC(),
		Clients: st.Clients, Items: st.Items, Users: st.Users, Queues: st.Queues, Subscriptions: st.Subscriptions,
		Open: f.Open, OpenMax: f.OpenMax, Workers: f.Workers, Waiting: f.Waiting, WaitingMax: f.WaitingMax, Sent: f.Sent, Failed: f.Failed, Discarded: f.Discarded,
		ShortestSeconds: f.Shortest.Seconds(), AverageSeconds: f.Average.Seconds(), LongestSeconds: f.Worst.Seconds(),
		Requests: st.Requests, Faults: st.Faults, LogLevel: o.c.level.String(),
		LogErrors: st.Log.Errors, LogWarnings: st.Log.Warnings, LastError: st.Log.LastError, LastErrorAt: timeOf(st.Log.LastAt),
		TraceFilter: st.Trace.Filter, Traced: st.Trace.Kept, TraceLost: st.Trace.Lost,
	}
	if st.Trace.Until.After(st.Now) {
		out.TraceUntil = timeOf(st.Trace.Until)
	}
	return out
}

// mapped turns every element of a list.
func mapped[A, B any](list []A, f func(A) B) []B {
	out := make([]B, 0, len(list))
	for _, a := range list {
		out = append(out, f(a))
	}
	return out
}

// Clients implements [rest.ICI].
func (o iciOperator) Clients() []rest.ICIClient {
	return mapped(o.c.ici.Clients(), func(c ici.ClientInfo) rest.ICIClient { return rest.ICIClient(c) })
}

// Items implements [rest.ICI].
func (o iciOperator) Items() []rest.ICIItem {
	return mapped(o.c.ici.Items(), func(i ici.ItemInfo) rest.ICIItem { return rest.ICIItem(i) })
}

// Users implements [rest.ICI].
func (o iciOperator) Users() []rest.ICIUser {
	return mapped(o.c.ici.Users(), func(u ici.UserInfo) rest.ICIUser {
		return rest.ICIUser{User: u.User, Workmode: u.Workmode, Queues: append([]string{}, u.Queues...), Followed: u.Followed}
	})
}

// Queues implements [rest.ICI].
func (o iciOperator) Queues() []rest.ICIQueue {
	return mapped(o.c.ici.Queues(), func(q ici.QueueInfo) rest.ICIQueue { return rest.ICIQueue(q) })
}

// Subscriptions implements [rest.ICI].
func (o iciOperator) Subscriptions() []rest.ICISubscription {
	return mapped(o.c.ici.Subscriptions(), func(s ici.SubscriptionInfo) rest.ICISubscription {
		return rest.ICISubscription{
			Number: s.Number, AppURL: s.AppURL, AppID: s.AppID, Users: append([]string{}, s.Users...), Lines: append([]string{}, s.Lines...),
			Forms: append([]string{}, s.Forms...), Since: s.Since.UTC(),
			Sent: s.Sent, Failed: s.Failed, LastEvent: s.LastEvent, LastAt: timeOf(s.LastAt), LastError: s.LastError,
		}
	})
}

// Traced implements [rest.ICI].
func (o iciOperator) Traced() []rest.ICITraced {
	return mapped(o.c.ici.Trace().Messages(), func(m ici.Traced) rest.ICITraced {
		return rest.ICITraced{
			Time: m.At.UTC(), Event: m.Out, Name: m.Name, Peer: m.Peer, Seconds: m.Took.Seconds(), Outcome: m.Outcome, Request: m.Request, Answer: m.Answer,
		}
	})
}

// Start implements [rest.ICI].
func (o iciOperator) Start(ctx context.Context) error {
	_, err := o.c.ici.Resume(ctx)
	return err
}

// Stop implements [rest.ICI].
func (o iciOperator) Stop(context.Context) error {
	o.c.ici.Pause()
	return nil
}

// Reload implements [rest.ICI].
func (o iciOperator) Reload(ctx context.Context) error { return o.c.reload(ctx, "ici: reload") }

// reload reads the configuration file and brings it into force.
func (c *Controller) reload(ctx context.Context, op string) error {
	if c.opt.Load == nil {
		return fault.New(fault.Conflict, op, "", "this controller runs without a configuration file")
	}
	cfg, err := c.opt.Load(ctx)
	if err != nil {
		return err
	}
	return c.Reload(ctx, cfg)
}

// Trace implements [rest.ICI].
func (o iciOperator) Trace(d time.Duration, filter string) error {
	if d == 0 {
		o.c.ici.Trace().Off()
		return nil
	}
	return o.c.ici.Trace().On(d, filter)
}

// SetLogLevel implements [rest.ICI].
func (o iciOperator) SetLogLevel(level string, d time.Duration) error {
	return o.c.level.set(level, d, o.c.log)
}

// logLevel is the level of the log, which an operator may change for a while.
type logLevel struct {
	of *slog.LevelVar // nil: it is fixed

	mu    sync.Mutex
	back  *time.Timer // brings the configured level back; nil: it is in force
	usual slog.Level
}

// String returns the level in force.
func (l *logLevel) String() string {
	if l.of == nil {
		return "info"
	}
	return strings.ToLower(l.of.Level().String())
}

func (l *logLevel) set(level string, d time.Duration, log *slog.Logger) error {
	var next slog.Level
	if err := next.UnmarshalText([]byte(level)); err != nil {
		return fault.New(fault.Invalid, "log level", level, "it is debug, info, warn or error")
	}
	if l.of == nil {
		return fault.New(fault.Conflict, "log level", "", "the log of this controller has a fixed level")
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.back == nil {
		l.usual = l.of.Level()
	} else {
		l.back.Stop()
	}
	l.of.Set(next)
	l.back = time.AfterFunc(d, func() {
		l.stop()
		log.Info("the configured log level is back")
	})
	return nil
}

// stop brings the configured level back.
func (l *logLevel) stop() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.back != nil {
		l.back.Stop()
		l.of.Set(l.usual)
		l.back = nil
	}
}

// reloader is how the configuration is read again.
type reloader = func(ctx context.Context) (*config.Config, error)
