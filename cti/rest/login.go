package rest

import (
	"context"
	"strings"

	"strowger/cti/behalf"
	"strowger/switch/callmodel"
)

func (s *Server) postLogin(ctx context.Context, in *agentBody[*LoginRequest]) (*body[Agent], error) {
	b := LoginRequest{}
	if in.Body != nil {
		b = *in.Body
	}
	state := callmodel.NotReady
	if b.State == callmodel.Ready.String() {
		state = callmodel.Ready
	}
	code := ""
	detail := strings.TrimSpace(state.String() + " " + b.Station)
	out, err := s.changeAgent(ctx, "loginAgent", in.ID, detail, func(c callmodel.Cmd, id callmodel.AgentID) (callmodel.Command, error) {
		err := checkText("station", b.Station, maxName, false)
		if err == nil {
			err = checkText("reason", b.Reason, callmodel.MaxReason, false)
		}
		if err == nil {
			code, err = s.passcode(ctx, id, callmodel.StationID(b.Station))
		}
		return callmodel.Login{
			Cmd: c, Agent: id, Station: callmodel.StationID(b.Station), State: state, Reason: b.Reason, OneLine: b.OneLine, Passcode: code,
		}, err
	})
	if err == nil && out.Body.LoggingIn {
		out.Body.Passcode = code // for who logs in alone: nobody reads it later
	}
	return out, err
}

// passcode draws the digits that an agent is to type, where the station asks for them.
func (s *Server) passcode(ctx context.Context, id callmodel.AgentID, at callmodel.StationID) (string, error) {
	v, err := s.opts.Switch.View(ctx)
	if err != nil {
		return "", err
	}
	return behalf.Passcode(v.Config, id, at)
}
