package controller

import (
	"context"
	"log/slog"
	"sync"

	"strowger/ari/queues"
	"strowger/cmd/strowger/internal/config"
	"strowger/switch/callmodel"
	"strowger/switch/port"
)

// mirrors follow app_queue at the servers that name an AMI account. Nothing
// depends on them: they start after the links, and their trouble is told as
// degraded only.
type mirrors []*mirror

type mirror struct {
	*queues.Mirror
	node callmodel.NodeID
}

func newMirrors(cfg *config.Config, log *slog.Logger) (mirrors, error) {
	var out mirrors
	for _, a := range cfg.Asterisk.Servers() {
		if a.AMIUser == "" {
			continue
		}
		node := callmodel.NodeID(a.Node)
		m, err := queues.New(queues.Options{Node: node, Addr: a.AMIAddr, User: a.AMIUser, Secret: a.AMIPassword.Reveal(), Logger: log})
		if err != nil {
			return nil, err
		}
		out = append(out, &mirror{m, node})
	}
	return out, nil
}

func (l mirrors) start(ctx context.Context, feed port.Feed) error {
	for _, m := range l {
		if err := m.Start(ctx, feed); err != nil {
			return err
		}
	}
	return nil
}

func (l mirrors) stop(context.Context) error {
	var all sync.WaitGroup
	for _, m := range l {
		all.Go(m.Stop)
	}
	all.Wait()
	return nil
}

// troubles lists which mirrors do not see, or not all, and why.
func (l mirrors) troubles() []string {
	var out []string
	for _, m := range l {
		if t := m.Info().Trouble; t != "" {
			out = append(out, "the queues of app_queue at "+string(m.node)+" are not, or not fully, in step with what is shown: "+t)
		}
	}
	return out
}

// registerMirror adds the figures of one server's mirror.
func (m *metrics) registerMirror(q *queues.Mirror) {
	count := func(name, help string, read func(queues.Stats) uint64) {
		m.count("mirror_"+name, help, func() uint64 { return read(q.Stats()) })
	}
	count("connects_total", "AMI sessions for app_queue's queues.", func(s queues.Stats) uint64 { return s.Connects })
	count("lost_total", "Of these, ended.", func(s queues.Stats) uint64 { return s.Lost })
	count("denied_total", "AMI logins refused.", func(s queues.Stats) uint64 { return s.Denied })
	count("events_total", "Events of app_queue.", func(s queues.Stats) uint64 { return s.Events })
	count("events_ignored_total", "Events of the same class about something else.", func(s queues.Stats) uint64 { return s.Ignored })
	count("events_bad_total", "Events that lacked something.", func(s queues.Stats) uint64 { return s.Bad })
	count("garbage_total", "Lines and messages that are no AMI.", func(s queues.Stats) uint64 { return s.Garbage })
	count("listings_total", "Listings of everything that app_queue has.", func(s queues.Stats) uint64 { return s.Listings })
	count("listings_failed_total", "Listings that failed.", func(s queues.Stats) uint64 { return s.Failed })
	count("drifts_total", "Listings that showed what no event had told.", func(s queues.Stats) uint64 { return s.Drifts })
	m.gauge("mirror_in_step", "1 while app_queue's queues are seen fully.", func() float64 { return flag(q.Info().Trouble == "") })
	m.gauge("mirror_queues", "Queues of app_queue.", func() float64 { return float64(q.Info().Queues) })
	m.gauge("mirror_members", "Members of these, as listed last.", func() float64 { return float64(q.Info().Members) })
	m.gauge("mirror_callers", "Callers of these, as listed last.", func() float64 { return float64(q.Info().Callers) })
}
