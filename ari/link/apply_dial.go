package link

import (
	"context"
	"fmt"
	"regexp"
	"time"

	"strowger/ari/arispec"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/port"
)

var (
	endpointName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,40}$`)
	dialDigits   = regexp.MustCompile(`^\+?[0-9*#]{1,40}$`) // also what may be shown as a number
)

// originate calls a station, or a number over a trunk. Its own channel id
// makes the outcome findable.
func (l *Link) originate(ctx context.Context, c *arispec.Client, e callmodel.Originate) port.EffectResult {
	const op = "ari originate"
	if !endpointName.MatchString(e.Endpoint) {
		return failed(fault.New(fault.Invalid, op, e.Endpoint, "an endpoint has 1 to 40 letters, digits, dashes and underscores"))
	}
	if e.Dial != "" && !dialDigits.MatchString(e.Dial) {
		return failed(fault.New(fault.Invalid, op, e.Endpoint, "a number to dial has 1 to 40 digits, * and #, with + in front at most"))
	}
	to := dialString(e)
	if e.Via != "" {
		var err error
		if to, err = l.opt.Peers.dialString(e); err != nil {
			return failed(err)
		}
	}
	p := arispec.ChannelsOriginateWithIDParams{
		Endpoint: to, App: arispec.Some(l.opt.Stream.App), AppArgs: arispec.Some(argOut),
		Timeout: arispec.Some(int((e.Timeout + time.Second - 1) / time.Second)),
	}
	if err := l.present(&p, e); err != nil {
		return failed(err)
	}
	_, err := c.ChannelsOriginateWithID(ctx, string(e.Channel), p)
	if err == nil || fault.Is(err, fault.Conflict) { // conflict: the channel is there already
		l.identify(e)
		return port.EffectResult{Outcome: callmodel.Done}
	}
	if status, answered := arispec.Answered(err); answered && status == 500 && e.Via != "" {
		// the other server is not seen by SIP: no fault of the phone
		return port.EffectResult{Outcome: callmodel.Failed, Later: true, Err: fault.Wrap(fault.Unavailable, op, string(e.Via), err)}
	} else if answered && status == 500 {
		return failed(fault.Wrap(fault.NotFound, op, e.Endpoint, err)) // the phone is not registered
	}
	r := leg(err)
	if r.Outcome == callmodel.Unknown {
		signal(l.unsure) // where it was not carried out, somebody waits for a phone that does not ring
	}
	return r
}

// dialString is PJSIP/101 for a station, PJSIP/4930600@trunk for a number.
func dialString(e callmodel.Originate) string {
	if e.Dial == "" {
		return technology + "/" + e.Endpoint
	}
	return technology + "/" + e.Dial + "@" + e.Endpoint
}

// present sets what the called party sees, and the headers that make a phone
// answer by itself. A call over a trunk that shall show no number gets no
// caller id at all, name included: Asterisk then sends
// "Anonymous" <sip:anonymous@anonymous.invalid> (RFC 3323 section 4.1) and no
// P-Asserted-Identity, also with send_pai.
func (l *Link) present(p *arispec.ChannelsOriginateWithIDParams, e callmodel.Originate) error {
	trunk := e.Dial != ""
	if trunk && e.CallerID != "" && !dialDigits.MatchString(e.CallerID) {
		return fault.New(fault.Invalid, "ari originate", e.Endpoint, "a number to show has 1 to 40 digits, with + in front at most")
	}
	if !trunk || e.CallerID != "" {
		p.CallerID = arispec.Some(callerID(e.CallerID, e.CallerName))
	}
	if !e.AutoAnswer || e.Via != "" { // the other server adds them
		return nil
	}
	if !headersSafe(l.Info().Version) {
		return fault.New(fault.Unsupported, "ari originate", e.Endpoint,
			"this Asterisk can deadlock when a call carries extra headers (AST#1936): use 22.10.1 or later for stations that answer by themselves")
	}
	p.Variables = arispec.SetVars{
		"PJSIP_HEADER(add,Call-Info)":  {Value: "<sip:auto>;answer-after=0"},
		"PJSIP_HEADER(add,Alert-Info)": {Value: "<http://localhost>;info=alert-autoanswer;delay=0"},
	}
	return nil
}

// headersSafe tells whether extra headers may be given with an originate:
// before 22.10.0 they can deadlock PJSIP (AST#1936, AST#1872).
func headersSafe(version string) bool {
	return arispec.AtLeast(version, 22, 10, 0)
}

// callerID is what the phone shows. Name and number have been cleaned at the
// edge; what is left of quotes would change the meaning.
func callerID(number, name string) string {
	if number == "" {
		number = "anonymous"
	}
	if name = cleanName(name); name == "" {
		return number
	}
	return fmt.Sprintf("%q <%s>", name, number)
}
