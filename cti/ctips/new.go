package ctips

import (
	"context"
	"log/slog"

	"strowger/cti/soap"
	"strowger/switch/callmodel"
	"strowger/switch/port"
)

// New makes a server; nothing listens before Start. Errors are fault.Invalid
// with the configuration key as subject.
func New(cfg Config, sw port.Switch, log *slog.Logger, observe Observer) (*Server, error) {
	return newServer(cfg, sw, func(*Server) desk { return emptyDesk{} }, log, observe)
}

// emptyDesk stands where the semantics belong, so that what is around them can
// be built. This branch must not be merged with it: see ctips-left-c3.md.
type emptyDesk struct{}

func (emptyDesk) ready() error { return nil }
func (emptyDesk) serve(_ context.Context, _ *session, call *Call) (int32, error) {
	return 0, &soap.Fault{Code: soap.CodeServer, Text: call.Op.Name + " is not served"}
}
func (emptyDesk) ended(*session)             {}
func (emptyDesk) sync(*callmodel.View)       {}
func (emptyDesk) configured(*callmodel.View) {}
func (emptyDesk) apply(*port.Stamped)        {}
func (emptyDesk) interrupted(error)          {}
