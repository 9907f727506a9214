package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"strowger/ari/sandbox"
	"strowger/cmd/strowger/internal/config"
	"strowger/cmd/strowger/internal/controller"
	"strowger/cmd/strowger/internal/demo"
	"strowger/switch/fault"
	"strowger/switch/port"
	"strowger/switch/sim"
)

const (
	runStopLimit  = 15 * time.Second // for each part
	runReadyLimit = 20 * time.Second
	leftOverLimit = 3 * time.Second
	leftOverLook  = 100 * time.Millisecond
	simulatedNode = "simulated"
)

// runner starts the parts of a run one after the other and stops them in the
// reverse order.
type runner struct {
	options runOptions
	report  *demo.Reporter
	force   context.Context // ends when nothing shall be waited for any more
	log     *slog.Logger
	errors  *demo.ErrorTap
	sound   bool

	asterisk *sandbox.Instance // nil when simulated
	exchange *sim.Exchange     // nil with Asterisk
	token    string            // with which the pages take orders
	stops    []func(context.Context)
}

// run returns what the demo saw, or why it could not begin.
func (r *runner) run(ctx context.Context) (demo.Summary, error) {
	if err := r.openLog(); err != nil {
		return demo.Summary{}, err
	}
	secret := rand.Text()
	staff := demoStaff(secret)
	if err := r.startTelephony(ctx, secret); err != nil {
		return demo.Summary{}, err
	}
	c, cfg, err := r.startController(ctx, staff)
	if err != nil {
		return demo.Summary{}, err
	}
	phones, err := r.lines(staff)
	if err != nil {
		return demo.Summary{}, err
	}
	endCampaign, err := r.outbound(ctx, c.Switch(), cfg.HTTP.Socket)
	if err != nil {
		return demo.Summary{}, err
	}
	d, err := demo.New(demo.Options{
		Closing: endCampaign,
		Switch:  c.Switch(), ICI: c.ICIURL(), Lines: phones, Agents: staff, Queues: demoQueues(),
		Rate: r.options.rate, Seed: r.options.seed, LeftOver: r.leftOver, Report: r.report, Log: r.log,
	})
	if err != nil {
		return demo.Summary{}, err
	}
	r.errors.Tell(d.Logged)
	defer r.errors.Tell(nil)
	r.welcome(c, cfg)
	traffic, cancel := context.WithCancel(ctx)
	defer cancel()
	if r.options.length > 0 {
		traffic, cancel = context.WithTimeout(ctx, r.options.length)
		defer cancel()
	}
	go r.watch(traffic, cancel, c, d)
	return d.Run(traffic, r.force)
}

// watch ends the traffic when the controller or Asterisk is gone.
func (r *runner) watch(ctx context.Context, end context.CancelFunc, c *controller.Controller, d *demo.Demo) {
	var gone <-chan struct{}
	if r.asterisk != nil {
		gone = r.asterisk.Done()
	}
	select {
	case <-ctx.Done():
		return
	case err := <-c.Fatal():
		d.Failed(err)
	case <-gone:
		d.Failed(fault.New(fault.Unavailable, "run", r.asterisk.LogPath(), "Asterisk has ended by itself; its last lines: "+r.asterisk.LogTail(5)))
	}
	end()
}

// stop ends everything that was started.
func (r *runner) stop() {
	for i := len(r.stops) - 1; i >= 0; i-- {
		ctx, cancel := context.WithTimeout(r.force, runStopLimit)
		r.stops[i](ctx)
		cancel()
	}
	r.stops = nil
}

func (r *runner) onStop(f func(context.Context)) { r.stops = append(r.stops, f) }

// openLog starts the controller's log afresh: a demo's log is of its last run.
func (r *runner) openLog() error {
	path := filepath.Join(r.options.state, "strowger.log")
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fault.Wrap(fault.Denied, "run", path, err)
	}
	r.onStop(func(context.Context) { _ = f.Close() }) // nothing is buffered
	r.errors = demo.NewErrorTap(slog.NewTextHandler(f, &slog.HandlerOptions{Level: slog.LevelInfo}))
	r.log = slog.New(r.errors)
	return nil
}

// startTelephony starts Asterisk, or makes the simulated exchange.
func (r *runner) startTelephony(ctx context.Context, secret string) error {
	if r.options.simulated {
		r.simulate("as --simulated asks")
		return nil
	}
	err := r.startAsterisk(ctx, secret)
	if err == nil || ctx.Err() != nil {
		return err
	}
	r.report.Setup("no-asterisk", "there is no Asterisk to run on: %s", fault.ReasonOf(err))
	r.report.Setup("no-asterisk", "when that is dealt with, start this command again")
	r.simulate("because there is no Asterisk")
	return nil
}

func (r *runner) simulate(why string) {
	r.exchange = sim.New(sim.Options{Node: simulatedNode, Seed: r.options.seed})
	r.onStop(func(context.Context) { r.exchange.Stop() })
	r.report.Simulated()
	r.report.Setup("simulated", "no call here is real: a simulated exchange, %s", why)
}

func (r *runner) startAsterisk(ctx context.Context, secret string) error {
	program, err := sandbox.Find(ctx, sandbox.FindOptions{
		CacheDir: r.options.cache, Progress: func(line string) { r.report.Setup("asterisk", "%s", line) },
	})
	if err != nil {
		return err
	}
	if program.Warning != "" {
		r.report.Setup("asterisk", "note: %s", program.Warning)
	}
	in, err := sandbox.Start(ctx, program, sandbox.Options{
		Name: "run", Unique: true, Dir: filepath.Join(r.options.cache, "instances"),
		Agents: demoAgents, Secret: secret,
	})
	if err != nil {
		return err
	}
	r.asterisk, r.sound = in, true
	r.onStop(r.stopAsterisk)
	r.report.Setup("asterisk", "%s runs, process %d, SIP %s", program, in.PID(), in.SIPAddr())
	return nil
}

func (r *runner) stopAsterisk(ctx context.Context) {
	pid := r.asterisk.PID()
	if ctx.Err() != nil {
		if err := r.asterisk.Kill(); err != nil {
			r.report.Error("asterisk", "Asterisk, process "+strconv.Itoa(pid)+", could not be killed: "+fault.ReasonOf(err))
		}
		ctx = context.WithoutCancel(ctx) // it is dead: what follows does not wait
	}
	if err := r.asterisk.Stop(ctx); err != nil {
		r.report.Error("asterisk", "Asterisk, process "+strconv.Itoa(pid)+", did not stop: "+fault.ReasonOf(err))
		return
	}
	if err := r.asterisk.Remove(); err != nil {
		r.log.Warn("the instance's folder stays", "error", err)
	}
	r.report.Setup("stopped", "Asterisk has stopped")
}

// startController starts the controller on what startTelephony has left.
func (r *runner) startController(ctx context.Context, staff []demo.Agent) (*controller.Controller, *config.Config, error) {
	dir := r.options.state
	if r.exchange != nil {
		// A simulated exchange forgets its calls, so its journal is of no use to
		// the next run, and its records do not belong among those of real calls.
		own, err := os.MkdirTemp(dir, "simulated-")
		if err != nil {
			return nil, nil, fault.Wrap(fault.Denied, "run", dir, err)
		}
		r.onStop(func(context.Context) { _ = os.RemoveAll(own) }) // a leftover harms nobody
		dir = own
	}
	r.token = rand.Text()
	cfg := demoConfig(dir, r.options.state, r.token)
	r.connect(cfg)
	ports := []*string{&cfg.HTTP.Listen, &cfg.ICI.Listen, &cfg.CTIPS.Listen}
	for _, addr := range ports {
		*addr = freeOr(*addr)
	}
	c, err := r.tryController(cfg, demoObjects(staff, r.exchange != nil))
	if fault.Is(err, fault.Conflict) { // somebody may have taken a port since it was looked at
		for _, addr := range ports {
			*addr = anyPort
		}
		c, err = r.tryController(cfg, demoObjects(staff, r.exchange != nil))
	}
	if err != nil {
		return nil, nil, err
	}
	r.onStop(func(ctx context.Context) {
		c.Stop(ctx)
		r.report.Setup("stopped", "the controller has stopped")
	})
	return c, cfg, waitInStep(ctx, c.Switch())
}

// connect writes into a configuration how to reach the exchange.
func (r *runner) connect(cfg *config.Config) {
	if r.asterisk == nil {
		cfg.Asterisk.Node = simulatedNode
		return
	}
	v := r.asterisk.Values()
	cfg.Asterisk.ARIURL = fmt.Sprintf("http://127.0.0.1:%d", v.HTTPPort)
	cfg.Asterisk.ARIUser, cfg.Asterisk.ARIPassword = v.ARIUser, config.NewSecret(v.ARIPassword)
	cfg.Asterisk.App, cfg.Asterisk.Context = v.App, v.InContext
}

// tryController starts a controller once; when that fails nothing is left of it.
func (r *runner) tryController(cfg *config.Config, own []byte) (*controller.Controller, error) {
	o := controller.Options{Config: cfg, Objects: own, Version: buildVersion().Version, Logger: r.log}
	if r.exchange != nil {
		o.Simulated = simulatedBackend{r.exchange}
	}
	c, err := controller.New(o)
	if err != nil {
		return nil, err
	}
	// The first Ctrl-C ends the traffic; calls are wound down through a
	// controller that lives on until it is stopped.
	return c, c.Start(r.force)
}

// simulatedBackend outlives a controller, as Asterisk does.
type simulatedBackend struct{ *sim.Exchange }

// Stop ends the connection; the exchange is stopped by who made it.
func (b simulatedBackend) Stop() { b.Detach() }

// waitInStep waits until the controller knows what lives in the exchange.
func waitInStep(ctx context.Context, sw port.Switch) error {
	ctx, cancel := context.WithTimeout(ctx, runReadyLimit)
	defer cancel()
	view, sub, err := sw.Watch(ctx, "run")
	if err != nil {
		return err
	}
	defer sub.Close()
	for {
		for _, n := range view.Nodes {
			if n.Up {
				return nil
			}
		}
		if _, err := sub.Next(ctx); err != nil {
			return &fault.Error{Kind: fault.Unavailable, Op: "run", Subject: "controller", Reason: "the controller did not get in step with the exchange: see its log", Err: err}
		}
		if view, err = sw.View(ctx); err != nil {
			return err
		}
	}
}

func (r *runner) lines(staff []demo.Agent) (demo.Lines, error) {
	if r.exchange != nil {
		return demo.NewSimulatedLines(r.exchange, staff), nil
	}
	return demo.NewSIPLines(r.asterisk.SIPAddr(), staff, r.log)
}

// leftOver waits until the exchange has no channel.
func (r *runner) leftOver(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, leftOverLimit)
	defer cancel()
	if r.exchange != nil {
		return r.exchange.WaitEmpty(ctx)
	}
	tick := time.NewTicker(leftOverLook)
	defer tick.Stop()
	for {
		out, err := r.asterisk.CLI(ctx, "core show channels count")
		if err == nil && strings.Contains("\n"+out, "\n0 active channels") {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fault.New(fault.Unavailable, "run", "Asterisk", "core show channels count says: "+strings.Join(strings.Fields(out), " "))
		}
	}
}

// welcome says where to look and how to stop.
func (r *runner) welcome(c *controller.Controller, cfg *config.Config) {
	socket := " --socket " + cfg.HTTP.Socket
	facts := []demo.Fact{
		{What: "status-page", Label: "Status page", Value: c.StatusURL()},
		{What: "ici", Label: "ICI for a CRM", Value: c.ICIURL()},
		{What: "ctips", Label: "CTIPS", Value: "http://" + c.CTIPSAddrs()[0] + cfg.CTIPS.Path + " (any user and password)"},
		{What: "look", Label: "Look", Value: command() + " calls --watch" + socket},
		{What: "look", Value: command() + " agents" + socket},
		{What: "look", Value: command() + " queues" + socket},
		{What: "log", Label: "Log", Value: filepath.Join(r.options.state, "strowger.log")},
	}
	if r.exchange != nil {
		facts = append(facts,
			demo.Fact{What: "campaign", Label: "Campaign", Value: command() + " campaign start " + demoCampaign + socket},
			demo.Fact{What: "campaign", Value: command() + " campaign watch " + demoCampaign + socket},
			demo.Fact{What: "campaign", Value: c.StatusURL() + "campaigns shows the same, and takes orders with the token " + r.token},
		)
	}
	if in := r.asterisk; in != nil {
		facts = append(facts, demo.Fact{
			What: "dial", Label: "Call yourself", Value: "with any SIP phone on this machine: sip:600@" + in.SIPAddr() + " or sip:700@" + in.SIPAddr(),
		})
	}
	stop := "Ctrl-C"
	if r.options.length > 0 {
		stop += fmt.Sprintf(", or by itself after %s", r.options.length)
	}
	r.report.Facts(append(facts, demo.Fact{What: "stop", Label: "Stop", Value: stop}))
}
