package faultproxy

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// httpPair relays HTTP/1.1 message by message, and a websocket frame by frame
// once it was agreed on. Requests go one after the other.
type httpPair struct {
	*pair
	pending  chan exchange // the request under way, at most one
	answered chan struct{}
	busy     bool // owned by requests
}

type exchange struct {
	req      *http.Request
	replace  *Active   // the answer is thrown away for this fault's
	upgraded chan bool // whether it became a websocket; nil when none was asked for
}

// requests reads what the client sends.
func (h *httpPair) requests() {
	r := bufio.NewReader(h.client)
	path := ""
	for {
		// Waits for the next request, and so sees the client's end at any time.
		if _, err := r.Peek(1); err != nil {
			over(h.up, err, path)
			return
		}
		if h.busy {
			select {
			case <-h.answered:
				h.busy = false
			case <-h.gone:
				return
			}
		}
		x, raw, err := readRequest(r)
		if err != nil {
			over(h.up, err, path)
			return
		}
		path = x.req.URL.Path
		h.path.Store(path)
		u := unit{kind: message, data: raw, path: path, method: x.req.Method}
		if a := h.reply(&u); a != nil && !a.Answer.Forward {
			h.answer(a, path, x.req.Method)
			continue
		} else if a != nil {
			x.replace = a
		}
		h.busy = true
		h.pending <- x // has room: nothing is under way
		if h.up.pass(u) != nil {
			return
		}
		if x.upgraded == nil {
			continue
		}
		select {
		case ok := <-x.upgraded:
			if ok {
				frames(r, h.up, path)
				return
			}
		case <-h.gone:
			return
		}
	}
}

// reply returns the fault that answers this request, if one does.
func (h *httpPair) reply(u *unit) *Active {
	for _, a := range h.p.faults() {
		if a.Mode == Reply && a.matches(u) && a.take(h.up, u) {
			return a
		}
	}
	return nil
}

func (h *httpPair) answer(a *Active, path, method string) {
	// An error is the end of the pair, which this reader sees for itself.
	_ = h.down.pass(unit{kind: message, data: a.Answer.bytes(), path: path, method: method})
	if a.Answer.CutBody {
		a.conns.Add(1)
		h.down.finish(path, false)
	}
}

// answers reads what the target sends.
func (h *httpPair) answers() {
	r := bufio.NewReader(h.server)
	path := ""
	for {
		if _, err := r.Peek(1); err != nil {
			over(h.down, err, path)
			return
		}
		var x exchange
		select {
		case x = <-h.pending:
			path = x.req.URL.Path
		default: // nothing was asked: Asterisk says that it has timed out
		}
		resp, raw, err := readAnswer(r, x.req)
		if err != nil {
			over(h.down, err, path)
			return
		}
		if x.req == nil {
			x.req = &http.Request{}
		}
		if x.replace != nil {
			h.answer(x.replace, path, x.req.Method)
		} else if h.down.pass(unit{kind: message, data: raw, path: path, method: x.req.Method}) != nil {
			return
		}
		signal(h.answered)
		upgraded := resp.StatusCode == http.StatusSwitchingProtocols
		if x.upgraded != nil {
			x.upgraded <- upgraded
		}
		if upgraded {
			frames(r, h.down, path)
			return
		}
	}
}

func readRequest(r *bufio.Reader) (exchange, []byte, error) {
	req, err := http.ReadRequest(r)
	if err != nil {
		return exchange{}, nil, err
	}
	body, err := readBody(req.Body)
	if err != nil {
		return exchange{}, nil, err
	}
	x := exchange{req: req}
	if strings.EqualFold(req.Header.Get("Upgrade"), "websocket") {
		x.upgraded = make(chan bool, 1)
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, "%s %s HTTP/1.1\r\nHost: %s\r\n", req.Method, req.RequestURI, req.Host)
	if len(body) > 0 || req.ContentLength > 0 || len(req.TransferEncoding) > 0 {
		fmt.Fprintf(&out, "Content-Length: %d\r\n", len(body))
	}
	if req.Close {
		out.WriteString("Connection: close\r\n")
	}
	return x, appendRest(&out, req.Header, body), nil
}

func readAnswer(r *bufio.Reader, req *http.Request) (*http.Response, []byte, error) {
	resp, err := http.ReadResponse(r, req)
	if err != nil {
		return nil, nil, err
	}
	body, err := readBody(resp.Body)
	if err != nil {
		return nil, nil, err
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, "HTTP/1.1 %s\r\n", resp.Status)
	switch bodyless := resp.StatusCode < 200 || resp.StatusCode == http.StatusNoContent || resp.StatusCode == http.StatusNotModified; {
	case !bodyless && req != nil && req.Method == http.MethodHead:
		fmt.Fprintf(&out, "Content-Length: %d\r\n", max(0, resp.ContentLength))
	case !bodyless:
		fmt.Fprintf(&out, "Content-Length: %d\r\n", len(body))
	}
	if resp.Close && resp.StatusCode != http.StatusSwitchingProtocols {
		out.WriteString("Connection: close\r\n")
	}
	return resp, appendRest(&out, resp.Header, body), nil
}

// appendRest writes the header, apart from what the first lines have, and the body.
func appendRest(out *bytes.Buffer, header http.Header, body []byte) []byte {
	if !strings.EqualFold(header.Get("Connection"), "upgrade") {
		header.Del("Connection")
	}
	header.Del("Content-Length")
	_ = header.Write(out) // a buffer takes all
	out.WriteString("\r\n")
	out.Write(body)
	return out.Bytes()
}

func readBody(b io.ReadCloser) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(b, maxUnit+1))
	if err == nil && len(body) > maxUnit {
		err = fmt.Errorf("a body is larger than %d bytes", maxUnit)
	}
	_ = b.Close() // it was read
	return body, err
}

func (a Answer) bytes() []byte {
	var out bytes.Buffer
	fmt.Fprintf(&out, "HTTP/1.1 %d %s\r\n", a.Status, http.StatusText(a.Status))
	if a.Type != "" {
		fmt.Fprintf(&out, "Content-Type: %s\r\n", a.Type)
	}
	if a.CutBody {
		fmt.Fprintf(&out, "Transfer-Encoding: chunked\r\n\r\n%x\r\n%s", len(a.Body)+100, a.Body)
	} else {
		fmt.Fprintf(&out, "Content-Length: %d\r\n\r\n%s", len(a.Body), a.Body)
	}
	return out.Bytes()
}
