package icicheck

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"strowger/cmd/strowger/internal/peercheck"
	"strowger/cti/ici"
	"strowger/cti/soap"
	"strowger/switch/fault"
)

// maxAnswer bounds what is read of an answer.
const maxAnswer = 4 << 20

const needsUser = peercheck.Skip("give --user to check what an agent's CRM does")

// appID is the application instance of the check.
const appID = "strowger-check"

func (c *check) send(ctx context.Context, method, target, action string, body []byte) (int, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, target, bytes.NewReader(body))
	if err != nil {
		return 0, nil, fault.Wrap(fault.Invalid, opCheck, target, err)
	}
	if c.opt.Login != "" {
		req.SetBasicAuth(c.opt.Login, c.opt.Password)
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "text/xml; charset=utf-8")
		req.Header.Set("SOAPAction", `"`+action+`"`)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return 0, nil, fault.New(fault.Unavailable, opCheck, target, "no answer: "+err.Error()+"; is the controller running, and its ici.listen reachable from here?")
	}
	defer func() { _ = resp.Body.Close() }() // it was read
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return 0, nil, fault.Wrap(fault.Unavailable, opCheck, target, err)
	}
	return resp.StatusCode, answer, httpTrouble(resp.StatusCode)
}

// httpTrouble explains the refusals that come before SOAP.
func httpTrouble(status int) error {
	switch status {
	case http.StatusUnauthorized:
		return fault.New(fault.Denied, opCheck, "", "a user and password are wanted: give --login and --password-file")
	case http.StatusForbidden:
		return fault.New(fault.Denied, opCheck, "", "this address may not use the interface: add it to ici.allow")
	case http.StatusTooManyRequests:
		return fault.New(fault.Denied, opCheck, "", "too many wrong passwords came from this address: wait a minute")
	case http.StatusNotFound:
		return fault.New(fault.NotFound, opCheck, "", "there is no such page: compare the path with ici.path")
	}
	return nil
}

func (c *check) ask(ctx context.Context, op ici.Op, p ici.Params, style ici.Style) (ici.Reply, error) {
	out := soap.NewEncoder(nil)
	out.StartEnvelope()
	if err := ici.EncodeRequest(out, op, p, style); err != nil {
		return nil, err
	}
	out.EndEnvelope()
	body, err := out.Bytes()
	if err != nil {
		return nil, err
	}
	status, answer, err := c.send(ctx, http.MethodPost, c.opt.URL, op.Service().Action(), body)
	if err != nil {
		return nil, err
	}
	env, err := soap.ReadEnvelope(answer, "", soap.Limits{}, nil)
	if err != nil {
		return nil, fault.Newf(fault.Invalid, opCheck, op.String(), "HTTP %d, and the answer is no SOAP message", status)
	}
	return ici.DecodeResponse(op, env)
}

func (c *check) landing(ctx context.Context) (string, error) {
	status, _, err := c.send(ctx, http.MethodGet, c.opt.URL, "", nil)
	if err == nil && status != http.StatusOK {
		err = fault.Newf(fault.Invalid, opCheck, "", "HTTP %d: a connection test of the CRM would fail", status)
	}
	return "", err
}

func (c *check) descriptions(ctx context.Context) (string, error) {
	n := 0
	for _, name := range []string{"IciSystem", "IciUser", "IciContainer", "IciItem", "IciPhoneLine", "IciPhoneCall"} {
		base := c.opt.URL[:strings.LastIndexByte(c.opt.URL, '/')+1]
		status, doc, err := c.send(ctx, http.MethodGet, base+name+"?wsdl", "", nil)
		if err != nil {
			return "", err
		}
		if status != http.StatusOK || !bytes.Contains(doc, []byte("definitions")) {
			return "", fault.Newf(fault.Invalid, opCheck, name, "HTTP %d, and no description of %s", status, name)
		}
		n++
	}
	return fmt.Sprintf("%d services", n), nil
}

func (c *check) product(ctx context.Context) (string, error) {
	r, err := c.ask(ctx, ici.OpExchangeProductInformation, &ici.ProductQuery{}, ici.Style{})
	if err != nil {
		return "", err
	}
	p, ok := r.(*ici.ProductInformation)
	if !ok || p.ICIVersion == "" {
		return "", fault.New(fault.Invalid, opCheck, "", "the answer names no version")
	}
	return fmt.Sprintf("%s %s, interface %s", p.ProductName, p.ProductVersion, p.ICIVersion), nil
}

func (c *check) styles(ctx context.Context) (string, error) {
	for _, s := range []ici.Style{{}, {Unqualified: true}} {
		if _, err := c.ask(ctx, ici.OpUserGetAttributes, &ici.UserQuery{UserID: "x", CmsPing: true}, s); err != nil {
			return "", fault.Newf(fault.Invalid, opCheck, "", "unqualified %t: %s", s.Unqualified, fault.ReasonOf(err))
		}
	}
	return "", nil
}

func (c *check) unknownUser(ctx context.Context) (string, error) {
	_, err := c.ask(ctx, ici.OpUserSubscribe, &ici.UserSubscription{AppURL: c.events.URL, AppID: appID, UserID: "no/such/user"}, ici.Style{})
	var f *soap.Fault
	if !errors.As(err, &f) {
		return "", fault.New(fault.Invalid, opCheck, "", "there was no fault")
	}
	code, text, ok := ici.CodeOf(f)
	if !ok || code.String() != "2/2" {
		return "", fault.Newf(fault.Invalid, opCheck, "", "the fault has the codes %s (%s)", code, text)
	}
	return "", nil
}

func (c *check) workcenter(ctx context.Context) (string, error) {
	if c.opt.User == "" {
		return "", needsUser
	}
	_, err := c.ask(ctx, ici.OpGetWorkcenterCapability, &ici.UserRef{UserID: c.opt.User}, ici.Style{})
	return "", err
}

func (c *check) ping(ctx context.Context) (string, error) {
	r, err := c.ask(ctx, ici.OpUserGetAttributes, &ici.UserQuery{UserID: cmp.Or(c.opt.User, appID), CmsPing: true}, ici.Style{})
	if err != nil {
		return "", err
	}
	if u, ok := r.(*ici.User); ok && u.CmsHostID != "" { // it has nothing else of a user
		return "host id " + u.CmsHostID, nil
	}
	return "", fault.New(fault.Invalid, opCheck, "", "the answer has no cmsHostId")
}

func (c *check) presence(ctx context.Context) (string, error) {
	if c.opt.User == "" {
		return "", needsUser
	}
	r, err := c.ask(ctx, ici.OpGetUserPresence, &ici.PresenceQuery{Users: []string{c.opt.User}}, ici.Style{})
	if err != nil {
		return "", err
	}
	if p, ok := r.(*ici.Presences); ok && len(p.List) == 1 {
		return "", nil
	}
	return "", fault.New(fault.Invalid, opCheck, "", "the answer is not about that user")
}

func (c *check) queues(ctx context.Context) (string, error) {
	if c.opt.User == "" {
		return "", needsUser
	}
	r, err := c.ask(ctx, ici.OpGetPresenceQueueInfo, &ici.PresenceQueueQuery{UserID: c.opt.User, ChannelType: ici.ChannelPhone}, ici.Style{})
	if err != nil {
		return "", err
	}
	p, ok := r.(*ici.PresenceQueues)
	if !ok {
		return "", fault.New(fault.Invalid, opCheck, "", "the answer has no queues")
	}
	if len(p.Queues) == 0 {
		return "", peercheck.Warn("the agent has no queue: see agents.queues")
	}
	ids := make([]string, len(p.Queues))
	for i, q := range p.Queues {
		ids[i] = q.ID
	}
	return "queues " + strings.Join(ids, ", ") + ": the ids to type into CRMM_IC_MCM_CCADM", nil
}

func (c *check) login(ctx context.Context) (string, error) {
	if c.opt.User == "" {
		return "", needsUser
	}
	if !c.opt.Act {
		return "", peercheck.Skip("it would end the user's other subscriptions, and their calls where login_drop_calls is on: give --act")
	}
	r, err := c.ask(ctx, ici.OpUserGetAttributes, &ici.UserQuery{UserID: c.opt.User}, ici.Style{})
	if err != nil {
		return "", err
	}
	u, ok := r.(*ici.User)
	if !ok {
		return "", fault.New(fault.Invalid, opCheck, "", "the answer is no user")
	}
	c.mode = u.CurrentWorkmode.ID
	for _, a := range u.Addresses {
		if a.Channel == ici.ChannelPhone {
			c.line = a.Address
		}
	}
	return fmt.Sprintf("line %s, work mode %s", c.line, u.CurrentWorkmode.Description), nil
}

func (c *check) subscribeUser(ctx context.Context) (string, error) {
	if c.opt.User == "" {
		return "", needsUser
	}
	_, err := c.ask(ctx, ici.OpUserSubscribe, &ici.UserSubscription{AppURL: c.events.URL, AppID: appID, UserID: c.opt.User}, ici.Style{})
	return "events go to " + c.events.URL, err
}

func (c *check) subscribeLine(ctx context.Context) (string, error) {
	if c.line == "" {
		return "", peercheck.Skip("the line is known after a login: give --user and --act")
	}
	_, err := c.ask(ctx, ici.OpContainerSubscribe, &ici.ContainerSubscription{AppURL: c.events.URL, AppID: appID, ChannelType: ici.ChannelPhone, ContainerID: c.line}, ici.Style{})
	return "line " + c.line, err
}

// Work modes that the check changes between.
const (
	modeReady    = "2"
	modeNotReady = "3"
)

// workmode changes the work mode, waits for the event, and changes it back.
func (c *check) workmode(ctx context.Context) (string, error) {
	if !c.opt.Act || c.mode == "" {
		return "", peercheck.Skip("it changes the agent's work mode and back: give --user and --act")
	}
	other := modeNotReady
	if c.mode == modeNotReady {
		other = modeReady
	}
	began := time.Now()
	if err := c.setMode(ctx, other); err != nil {
		return "", err
	}
	took, err := c.events.wait(ctx, c.opt.Wait, began, func(e ici.Event) bool {
		u, ok := e.(*ici.UserChanged)
		return ok && u.User.CurrentWorkmode.ID == other
	})
	back := c.setMode(ctx, c.mode)
	switch {
	case err != nil:
		return "", err
	case back != nil:
		return "", peercheck.Warn("the old work mode did not come back: " + fault.ReasonOf(back))
	}
	return fmt.Sprintf("the event came after %d ms", took.Milliseconds()), nil
}

func (c *check) setMode(ctx context.Context, mode string) error {
	_, err := c.ask(ctx, ici.OpSetCurrentWorkmode, &ici.WorkmodeChange{UserID: c.opt.User, Workmode: mode}, ici.Style{})
	return err
}

func (c *check) unsubscribe(ctx context.Context) (string, error) {
	if c.opt.User == "" {
		return "", needsUser
	}
	for _, op := range []ici.Op{ici.OpUserUnsubscribe, ici.OpContainerUnsubscribe} {
		if _, err := c.ask(ctx, op, &ici.Unsubscription{AppURL: c.events.URL, AppID: appID}, ici.Style{}); err != nil {
			return "", err
		}
	}
	return "", nil
}
