package ici

import (
	"context"
	"strconv"
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

// workcenterCapability tells that agents sit at their own phones (9.1.2).
func (s *Server) workcenterCapability(ctx context.Context, _ *Request, p *UserRef) (Reply, error) {
	if _, _, err := s.agent(ctx, p.UserID); err != nil {
		return nil, err
	}
	return &WorkcenterCapability{Types: workcenterNone}, nil
}

// userAttributes tells an agent's state (9.2.1). It is the first step of a
// login, so old subscriptions of that user end here, unless it is only a ping.
func (s *Server) userAttributes(ctx context.Context, _ *Request, p *UserQuery) (Reply, error) {
	if p.CmsPing {
		return &CmsPong{CmsHostID: s.now().CmsHostID}, nil
	}
	view, a, err := s.agent(ctx, p.UserID)
	if err != nil {
		return nil, err
	}
	if s.now().AutoUnsubscribe {
		if n := s.push.UnsubscribeUser(p.UserID); n > 0 {
			s.log.Info("ici: a login ended old subscriptions", "agent", a.ID, "targets", n)
		}
	}
	name := strings.TrimSpace(p.UserID)
	s.board.named(a.ID, name)
	user := s.now().say.user(queuesOf(view), a, name)
	return &user, nil
}

// chosenStates maps the work modes that can be set (9.2.2).
var chosenStates = map[int]callmodel.SetAgentState{
	LoggedOff: {State: callmodel.LoggedOut}, Ready: {State: callmodel.Ready},
	NotReady: {State: callmodel.NotReady}, NoPhone: {State: callmodel.NotReady, Reason: reasonNoPhone},
}

func (s *Server) setWorkmode(ctx context.Context, req *Request, p *WorkmodeChange) (Reply, error) {
	_, a, err := s.agent(ctx, p.UserID)
	if err != nil {
		return nil, err
	}
	id, err := strconv.Atoi(strings.TrimSpace(p.Workmode))
	cmd, known := chosenStates[id]
	if err != nil || !known {
		return nil, Refuse(ServiceUser, CodeWorkmodeNotAllowed, "work mode %q: only 1, 2, 3 and 1000 can be set", short(p.Workmode))
	}
	cmd.Cmd, cmd.Agent = by(req), a.ID
	return done(s.sw.Do(ctx, cmd))
}

func (s *Server) subscribeUser(ctx context.Context, _ *Request, p *UserSubscription) (Reply, error) {
	_, a, err := s.agent(ctx, p.UserID)
	if err != nil {
		return nil, err
	}
	s.board.named(a.ID, strings.TrimSpace(p.UserID))
	return done(s.push.Subscribe(ctx, Key{AppURL: p.AppURL, AppID: p.AppID}, UserTarget(p.UserID)))
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
		return nil, Refuse(ServiceContainer, CodeUnknownContainer, "no agent has the line %s", Number(p.ContainerID))
	}
	line := LineTarget(p.ContainerID)
	to, err := s.push.Route(ctx, p.AppURL, ServiceContainer)
	if err != nil {
		return nil, err
	}
	s.answerFirst(ctx, owner.ID) // for the replay
	return done(s.board.subscribed(line, s.now().ReplayOnSubscribe, func() error {
		return s.push.Join(Key{AppURL: p.AppURL, AppID: p.AppID}, line, to)
	}))
}

// unsubscribe ends what the key subscribed to in the interface it was sent
// to; where there is nothing, that is fine too.
func (s *Server) unsubscribe(_ context.Context, req *Request, p *Unsubscription) (Reply, error) {
	s.push.Unsubscribe(req.Op.Service(), Key{AppURL: p.AppURL, AppID: p.AppID})
	return &Empty{}, nil
}

// agent looks a user up, without regard to case. Its error is 2/2.
func (s *Server) agent(ctx context.Context, userID string) (*callmodel.View, *callmodel.Agent, error) {
	view, err := s.sw.View(ctx)
	if err != nil {
		return nil, nil, err
	}
	id := callmodel.AgentID(strings.ToLower(strings.TrimSpace(userID)))
	for _, a := range view.Agents {
		if a.ID == id {
			return view, a, nil
		}
	}
	return nil, nil, Refuse(ServiceUser, CodeUnknownUser, "no user %q: the switch's configuration lists its agents", short(userID))
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
