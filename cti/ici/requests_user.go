package ici

import (
	"context"
	"strings"

	"strowger/switch/callmodel"
)

// workcenterNone says that free seating is not offered (9.1.2).
const workcenterNone = "0"

// productInformation tells who we are (9.1.1).
func (s *Server) productInformation(context.Context, *Request, *ProductQuery) (Reply, error) {
	return &ProductInformation{
		ProductName: s.now().ProductName, ProductVersion: s.now().ProductVersion, ICIVersion: s.now().ICIVersion,
		MessageGroups: []string{"IciGroupBasic", "IciGroupUser", "IciGroupTelephony"}, // without the channels that are disabled
	}, nil
}

// workcenterCapability tells that agents sit at their own phones (9.1.2). It is
// the same for everybody, whoever asks.
func (s *Server) workcenterCapability(context.Context, *Request, *UserRef) (Reply, error) {
	return &WorkcenterCapability{Types: workcenterNone}, nil
}

// userAttributes tells an agent's state (9.2.1). It is the first step of a
// login, so old subscriptions of that user and what is left on their line end
// here, unless it is only a ping.
func (s *Server) userAttributes(ctx context.Context, req *Request, p *UserQuery) (Reply, error) {
	set := s.now()
	if p.CmsPing {
		return &CmsPong{CmsHostID: set.CmsHostID}, nil
	}
	view, a, err := s.agent(ctx, p.UserID)
	if err != nil {
		return nil, err
	}
	if set.AutoUnsubscribe {
		if n := s.push.UnsubscribeUser(p.UserID); n > 0 {
			s.log.Info("ici: a login ended old subscriptions", "agent", a.ID, "targets", n)
		}
	}
	if set.LoginDropCalls {
		if view, a, err = s.clearLine(ctx, req, view, a); err != nil {
			return nil, err
		}
	}
	name := strings.TrimSpace(p.UserID)
	s.board.named(a.ID, name)
	user := set.say.user(staffOf(view), a, name)
	user.Addresses = append(user.Addresses, s.board.addressesOf(a.ID)...)
	return &user, nil
}

// clearLine ends what is on an agent's line, wrap-ups and calls that were only
// created included, and returns how the agent is then.
func (s *Server) clearLine(ctx context.Context, req *Request, view *callmodel.View, a *callmodel.Agent) (*callmodel.View, *callmodel.Agent, error) {
	s.answerFirst(ctx, a.ID)
	s.board.endCreated(Number(a.Line))
	if len(a.Items) == 0 {
		return view, a, nil
	}
	s.log.Info("ici: a login ends what was on the line", "agent", a.ID, "items", len(a.Items))
	if err := s.sw.Do(ctx, callmodel.DropLine{Cmd: by(req), Agent: a.ID, WrapUps: true}); err != nil {
		return nil, nil, err
	}
	return s.agent(ctx, string(a.ID))
}

func (s *Server) subscribeUser(ctx context.Context, _ *Request, p *UserSubscription) (Reply, error) {
	_, a, err := s.agent(ctx, p.UserID)
	if err != nil {
		return nil, err
	}
	to, err := s.push.Route(ctx, p.AppURL, ServiceUser)
	if err != nil {
		return nil, err
	}
	s.board.named(a.ID, strings.TrimSpace(p.UserID))
	s.answerFirst(ctx, a.ID) // for the replay
	err = s.board.followed(a.ID, s.now().ReplayOnSubscribe, func() error {
		return s.push.Join(Key{AppURL: p.AppURL, AppID: p.AppID}, UserTarget(p.UserID), to, strings.TrimSpace(p.UserID))
	})
	s.push.keep(ctx)
	return done(err)
}

func (s *Server) subscribeContainer(ctx context.Context, _ *Request, p *ContainerSubscription) (Reply, error) {
	if other, ok := s.channels[p.ChannelType]; ok {
		return done(other.subscribe(ctx, p))
	}
	if p.ChannelType != ChannelPhone {
		return nil, Refuse(ServiceContainer, CodeChannelDisabled, "there is no channel type %q", short(p.ChannelType))
	}
	view, err := s.sw.View(ctx)
	if err != nil {
		return nil, err
	}
	owner := agentOn(view, p.ContainerID)
	if owner == nil {
		return nil, noSuchLine(p.ContainerID)
	}
	line := LineTarget(p.ContainerID)
	to, err := s.push.Route(ctx, p.AppURL, ServiceContainer)
	if err != nil {
		return nil, err
	}
	s.answerFirst(ctx, owner.ID) // for the replay
	err = s.board.subscribed(line, s.now().ReplayOnSubscribe, func() error {
		return s.push.Join(Key{AppURL: p.AppURL, AppID: p.AppID}, line, to, "")
	})
	s.push.keep(ctx)
	return done(err)
}

func noSuchLine(number string) error {
	return Refuse(ServiceContainer, CodeUnknownContainer, "no agent has the line %s", Number(number))
}

// unsubscribe ends what the key subscribed to in the interface it was sent
// to; where there is nothing, that is fine too.
func (s *Server) unsubscribe(ctx context.Context, req *Request, p *Unsubscription) (Reply, error) {
	s.push.Unsubscribe(req.Op.Service(), Key{AppURL: p.AppURL, AppID: p.AppID})
	s.push.keep(ctx)
	return &Empty{}, nil
}

// agent looks a user up, without regard to case. Its error is 2/2.
func (s *Server) agent(ctx context.Context, userID string) (*callmodel.View, *callmodel.Agent, error) {
	view, err := s.sw.View(ctx)
	if err != nil {
		return nil, nil, err
	}
	a, err := agentIn(view, userID)
	if err != nil {
		return nil, nil, err
	}
	return view, a, nil
}

func agentIn(view *callmodel.View, userID string) (*callmodel.Agent, error) {
	id := callmodel.AgentID(strings.ToLower(strings.TrimSpace(userID)))
	for _, a := range view.Agents {
		if a.ID == id {
			return a, nil
		}
	}
	return nil, Refuse(ServiceUser, CodeUnknownUser, "no user %q: the switch's configuration lists its agents", short(userID))
}

// agentOn returns the agent whose line has this number, with or without a
// plus sign, or nil.
func agentOn(v *callmodel.View, number string) *callmodel.Agent {
	number = Number(number)
	for _, a := range v.Agents {
		if Number(a.Line) == number {
			return a
		}
	}
	return nil
}
