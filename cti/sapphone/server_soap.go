package sapphone

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"strowger/cti/soap"
)

// front is the SOAP-RFC side of a Server.
type front struct{ s *Server }

var _ soap.Adapter = front{}

// visit is what the SOAP layer does not pass on of an HTTP request.
type visit struct {
	control *http.ResponseController
	user    string
	system  string // client number that SAP's own URLs carry
}

type visitKey struct{}

// lengthy are the functions that may take their time: one that waits, and those
// that go through a list of calls, of which each entry is on disk before the next.
var lengthy = map[string]bool{"SPS_WAITFORCALL": true, "SPS_PDLISTTRANSFER": true, "SPS_MODIFY_PDCALL": true, "SPS_DELETE_PDCALL": true}

// maxSystem is the longest client number that is believed.
const maxSystem = 16

// routes serves calls at the configured path, and descriptions beside it as
// SAP systems do.
func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc(s.now().Path, s.accept)
	if s.now().Path != wsdlPath {
		mux.HandleFunc("GET "+wsdlPath, s.describe)
	}
	return mux
}

func (s *Server) accept(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet && wantsDescription(r) {
		s.describe(w, r)
		return
	}
	v := &visit{control: http.NewResponseController(w), system: cut(printable(r.URL.Query().Get("sap-client")), maxSystem)}
	v.user, _, _ = r.BasicAuth() // the guard has checked it where one is asked for
	s.soap.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), visitKey{}, v)))
}

// patient lifts the limits of a request that may wait for a call. The peer's
// end is seen all the same.
func (v *visit) patient(most time.Duration) error {
	if err := v.control.SetReadDeadline(time.Time{}); err != nil {
		return err
	}
	return v.control.SetWriteDeadline(time.Now().Add(most + soap.AnswerTimeout))
}

// Serve implements soap.Adapter: every request is a conversation of one call.
func (f front) Serve(ctx context.Context, r *soap.Request, out *soap.Encoder) error {
	s := f.s
	v, _ := ctx.Value(visitKey{}).(*visit)
	if v == nil {
		return raise(SystemException, "a request without its visit")
	}
	call, err := decodeCall(r.Envelope, s.Describe)
	if err != nil {
		s.log.Info("sapphone: call refused", "function", short(call.Function), "peer", r.Remote, "error", err)
		return err
	}
	conversation, err := s.Open(Peer{Transport: TransportSOAP, Remote: r.Remote, User: v.user, System: v.system})
	if err != nil {
		return &Exception{Name: BusyException, Text: "too many conversations, or the switch stops", Err: err}
	}
	defer s.Close(conversation)
	if b := s.meta.named(call.Function); b != nil && lengthy[b.sem] {
		if err := v.patient(s.now().MaxWait); err != nil {
			return &Exception{Name: SystemException, Text: "the connection cannot wait", Err: err}
		}
	}
	reply, err := s.Dispatch(ctx, conversation, call)
	if err != nil {
		return err
	}
	fn, _ := s.Describe(call.Function)
	encodeReply(out, answeredAs(fn, call.Function), &reply)
	return nil
}

// answeredAs is the function under the name that the caller used.
func answeredAs(fn *Function, name string) *Function {
	if name = strings.ToUpper(name); name == fn.Name {
		return fn
	}
	under := *fn
	under.Name = name
	return &under
}

// Fault implements soap.Adapter.
func (f front) Fault(r *soap.Request, err error) *soap.Fault {
	var own *Exception
	if !errors.As(err, &own) {
		var known *soap.Fault
		if errors.As(err, &known) {
			return known
		}
		f.s.log.Error("sapphone: request failed", "peer", r.Remote, "error", err)
		own = raise(SystemException, "internal error; the switch's log has the details")
	}
	name := ""
	if r.Envelope != nil && len(r.Envelope.Body) == 1 {
		name = nameFromXML(r.Envelope.Body[0].Local)
	}
	return faultOf(name, own)
}

// WSDL implements soap.Adapter. Descriptions are served before it is asked,
// since they depend on the query.
func (f front) WSDL(r *soap.Request) ([]byte, error) { return f.s.describeAll(r.Base) }
