package soap

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"sync/atomic"
)

const (
	contentType = "text/xml; charset=utf-8"
	soap12Type  = "application/soap+xml"
)

// Request is one message that came in, on its way to the adapter.
type Request struct {
	Path     string      // of the URL, as sent
	Base     string      // scheme and host under which the client reached us, without trailing slash
	Action   string      // SOAPAction without its quotes
	Remote   string      // address and port of the peer
	Header   http.Header // of HTTP; for reading alone
	Envelope *Envelope   // nil when the message could not be read, and for WSDL requests
	Bare     bool        // the message came without an envelope, and is answered without one

	after   []func()
	cookies []*http.Cookie
}

// SetCookie adds a cookie to the answer, unless it is a fault. For
// [Adapter.Serve] alone.
func (r *Request) SetCookie(c *http.Cookie) { r.cookies = append(r.cookies, c) }

// After has f run when the answer has been handed to the connection, whatever
// it is. For [Adapter.Serve] alone.
func (r *Request) After(f func()) { r.after = append(r.after, f) }

// answered runs what waits for the answer.
func (r *Request) answered(w http.ResponseWriter) {
	if len(r.after) == 0 {
		return
	}
	_ = http.NewResponseController(w).Flush() // a peer that left is no news
	for _, f := range r.after {
		f()
	}
}

// Adapter is what a dialect brings to a [Handler]. Its methods are called from
// many goroutines at once.
type Adapter interface {
	// Serve handles a request and writes the children of the answer's Body to
	// out. After an error what was written is discarded and Fault is asked.
	Serve(ctx context.Context, r *Request, out *Encoder) error
	// Fault turns an error of Serve or of the reader into the fault to send.
	Fault(r *Request, err error) *Fault
	// WSDL returns the service description for the request's path, or an error.
	WSDL(r *Request) ([]byte, error)
}

// HandlerConfig configures a [Handler]. Zero values mean the defaults.
type HandlerConfig struct {
	Limits      Limits
	FaultStatus int    // HTTP status of faults, default 500 (SOAP 1.1 section 6.2)
	MaxInFlight int    // requests at once, default 256; more are answered 503
	Landing     string // text of a plain GET, for connection tests
	Strict11    bool   // SOAP 1.2's content type is refused with 415 instead of VersionMismatch
	// Understood tells which header entries with mustUnderstand the adapter knows.
	Understood func(space, local string) bool
	// Bare tells which root elements are taken as a body without an envelope;
	// nil takes none.
	Bare func(root *Element) bool
	Log  *slog.Logger // default: discard
}

// HandlerStats counts what a [Handler] met. All fields only grow.
type HandlerStats struct {
	Requests  atomic.Uint64 // SOAP messages handed to the adapter
	Faults    atomic.Uint64 // answered with a fault by the adapter
	Malformed atomic.Uint64 // refused by the reader
	Refused   atomic.Uint64 // wrong method or content type
	Busy      atomic.Uint64 // refused because MaxInFlight was reached
	Panics    atomic.Uint64 // a defect of ours, answered with a Server fault
	WSDLs     atomic.Uint64 // descriptions served
}

// Handler serves one SOAP adapter over HTTP: POST with a message, GET with
// ?wsdl (in any case) for the description, GET for a short text.
type Handler struct {
	Stats   HandlerStats
	cfg     HandlerConfig
	adapter Adapter
	slots   chan struct{}
}

// NewHandler makes a Handler around an adapter.
func NewHandler(cfg HandlerConfig, a Adapter) *Handler {
	cfg.Limits = cfg.Limits.filled()
	if cfg.FaultStatus == 0 {
		cfg.FaultStatus = http.StatusInternalServerError
	}
	if cfg.MaxInFlight <= 0 {
		cfg.MaxInFlight = 256
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Handler{cfg: cfg, adapter: a, slots: make(chan struct{}, cfg.MaxInFlight)}
}

// ServeHTTP implements http.Handler.
func (h *Handler) ServeHTTP(w http.ResponseWriter, hr *http.Request) {
	r := &Request{Path: hr.URL.Path, Base: base(hr), Action: unquote(hr.Header.Get("SOAPAction")), Remote: hr.RemoteAddr, Header: hr.Header}
	defer r.answered(w)
	defer func() {
		if p := recover(); p != nil && p != http.ErrAbortHandler {
			h.Stats.Panics.Add(1)
			h.cfg.Log.Error("soap: panic in a request", "path", clip(r.Path, 200), "panic", p, "stack", string(debug.Stack()))
			h.fault(w, &Fault{Code: CodeServer, Text: "internal error; the switch's log has the details"})
		}
	}()
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
	default:
		h.Stats.Busy.Add(1)
		w.Header().Set("Retry-After", "1")
		h.fault(w, &Fault{Code: CodeServer, Text: "too many requests at once; try again", Status: http.StatusServiceUnavailable})
		return
	}
	switch hr.Method {
	case http.MethodPost:
		h.post(w, hr, r)
	case http.MethodGet, http.MethodHead:
		h.get(w, hr, r)
	default:
		h.Stats.Refused.Add(1)
		w.Header().Set("Allow", "GET, HEAD, POST")
		http.Error(w, "SOAP requests are sent with POST, the description is read with GET ?wsdl", http.StatusMethodNotAllowed)
	}
}

func (h *Handler) post(w http.ResponseWriter, hr *http.Request, r *Request) {
	err := h.read(w, hr, r)
	if err != nil {
		h.fault(w, h.adapter.Fault(r, err))
		return
	}
	h.Stats.Requests.Add(1)
	out := NewEncoder(make([]byte, 0, 2048))
	if r.Bare {
		out.StartDocument()
	} else {
		out.StartEnvelope()
	}
	err = h.adapter.Serve(hr.Context(), r, out)
	var body []byte
	if err == nil {
		if !r.Bare {
			out.EndEnvelope()
		}
		body, err = out.Bytes()
	}
	if err != nil {
		h.Stats.Faults.Add(1)
		h.fault(w, h.adapter.Fault(r, err))
		return
	}
	for _, c := range r.cookies {
		http.SetCookie(w, c)
	}
	h.write(w, http.StatusOK, body)
}

// read takes the body off the wire and counts what it refuses.
func (h *Handler) read(w http.ResponseWriter, hr *http.Request, r *Request) error {
	charset, err := h.checkContentType(hr.Header)
	if err != nil {
		h.Stats.Refused.Add(1)
		return err
	}
	limit := h.cfg.Limits.Bytes
	data, err := io.ReadAll(http.MaxBytesReader(w, hr.Body, limit))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		err = tooLarge(limit)
	case err != nil:
		err = errorf("the message broke off: %s", clip(err.Error(), 120))
	default:
		if err = h.parse(data, charset, r); err == nil {
			return nil
		}
	}
	h.Stats.Malformed.Add(1)
	return err
}

// parse reads a message, with an envelope or, where the adapter knows it,
// without one.
func (h *Handler) parse(data []byte, charset string, r *Request) error {
	root, err := Parse(data, charset, h.cfg.Limits)
	if err != nil {
		return err
	}
	if h.cfg.Bare != nil && root.Local != "Envelope" && h.cfg.Bare(root) {
		r.Bare, r.Envelope = true, &Envelope{Body: []*Element{root}}
		return nil
	}
	r.Envelope, err = envelopeOf(root, h.cfg.Understood)
	return err
}

// checkContentType accepts the media types that SOAP clients use and returns
// the charset parameter. SOAP 1.2's type passes, unless the adapter is strict, so
// that its envelope gets the VersionMismatch fault which tells the client what to change.
func (h *Handler) checkContentType(header http.Header) (string, error) {
	refuse := func(text string) (string, error) {
		f := errorf("%s", text)
		f.Status = http.StatusUnsupportedMediaType
		return "", f
	}
	if enc := header.Get("Content-Encoding"); enc != "" && !strings.EqualFold(enc, "identity") {
		return refuse("compressed messages are not accepted")
	}
	value := header.Get("Content-Type")
	if value == "" {
		return "", nil
	}
	media, params, err := mime.ParseMediaType(value)
	if err != nil {
		return refuse("the Content-Type cannot be read: send text/xml")
	}
	switch {
	case media == "text/xml", media == "application/xml", media == soap12Type && !h.cfg.Strict11:
		return params["charset"], nil
	case media == soap12Type:
		return refuse("this is SOAP 1.2's content type: send SOAP 1.1 as text/xml")
	}
	return refuse("Content-Type " + strconv.Quote(clip(media, 60)) + " is not accepted: send text/xml")
}

func (h *Handler) get(w http.ResponseWriter, hr *http.Request, r *Request) {
	if !wantsWSDL(hr.URL.RawQuery) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, h.cfg.Landing) // a peer that left is no news
		return
	}
	doc, err := h.adapter.WSDL(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	}
	h.Stats.WSDLs.Add(1)
	h.write(w, http.StatusOK, doc)
}

func wantsWSDL(query string) bool {
	name, _, _ := strings.Cut(query, "&")
	name, _, _ = strings.Cut(name, "=")
	return strings.EqualFold(name, "wsdl") || strings.EqualFold(name, "singlewsdl")
}

func (h *Handler) fault(w http.ResponseWriter, f *Fault) {
	status := f.Status
	if status == 0 {
		status = h.cfg.FaultStatus
	}
	body, err := EncodeFault(f)
	if err != nil {
		h.cfg.Log.Error("soap: a fault could not be written", "error", err)
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	h.write(w, status, body)
}

func (h *Handler) write(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // a peer that left is no news
}

func base(hr *http.Request) string {
	scheme := "http"
	if hr.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + hr.Host
}

func unquote(action string) string {
	action = strings.TrimSpace(action)
	return strings.Trim(action, `"`)
}
