package ctipscheck

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"strings"
	"time"

	"strowger/cmd/strowger/internal/peercheck"
	"strowger/cti/ctips"
	"strowger/cti/ctips/lint"
	"strowger/cti/soap"
	"strowger/switch/fault"
)

// beatWithin is how soon after OnLine the first heartbeat has to come.
const beatWithin = 2 * time.Second

func (c *check) steps() []peercheck.Probe {
	return []peercheck.Probe{
		peercheck.Essential("description of the service (?wsdl)", func(ctx context.Context) (string, error) { return c.description(ctx, c.opt.URL) }),
		peercheck.Part("description of the callback", func(ctx context.Context) (string, error) { return c.description(ctx, c.callbackURL()) }),
		peercheck.Part("an unknown operation is a fault", c.unknownOperation),
		peercheck.Part("a DOCTYPE is a fault", c.doctype),
		peercheck.Part("a wrong password is refused", c.wrongPassword),
		peercheck.Essential("OpenConnection, and StartSession at the callback", c.open),
		peercheck.Essential("AddMessageClass for all four", c.register),
		peercheck.Part("AddFilter and DeleteFilter", c.filters),
		peercheck.Part("requests before OnLine are refused", c.early),
		peercheck.Essential("OnLine, and a heartbeat", c.online),
		peercheck.Part("Snapshot", c.snapshot),
		peercheck.Part("LoginAgent", c.login),
		peercheck.Part("GetAgentState", c.state),
		peercheck.Part("LogoutAgent", c.logout),
		peercheck.Part("OffLine ends requests", c.offline),
		peercheck.Part("CloseConnection ends the session", c.closed),
	}
}

// callbackURL is where the callback's description stands.
func (c *check) callbackURL() string {
	u := *c.base
	u.Path = path.Join(path.Dir(u.Path), ctips.PublishEvents.Endpoint)
	return u.String()
}

func (c *check) send(ctx context.Context, method, to, action string, body []byte) (int, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, to, bytes.NewReader(body))
	if err != nil {
		return 0, nil, fault.Wrap(fault.Invalid, op, to, err)
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "text/xml; charset=utf-8")
		req.Header.Set("SOAPAction", `"`+action+`"`)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return 0, nil, fault.New(fault.Unavailable, op, to, "no answer: "+err.Error()+"; is the controller running, and its ctips.listen reachable from here?")
	}
	defer func() { _ = resp.Body.Close() }() // it was read
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxMessage))
	switch {
	case err != nil:
		return 0, nil, fault.Wrap(fault.Unavailable, op, to, err)
	case resp.StatusCode == http.StatusForbidden:
		err = fault.New(fault.Denied, op, "", "this address may not use the interface: add it to ctips.allow")
	case resp.StatusCode == http.StatusNotFound:
		err = fault.New(fault.NotFound, op, "", "there is no such page: compare the path with ctips.path")
	}
	return resp.StatusCode, answer, err
}

// ask calls an operation. A fault is a *soap.Fault.
func (c *check) ask(ctx context.Context, name string, args any) (any, error) {
	o := ctips.AgentCallService.Operation(name)
	ns := ctips.Namespaces{}.Filled()
	body, err := ctips.EncodeCall(ns, o, args)
	if err != nil {
		return nil, err
	}
	return c.post(ctx, o, o.Action(ns), body)
}

func (c *check) post(ctx context.Context, o *ctips.Operation, action string, body []byte) (any, error) {
	status, answer, err := c.send(ctx, http.MethodPost, c.opt.URL, action, body)
	if err != nil {
		return nil, err
	}
	env, err := soap.ReadEnvelope(answer, "", soap.Limits{Bytes: maxMessage}, nil)
	if err != nil {
		return nil, failed("HTTP %d, and the answer is no SOAP message", status)
	}
	return ctips.DecodeReply(o, env)
}

// done is ask for what is answered with 0.
func (c *check) done(ctx context.Context, name string, args any) error {
	result, err := c.ask(ctx, name, args)
	switch {
	case err != nil:
		return failed("%s: %s", name, reason(err))
	case result != int32(0):
		return failed("%s was answered %v, not 0", name, result)
	}
	return nil
}

// refused is ask for what has to be a fault.
func (c *check) refused(ctx context.Context, name string, args any) (string, error) {
	result, err := c.ask(ctx, name, args)
	return faulted(name, result, err)
}

func faulted(name string, result any, err error) (string, error) {
	var f *soap.Fault
	switch {
	case errors.As(err, &f):
		return f.Text, nil
	case err != nil:
		return "", err
	}
	return "", failed("%s was answered %v, not with a fault", name, result)
}

func reason(err error) string {
	var f *soap.Fault
	if errors.As(err, &f) {
		return f.Text
	}
	return fault.ReasonOf(err)
}

func (c *check) description(ctx context.Context, at string) (string, error) {
	status, doc, err := c.send(ctx, http.MethodGet, at+"?wsdl", "", nil)
	if err != nil {
		return "", err
	}
	if status != http.StatusOK {
		return "", failed("HTTP %d", status)
	}
	found, err := lint.Check(doc)
	switch {
	case err != nil:
		return "", failed("it cannot be read: %s", reason(err))
	case len(found) > 0:
		return "", peercheck.Warn(fmt.Sprintf("%d findings that may trouble generators of clients, first: %s", len(found), found[0]))
	}
	return fmt.Sprintf("%d bytes, sound for generators of clients", len(doc)), nil
}

const bodyMark = "BODY"

// envelope is a message by hand, for what no encoder of ours writes.
const envelope = `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>` + bodyMark + `</s:Body></s:Envelope>`

func (c *check) unknownOperation(ctx context.Context) (string, error) {
	return c.byHand(ctx, strings.Replace(envelope, bodyMark, `<NoSuchOperation xmlns="http://tempuri.org/"/>`, 1))
}

func (c *check) doctype(ctx context.Context) (string, error) {
	return c.byHand(ctx, `<!DOCTYPE x [<!ENTITY e "x">]>`+strings.Replace(envelope, bodyMark, `<OnLine xmlns="http://tempuri.org/"><args>&e;</args></OnLine>`, 1))
}

func (c *check) byHand(ctx context.Context, body string) (string, error) {
	result, err := c.post(ctx, ctips.AgentCallService.Operation("OnLine"), "http://tempuri.org/IAgentCallService/OnLine", []byte(body))
	return faulted("it", result, err)
}
