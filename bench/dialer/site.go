package dialer

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"strowger/dialer/list"
	"strowger/dialer/zone"
	"strowger/switch/acd"
	"strowger/switch/callmodel"
	"strowger/switch/engine"
	"strowger/switch/numbering"
	"strowger/switch/objects"
	"strowger/switch/sim"
	"strowger/switch/store"
	"strowger/switch/store/journal"
)

// siteObjects is a switch with agents on standing lines, and a trunk.
const siteObjects = `numbering: {region: DE}
trunks: [{id: isp, endpoint: isp, default_caller_id: "+49301000600"}]
dial_rules: [{id: all, allow: [""]}]
routes: [{id: out, prefixes: [""], trunks: [isp]}]
queues: [{id: spring, number: 600, ring_timeout: 15s, wrap_up: %s, wrap_up_max: 24h, dial_rule: all}]
calendars: [{id: always, zone: UTC, week: [{days: [mon-sun], from: "00:00", to: "24:00"}]}]
campaigns: [{id: spring, queue: spring, mode: progressive, rules: custom, custom: {hours: always}, hours: always, lists: [{list: people}]}]
agents:
`

// site is a switch in this process: an engine with a journal on the simulated
// exchange in real time, and a database with leads.
type site struct {
	dir    string
	plan   numbering.Plan
	sim    *sim.Exchange
	engine *engine.Engine
	db     *store.Store
	leads  *list.Store
	stop   []func() error
}

// ringing is how long the phones of agents ring, altogether.
const ringing = 20 * time.Millisecond

func startSite(ctx context.Context, agents int) (*site, error) {
	s := &site{}
	if err := s.start(ctx, agents); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func (s *site) start(ctx context.Context, agents int) (err error) {
	if s.dir, err = os.MkdirTemp("", "bench-dialer"); err != nil {
		return err
	}
	s.later(func() error { return os.RemoveAll(s.dir) })
	log, _, err := journal.Open(filepath.Join(s.dir, "journal"), journal.Options{})
	if err != nil {
		return err
	}
	s.later(log.Close)
	if s.db, err = store.Open(ctx, "sqlite:"+filepath.Join(s.dir, "s.db"), store.Options{}); err != nil {
		return err
	}
	s.later(s.db.Close)
	cfg, err := siteConfig(agents, 100*time.Millisecond)
	if err != nil {
		return err
	}
	s.plan = cfg.Plan
	s.leads = list.New(list.Options{Tables: s.db, Plan: func() numbering.Plan { return s.plan }, Place: zone.New().Of})
	return s.startSwitch(ctx, cfg, log, agents)
}

// siteConfig is the configuration of a switch with so many agents.
func siteConfig(agents int, wrapUp time.Duration) (*callmodel.Config, error) {
	text := fmt.Appendf(nil, siteObjects, wrapUp)
	for i := range agents {
		text = fmt.Appendf(text, "  - {id: %s, line: %d, queues: [spring], station: {endpoint: %s, mode: nailed}}\n", agentName(i), 10000+i, agentName(i))
	}
	set, err := objects.Parse("bench", text)
	if err != nil {
		return nil, err
	}
	cfg := set.Config()
	for i := range cfg.Campaigns {
		cfg.Campaigns[i].Number = int64(i + 1)
	}
	return cfg, nil
}

func (s *site) startSwitch(ctx context.Context, cfg *callmodel.Config, log *journal.Journal, agents int) error {
	s.sim = sim.New(sim.Options{Node: "sim", RingDelay: ringing / 2, MaxChannels: 20000})
	s.engine = engine.New(engine.Config{Router: acd.Router{}, Journal: log, Effector: s.sim})
	if err := s.engine.Start(ctx, cfg); err != nil {
		return err
	}
	s.later(func() error { return s.engine.Stop(context.WithoutCancel(ctx)) })
	if err := s.sim.Start(ctx, s.engine); err != nil {
		return err
	}
	s.later(func() error { s.sim.Stop(); return nil })
	s.sim.Trunk("isp", 0)
	for i := range agents {
		s.sim.Phone(agentName(i), sim.PhonePolicy{Mode: sim.Answers, AnswerAfter: sim.Exactly(ringing / 2)})
	}
	if err := s.sim.WaitLink(ctx); err != nil {
		return err
	}
	for i := range agents {
		if err := s.engine.Do(ctx, callmodel.Login{Agent: callmodel.AgentID(agentName(i)), State: callmodel.Ready}); err != nil {
			return fmt.Errorf("agent %d: %w", i, err)
		}
	}
	return s.ready(ctx, agents)
}

// ready waits until the lines of all agents stand.
func (s *site) ready(ctx context.Context, agents int) error {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		v, err := s.engine.View(ctx)
		if err != nil {
			return err
		}
		n := 0
		for _, a := range v.Agents {
			if a.State == callmodel.Ready {
				n++
			}
		}
		if n == agents {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (s *site) later(stop func() error) { s.stop = append(s.stop, stop) }

// close ends everything that was started.
func (s *site) close() error {
	var failed error
	for i := len(s.stop) - 1; i >= 0; i-- {
		failed = errors.Join(failed, s.stop[i]())
	}
	s.stop = nil
	return failed
}

func agentName(i int) string { return fmt.Sprintf("agent%d", i) }
