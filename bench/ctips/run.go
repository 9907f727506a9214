package ctips

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"strowger/bench/plain"
	"strowger/bench/report"
	"strowger/cti/ctips"
	"strowger/cti/soap"
)

// Options say how much is measured.
type Options struct {
	Agents, Clients, Rate int // agents, sessions, calls per second
	Length                time.Duration
	Progress              func(format string, a ...any)
}

const (
	tenant   = 1
	loginFor = 30 * time.Second // until all agents are logged in
)

// Run measures the interface and then plain posts of the same messages.
func Run(ctx context.Context, o Options, book *report.Book) (err error) {
	answer, err := answers()
	if err != nil {
		return err
	}
	sink, err := plain.Start(ctx, answer)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, sink.Stop()) }()
	if err := measure(ctx, o, sink, book); err != nil {
		return err
	}
	book.Add("clients", float64(o.Clients), "clients", nil)
	book.Add("agents", float64(o.Agents), "agents", nil)
	return nil
}

// answers is what a client's callback service says to everything.
func answers() (func([]byte) []byte, error) {
	ready := map[string][]byte{}
	for _, op := range ctips.PublishEvents.Operations {
		var result any
		if op.Result != nil {
			result = int32(0)
		}
		body, err := ctips.EncodeReply(ctips.Namespaces{}, op, result)
		if err != nil {
			return nil, err
		}
		ready["<"+op.Name+" "] = body
	}
	return func(message []byte) []byte {
		for start, answer := range ready {
			if bytes.Contains(message, []byte(start)) {
				return answer
			}
		}
		return nil
	}, nil
}

// measure brings clients and agents in and has both sides take their turns. An
// event's time is from the switch to the sink's reply.
func measure(ctx context.Context, o Options, sink *plain.Sink, book *report.Book) (err error) {
	exchange, err := plain.StartExchange(ctx, o.Agents)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, exchange.Stop()) }()
	var times plain.Counter
	var loggedIn atomic.Int64
	allIn := make(chan struct{})
	cfg := ctips.DefaultConfig()
	cfg.Listen, cfg.MaxConnections = "127.0.0.1:0", o.Clients
	srv, err := ctips.New(cfg, exchange.Engine, nil, ctips.Observer{Event: func(name string, took time.Duration, failed error) {
		switch {
		case failed != nil:
		case name != "AgentLoginStateChange":
			times.Add(took)
		case loggedIn.Add(1) == int64(o.Agents*o.Clients):
			close(allIn)
		}
	}})
	if err != nil {
		return err
	}
	if err := srv.Start(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, srv.Stop(context.WithoutCancel(ctx))) }()
	c := client{base: "http://" + srv.Addr() + cfg.Path}
	session := ""
	for i := range o.Clients {
		if session, err = c.open(ctx, sink.URL(i)); err != nil {
			return fmt.Errorf("client %d: %w", i, err)
		}
	}
	for i := range o.Agents {
		head := ctips.RequestHead{SessionID: session, RequestID: int32(i + 1), TenantID: tenant}
		if _, err := c.ask(ctx, "LoginAgent", &ctips.LoginAgentArgs{RequestHead: head, AgentLoginName: plain.Agent(i), InitialState: ctips.AgentStateIdle}); err != nil {
			return fmt.Errorf("agent %d: %w", i, err)
		}
	}
	select {
	case <-allIn:
	case <-time.After(loginFor):
		return errors.New("not all logins were told")
	case <-ctx.Done():
		return ctx.Err()
	}
	o.Progress("%d clients, %d agents are logged in", o.Clients, o.Agents)
	return plain.Side{Exchange: exchange, Sink: sink, Rate: o.Rate, Length: o.Length, Posters: o.Clients, Count: times.Count, Progress: o.Progress}.Turns(ctx, book)
}

// client asks the server.
type client struct{ base string }

// open brings a session on line that wants everything.
func (c client) open(ctx context.Context, callback string) (session string, err error) {
	opened, err := c.ask(ctx, "OpenConnection", &ctips.OpenConnectionArgs{ClientCallbackURL: callback, TenantIDs: []int32{tenant}, UserCredentials: &ctips.UserCredentials{UserName: "bench", Password: "bench"}})
	if err != nil {
		return "", err
	}
	so, ok := opened.(*ctips.SessionObject)
	if !ok || so.Status != 0 {
		return "", fmt.Errorf("OpenConnection: %+v", opened)
	}
	head := ctips.SessionHead{SessionID: so.SessionID, TenantID: tenant}
	for _, class := range []ctips.MessageClass{ctips.MessageClassAgent, ctips.MessageClassCall, ctips.MessageClassRoute, ctips.MessageClassSystem} {
		if _, err := c.ask(ctx, "AddMessageClass", &ctips.AddMessageClassArgs{SessionHead: head, MessageClass: class}); err != nil {
			return "", err
		}
	}
	_, err = c.ask(ctx, "OnLine", &ctips.OnLineArgs{SessionHead: head})
	return so.SessionID, err
}

func (c client) ask(ctx context.Context, name string, args any) (any, error) {
	op := ctips.AgentCallService.Operation(name)
	body, err := ctips.EncodeCall(ctips.Namespaces{}, op, args)
	if err != nil {
		return nil, err
	}
	answer, err := plain.Send(ctx, http.DefaultClient, c.base, `"`+op.Action(ctips.Namespaces{})+`"`, body)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	env, err := soap.ReadEnvelope(answer, "utf-8", soap.Limits{}, nil)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	result, err := ctips.DecodeReply(op, env)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return result, nil
}
