package ici

import (
	"context"
	"crypto/sha256"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"strowger/switch/callmodel"
)

// formWatch is what one subscription to a form asks for. As a [Target] it is form,
// seconds and instances, so that those who ask for the same get one message.
type formWatch struct {
	form      *form
	every     time.Duration
	instances []string // sorted; none: all
}

func (w *formWatch) target() Target {
	ids := make([]string, 0, len(w.instances))
	for _, id := range w.instances {
		ids = append(ids, url.QueryEscape(id))
	}
	return Target{ServiceMonitor, w.form.id + "/" + strconv.Itoa(int(w.every/time.Second)) + "/" + strings.Join(ids, ",")}
}

// formWatchOf reads a target; ok is false for one that is none of ours.
func formWatchOf(t Target) (w formWatch, ok bool) {
	parts := strings.Split(t.ID, "/")
	if t.Service != ServiceMonitor || len(parts) != 3 {
		return w, false
	}
	seconds, err := strconv.Atoi(parts[1])
	w.form, w.every = formNamed(parts[0]), time.Duration(seconds)*time.Second
	if w.form == nil || err != nil || w.every < time.Second || w.every > maxMonitorInterval {
		return w, false
	}
	for id := range strings.SplitSeq(parts[2], ",") {
		if id, err = url.QueryUnescape(id); err != nil {
			return w, false
		}
		if id != "" {
			w.instances = append(w.instances, id)
		}
	}
	return w, true
}

// String says it to an operator.
func (w *formWatch) String() string {
	const most = 5
	what := "all"
	if n := len(w.instances); n > most {
		what = strings.Join(w.instances[:most], ",") + " and " + strconv.Itoa(n-most) + " more"
	} else if n > 0 {
		what = strings.Join(w.instances, ",")
	}
	return w.form.id + " every " + w.every.String() + ": " + what
}

// session is the delivery queue of a form's messages, which belong to no agent:
// an agent's id has no slash.
func (f *form) session() string { return "monitor/" + f.id }

// sameForm reports whether two targets are about one form.
func sameForm(x, y Target) bool {
	xf, _, _ := strings.Cut(x.ID, "/")
	yf, _, _ := strings.Cut(y.ID, "/")
	return x.Service == ServiceMonitor && y.Service == ServiceMonitor && xf == yf
}

// monitor sends forms to those who have subscribed to them, each after its
// interval, where something has changed. Which there are is Push's to know.
type monitor struct {
	s    *Server
	wake chan struct{}

	mu   sync.Mutex // guards what follows
	runs map[Target]*monitorRun
}

// monitorRun is where a target is.
type monitorRun struct {
	formWatch
	due  time.Time
	last [sha256.Size]byte // of what was sent; zero: nothing yet
	news bool              // somebody has joined since it was sent
}

func newMonitor(s *Server) *monitor {
	return &monitor{s: s, wake: make(chan struct{}, 1), runs: map[Target]*monitorRun{}}
}

// joined has a target's form sent at once: somebody new does not have it.
func (m *monitor) joined(t Target) {
	m.mu.Lock()
	if r := m.runs[t]; r != nil {
		r.due, r.news = time.Time{}, true
	}
	m.mu.Unlock()
	select {
	case m.wake <- struct{}{}:
	default: // it is awake already
	}
}

// run works until ctx ends.
func (m *monitor) run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-m.wake:
		case <-timer.C:
		}
		if wait := m.round(ctx); wait > 0 {
			timer.Reset(wait)
		}
	}
}

// round sends what is due, and returns when to look again; 0: not before somebody
// subscribes.
func (m *monitor) round(ctx context.Context) time.Duration {
	now := time.Now()
	due := m.due(now)
	if len(due) > 0 && !m.s.paused.Load() {
		m.tell(ctx, due, now)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	var next time.Time
	for _, r := range m.runs {
		if next.IsZero() || r.due.Before(next) {
			next = r.due
		}
	}
	if next.IsZero() && len(m.runs) == 0 {
		return 0
	}
	return max(time.Until(next), time.Millisecond)
}

// due brings the runs in line with the subscriptions, and returns those whose
// time has come, with their next one set.
func (m *monitor) due(now time.Time) []Target {
	targets := m.s.push.targetsOf(ServiceMonitor)
	m.mu.Lock()
	defer m.mu.Unlock()
	for t := range m.runs {
		if !slices.Contains(targets, t) {
			delete(m.runs, t)
		}
	}
	var out []Target
	for _, t := range targets {
		r := m.runs[t]
		if w, ok := formWatchOf(t); r == nil && ok {
			r = &monitorRun{formWatch: w}
			m.runs[t] = r
		}
		if r != nil && !r.due.After(now) {
			r.due = now.Add(r.every)
			out = append(out, t)
		}
	}
	return out
}

// tell sends the forms of targets that differ from what was sent last.
func (m *monitor) tell(ctx context.Context, due []Target, now time.Time) {
	view, err := m.s.sw.View(ctx)
	if err != nil {
		m.s.log.Warn("ici: no figures for those who watch them; the next ones come in their turn", "error", err)
		return
	}
	m.s.board.at.Await(ctx, view.Events)
	told, rows := m.s.board.toldAgents(), map[*form][]formRow{}
	for _, t := range due {
		m.mu.Lock()
		r := m.runs[t]
		m.mu.Unlock()
		if r == nil {
			continue
		}
		all, made := rows[r.form]
		if !made {
			all = r.form.rows(view, told, now)
			rows[r.form] = all
		}
		doc, sum, err := r.form.write(chosenRows(all, r.instances), now)
		if err != nil {
			m.s.log.Error("ici: a form cannot be written", "form", r.form.id, "error", err)
			continue
		}
		m.send(t, r, doc, sum)
	}
}

// send gives a form to Push unless everybody has it.
func (m *monitor) send(t Target, r *monitorRun, doc string, sum [sha256.Size]byte) {
	m.mu.Lock()
	same := r.last == sum && !r.news
	r.last, r.news = sum, false // whoever joins from here on is told anew
	m.mu.Unlock()
	if same {
		m.s.stats.monitorSame.Add(1)
		return
	}
	n := m.s.push.Publish(r.form.session(), t, &MonitorDataChanged{DataForm: doc})
	m.s.stats.monitorSent.Add(uint64(n))
	if n == 0 { // nobody has got it
		m.mu.Lock()
		defer m.mu.Unlock()
		r.last = [sha256.Size]byte{}
	}
}

// instancesOf lists what a form has rows for.
func (m *monitor) instancesOf(v *callmodel.View, f *form) []TextElement {
	var out []TextElement
	for _, r := range f.rows(v, nil, time.Now()) {
		out = append(out, TextElement{ID: r.id, Description: r.description})
	}
	return out
}
