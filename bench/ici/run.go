package ici

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"strowger/bench/plain"
	"strowger/bench/report"
	"strowger/cti/ici"
	"strowger/cti/soap"
)

// Options say how much is measured.
type Options struct {
	Agents, URLs, Rate int // subscribed agents, CRM addresses, calls per second
	Length             time.Duration
	Progress           func(format string, a ...any)
}

const (
	posters = 25 // plain requests at once, as many as the interface has for one address
	answer  = `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body/></e:Envelope>`
)

// Run measures the interface and then plain posts of the same messages.
func Run(ctx context.Context, o Options, book *report.Book) (err error) {
	crm, err := plain.Start(ctx, func([]byte) []byte { return []byte(answer) })
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, crm.Stop()) }()
	if err := measure(ctx, o, crm, book); err != nil {
		return err
	}
	book.Add("agents", float64(o.Agents), "agents", nil)
	return nil
}

// measure brings the agents in and has both sides take their turns. An event's
// time is from the switch to the sink's reply.
func measure(ctx context.Context, o Options, crm *plain.Sink, book *report.Book) (err error) {
	exchange, err := plain.StartExchange(ctx, o.Agents)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, exchange.Stop()) }()
	var times plain.Counter
	cfg := ici.DefaultConfig()
	cfg.Listen = "127.0.0.1:0"
	srv, err := ici.New(cfg, exchange.Engine, nil, ici.Observer{Event: func(name string, took time.Duration, failed error) {
		if failed == nil && name == "phoneCallChanged" {
			times.Add(took)
		}
	}})
	if err != nil {
		return err
	}
	if err := srv.Start(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, srv.Stop(context.WithoutCancel(ctx))) }()
	base := "http://" + srv.Addr() + cfg.BasePath
	for i := range o.Agents {
		if err := login(ctx, base, crm.URL(i%o.URLs), i); err != nil {
			return fmt.Errorf("agent %d: %w", i, err)
		}
	}
	o.Progress("%d agents are subscribed", o.Agents)
	return plain.Side{Exchange: exchange, Sink: crm, Rate: o.Rate, Length: o.Length, Posters: posters, Count: times.Count, Progress: o.Progress}.Turns(ctx, book)
}

// login subscribes to an agent and their line, and makes them ready.
func login(ctx context.Context, base, appURL string, i int) error {
	for _, ask := range []struct {
		op ici.Op
		p  ici.Params
	}{
		{ici.OpUserSubscribe, &ici.UserSubscription{AppURL: appURL, AppID: plain.Agent(i), UserID: plain.Agent(i)}},
		{ici.OpContainerSubscribe, &ici.ContainerSubscription{AppURL: appURL, AppID: plain.Agent(i), ChannelType: ici.ChannelPhone, ContainerID: plain.Line(i)}},
		{ici.OpSetCurrentWorkmode, &ici.WorkmodeChange{UserID: plain.Agent(i), Workmode: "2"}},
	} {
		out := soap.NewEncoder(nil)
		out.StartEnvelope()
		if err := ici.EncodeRequest(out, ask.op, ask.p, ici.Style{}); err != nil {
			return err
		}
		out.EndEnvelope()
		body, err := out.Bytes()
		if err != nil {
			return err
		}
		if _, err := plain.Send(ctx, http.DefaultClient, base, "", body); err != nil {
			return fmt.Errorf("%s: %w", ask.op, err)
		}
	}
	return nil
}
