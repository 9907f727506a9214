package ici

import (
	"context"
	"slices"
	"strings"
	"time"

	"strowger/switch/callmodel"
)

// catalog tells which forms there are, in one XML document.
func (s *Server) catalog(context.Context, *Request, *CatalogQuery) (Reply, error) {
	doc, err := catalogDocument()
	if err != nil {
		return nil, err
	}
	return &Text{Value: doc}, nil
}

// instances lists what a form has figures of.
func (s *Server) instances(ctx context.Context, _ *Request, p *FormRef) (Reply, error) {
	f, err := knownForm(p.FormID)
	if err != nil {
		return nil, err
	}
	view, err := s.sw.View(ctx)
	if err != nil {
		return nil, err
	}
	return &Instances{List: s.monitor.instancesOf(view, f)}, nil
}

func knownForm(id string) (*form, error) {
	if f := formNamed(id); f != nil {
		return f, nil
	}
	return nil, Refuse(ServiceMonitor, CodeUnknownForm, "there is no form %q: getCatalog lists them", short(id))
}

// subscribeForm subscribes to a form. A key has one subscription to a form: a
// second takes the place of the first. The form comes right after the answer.
func (s *Server) subscribeForm(ctx context.Context, _ *Request, p *MonitorSubscription) (Reply, error) {
	w, err := s.wanted(ctx, p)
	if err != nil {
		return nil, err
	}
	to, err := s.push.Route(ctx, p.AppURL, ServiceMonitor)
	if err != nil {
		return nil, err
	}
	s.answerBefore(ctx, w.form.session())
	target := w.target()
	if err := s.push.Join(Key{AppURL: p.AppURL, AppID: p.AppID}, target, to, ""); err != nil {
		return nil, err
	}
	s.monitor.joined(target)
	s.push.keep(ctx)
	return &Empty{}, nil
}

// wanted checks what a subscription to a form asks for.
func (s *Server) wanted(ctx context.Context, p *MonitorSubscription) (*formWatch, error) {
	f, err := knownForm(p.FormID)
	if err != nil {
		return nil, err
	}
	w := &formWatch{form: f, every: time.Duration(p.Interval) * time.Second}
	switch {
	case p.Interval == 0:
		w.every = (s.now().MonitorInterval + time.Second - 1).Truncate(time.Second)
	case p.Interval < 0 || w.every > maxMonitorInterval:
		return nil, Refuse(ServiceMonitor, Malformed(ServiceMonitor), "interval %d: in seconds, at most %s", p.Interval, maxMonitorInterval)
	}
	for _, id := range p.InstanceIDs {
		if id = strings.TrimSpace(id); id != "" {
			w.instances = append(w.instances, id)
		}
	}
	slices.Sort(w.instances)
	w.instances = slices.Compact(w.instances)
	view, err := s.sw.View(ctx)
	if err != nil {
		return nil, err
	}
	return w, s.allowed(view, w)
}

// allowed checks a subscription against what there is now.
func (s *Server) allowed(view *callmodel.View, w *formWatch) error {
	f, least := w.form, s.now().MonitorInterval
	if w.every < least {
		return Refuse(ServiceMonitor, Malformed(ServiceMonitor), "interval %s: not below %s", w.every, least)
	}
	if len(w.instances) > f.max {
		return Refuse(ServiceMonitor, Malformed(ServiceMonitor), "%d instances: a subscription has at most %d", len(w.instances), f.max)
	}
	if len(w.instances) == 0 {
		return nil
	}
	known := map[string]bool{}
	for _, i := range s.monitor.instancesOf(view, f) {
		known[i.ID] = true
	}
	for _, id := range w.instances {
		if !known[id] {
			return Refuse(ServiceMonitor, CodeUnknownInstance, "form %s has no instance %q: getInstances lists them", f.id, short(id))
		}
	}
	return nil
}
