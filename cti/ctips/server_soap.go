package ctips

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"strings"

	"strowger/cti/soap"
	"strowger/switch/fault"
)

// front is the HTTP side of a Server.
type front struct{ s *Server }

var _ soap.Adapter = front{}

// routes serves the service, and the description of the callback beside it.
func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	at := s.now().Path
	mux.Handle(at, s.soap)
	if s.callbackAt != at {
		mux.Handle("GET "+s.callbackAt, s.soap)
	}
	return mux
}

// Serve implements soap.Adapter.
func (f front) Serve(ctx context.Context, r *soap.Request, out *soap.Encoder) error {
	s := f.s
	call, err := AgentCallService.DecodeCall(r.Envelope, s.now().Order)
	if err != nil {
		s.stats.request("")
		return s.refused("", r, nil, err)
	}
	s.stats.request(call.Op.Name)
	ns := s.mirrored(call.Namespaces)
	result, from, err := s.dispatch(ctx, r, call, ns)
	if err != nil {
		return s.refused(call.Op.Name, r, from, err)
	}
	return encodeReply(out, ns, call.Op, result)
}

// refused counts what was not done, logs it, and returns what the client is told.
func (s *Server) refused(op string, r *soap.Request, from *session, err error) *soap.Fault {
	s.stats.fault(op)
	args := []any{"op", op, "peer", r.Remote, "error", err}
	if from != nil {
		args = append(args, "session", from.short(), "user", from.user)
	}
	if out := faultOf(err); out != nil {
		s.log.Info("ctips: request refused", args...)
		return out
	}
	s.log.Error("ctips: request failed", args...)
	return internalFault()
}

func internalFault() *soap.Fault {
	return &soap.Fault{Code: soap.CodeServer, Text: "internal error; the switch's log has the details"}
}

// mirrored are the namespaces of an answer: the request's, and the configured
// ones where it shows none.
func (s *Server) mirrored(ns Namespaces) Namespaces {
	set := s.now()
	own := set.Namespaces.Filled()
	if ns.Service == "" {
		ns.Service = own.Service
	}
	if ns.Data == "" {
		ns.Data = own.Data
	}
	ns.Callback = set.Namespaces.Callback
	return ns.Filled()
}

// Fault implements soap.Adapter.
func (f front) Fault(r *soap.Request, err error) *soap.Fault {
	if out := faultOf(err); out != nil {
		return out
	}
	f.s.log.Error("ctips: an answer could not be written", "peer", r.Remote, "error", err)
	return internalFault()
}

// faultOf is what a client is told of an error, or nil when that is nothing
// for its eyes.
func faultOf(err error) *soap.Fault {
	var known *soap.Fault
	if errors.As(err, &known) {
		return known
	}
	server := func(text string) *soap.Fault { return &soap.Fault{Code: soap.CodeServer, Text: text} }
	switch {
	case fault.Is(err, fault.Busy):
		return server("the switch is busy; try again: " + fault.ReasonOf(err))
	case fault.Is(err, fault.Stopped):
		return server("the switch is stopping")
	case fault.Is(err, fault.Unavailable):
		return server("not possible at the moment: " + fault.ReasonOf(err))
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return server("the request was not answered in time")
	}
	return nil
}

// WSDL implements soap.Adapter.
func (f front) WSDL(r *soap.Request) ([]byte, error) {
	s := f.s
	set := s.now()
	contract, at := AgentCallService, set.Path
	if r.Path == s.callbackAt {
		contract, at = PublishEvents, s.callbackAt
	}
	return contract.WSDL(set.Namespaces.Filled(), set.base(r)+at)
}

// base is scheme and host under which clients reach us.
func (s *settings) base(r *soap.Request) string {
	if s.PublicURL != "" {
		return strings.TrimRight(s.PublicURL, "/")
	}
	peer := addrOf(r.Remote)
	for _, p := range s.proxies {
		if p.Contains(peer) {
			_, host, _ := strings.Cut(r.Base, "://")
			switch proto := strings.ToLower(strings.TrimSpace(r.Header.Get("X-Forwarded-Proto"))); proto {
			case "http", "https":
				return proto + "://" + host
			}
		}
	}
	return r.Base
}

// addrOf is the address of a peer.
func addrOf(remote string) netip.Addr {
	ap, err := netip.ParseAddrPort(remote)
	if err != nil {
		return netip.Addr{} // no session is its
	}
	return ap.Addr().Unmap().WithZone("")
}
