package decide

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
	"unicode"
	"unicode/utf8"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// answer is what a server may say.
type answer struct {
	To  string            `json:"to"`
	Set map[string]string `json:"set"`
}

// vars returns the values in order of their keys.
func (a answer) vars() []callmodel.Var {
	var out []callmodel.Var
	for k, v := range a.Set {
		out = append(out, callmodel.Var{Key: k, Value: v})
	}
	slices.SortFunc(out, func(x, y callmodel.Var) int { return strings.Compare(x.Key, y.Key) })
	return out
}

// ask sends a question and reads the answer.
func (c *Client) ask(d callmodel.Decide) outcome {
	id := d.Decision.ID
	failed := func(k fault.Kind, format string, args ...any) outcome {
		return outcome{result: callmodel.Failed, err: fault.Newf(k, "decide", id, format, args...)}
	}
	u, err := url.Parse(d.Decision.URL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return failed(fault.Invalid, "its url is no http or https address")
	}
	question, err := json.Marshal(d.Ask)
	if err != nil {
		return failed(fault.Internal, "the question cannot be written")
	}
	limit := d.Decision.Timeout
	if limit <= 0 {
		limit = callmodel.DefaultDecisionTimeout
	}
	ctx, cancel := context.WithTimeout(c.ctx, min(limit, MaxTimeout))
	defer cancel()
	var sent atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { sent.Store(true) }})
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, d.Decision.URL, bytes.NewReader(question))
	if err != nil {
		return failed(fault.Invalid, "its url cannot be used")
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "strowger")
	req.Header.Set("Strowger-Decision", header(id))
	req.Header.Set("Strowger-Step", strconv.Itoa(d.Step))
	c.stats.asked.Add(1)
	resp, err := c.http.Do(req)
	if err == nil {
		defer func() { _ = resp.Body.Close() }() // everything of interest has been read
		var a answer
		if a, err = read(resp); err == nil {
			return outcome{result: callmodel.Done, answer: a}
		}
	}
	return c.broken(ctx, id, sent.Load(), limit, err)
}

// broken says what a question without an answer has come to. The text of
// net/http names the URL, which may hold a password: only its cause is told.
func (c *Client) broken(ctx context.Context, id string, sent bool, limit time.Duration, err error) outcome {
	var f *fault.Error
	var u *url.Error
	switch {
	case errors.As(err, &f):
		return outcome{result: callmodel.Failed, err: fault.New(f.Kind, "decide", id, f.Reason)}
	case errors.As(err, &u):
		err = u.Err
	}
	e := &fault.Error{Kind: fault.Unavailable, Op: "decide", Subject: id, Reason: "its server cannot be reached, or broke off: " + err.Error()}
	switch {
	case c.ctx.Err() != nil:
		e.Reason = "the controller is stopping"
	case ctx.Err() != nil:
		e.Reason = "no answer came within " + min(limit, MaxTimeout).String()
	}
	if sent { // it may have been understood and acted upon
		e.Kind = fault.Unknown
		return outcome{result: callmodel.Unknown, err: e}
	}
	return outcome{result: callmodel.Failed, err: e}
}

// read takes the answer out of a response. Its own errors are *fault.Error;
// others come from the network.
func read(resp *http.Response) (answer, error) {
	bad := func(format string, args ...any) (answer, error) {
		return answer{}, fault.Newf(fault.Invalid, "decide", "", "its server's answer is not understood: "+format, args...)
	}
	if resp.StatusCode != http.StatusOK {
		return bad("the status is %d; 200 is wanted", resp.StatusCode)
	}
	if kind, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return bad("the content type is not application/json")
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, MaxAnswer+1))
	switch {
	case err != nil:
		return answer{}, err
	case len(data) > MaxAnswer:
		return bad("it has more than %d bytes", MaxAnswer)
	}
	a, reason := parse(data)
	if reason != "" {
		return bad("%s", reason)
	}
	return a, nil
}

// parse reads an answer and returns why it is none.
func parse(data []byte) (answer, string) {
	var a answer
	if !utf8.Valid(data) {
		return a, "it is not UTF-8"
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&a); err != nil {
		return answer{}, "it is not of the form {\"to\": \"...\", \"set\": {\"key\": \"value\"}}"
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return answer{}, "something follows the JSON object"
	}
	if reason := checkTo(a.To); reason != "" {
		return answer{}, reason
	}
	if len(a.Set) > MaxSet {
		return answer{}, "set has more than " + strconv.Itoa(MaxSet) + " values"
	}
	for k, v := range a.Set {
		switch {
		case !keyOK(k):
			return answer{}, "a key of set is no letter followed by up to 63 letters, digits, _, - and ."
		case len(v) > MaxValue || !printable(v):
			return answer{}, "the value of " + k + " in set is longer than " + strconv.Itoa(MaxValue) + " bytes or holds control characters"
		}
	}
	return a, ""
}

func checkTo(to string) string {
	switch {
	case to == "":
		return "to is missing"
	case !printable(to):
		return "to holds control characters"
	case !strings.Contains(to, ":"):
		if len(to) > maxNode {
			return "to is longer than a node's name can be"
		}
		return ""
	}
	if _, err := callmodel.ParseDest(to); err != nil {
		return "to: " + fault.ReasonOf(err)
	}
	return ""
}

func printable(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) })
}

func keyOK(k string) bool {
	for i := range len(k) {
		c := k[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (i == 0 || !(c >= '0' && c <= '9') && !strings.ContainsRune("_-.", rune(c))) {
			return false
		}
	}
	return k != "" && len(k) <= maxKey
}

// header makes an id fit for a header line.
func header(id string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, id)
}

// sameHost refuses redirects that leave the server, lose the body, or do not end.
func sameHost(req *http.Request, via []*http.Request) error {
	first := via[0]
	refuse := func(reason string) error {
		return fault.New(fault.Denied, "decide", "", "its server redirects "+reason+": configure the address that answers")
	}
	switch {
	case req.URL.Scheme != first.URL.Scheme || !strings.EqualFold(req.URL.Host, first.URL.Host):
		return refuse("to another host")
	case req.Method != first.Method:
		return refuse("in a way that loses the question (status 301, 302 or 303)")
	case len(via) > maxRedirects:
		return refuse("too often")
	}
	return nil
}
