package ici

import (
	"context"
	"strings"
	"time"

	"strowger/switch/callmodel"
)

// restoreLimit bounds what the network is asked at the start.
const restoreLimit = 5 * time.Second

// restore makes the subscriptions again that were there when the last run ended
// without saying goodbye. Each has to pass what a new one has to.
func (s *Server) restore(ctx context.Context, view *callmodel.View) {
	ctx, cancel := context.WithTimeout(ctx, restoreLimit)
	defer cancel()
	restored, refused := s.push.restore(ctx, func(ctx context.Context, t keptTarget) (Target, error) {
		switch of := serviceNamed(trimIci(t.Interface)); {
		case of == ServiceUser:
			a, err := agentIn(view, t.ID)
			if err != nil {
				return Target{}, err
			}
			s.board.spell(a.ID, t.Name)
			return UserTarget(t.ID), nil
		case of == ServiceContainer:
			kind, line, _ := strings.Cut(t.ID, "/")
			if kind != ChannelPhone || agentOn(view, line) == nil {
				return Target{}, noSuchLine(line)
			}
			return LineTarget(line), nil
		case of == ServiceMonitor:
			target := Target{ServiceMonitor, t.ID}
			w, ok := formWatchOf(target)
			if !ok {
				return Target{}, Refuse(ServiceMonitor, CodeUnknownForm, "there is no such form now")
			}
			return target, s.allowed(view, &w)
		}
		return Target{}, Refuse(ServiceContainer, NotOffered(ServiceContainer), "nothing can be subscribed to there")
	})
	if restored+refused > 0 {
		s.log.Info("ici: the subscriptions of the last run are there again", "targets", restored, "refused", refused)
	}
}

// spell notes how the CRM spells a user id before anything is told of the user.
func (b *board) spell(id callmodel.AgentID, userID string) {
	if userID = strings.TrimSpace(userID); !strings.EqualFold(userID, string(id)) {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.spelled[id] = userID
	if a := b.agents[id]; a != nil {
		b.users[id] = b.user(a)
	}
}
