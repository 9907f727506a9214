package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"strowger/ari/ami"
	"strowger/ari/link"
	"strowger/switch/fault"
)

const (
	// maxPlans bounds how many contexts are read to follow includes.
	maxPlans = 50
	// maxAsked bounds how many phones are asked for their context.
	maxAsked = 500
)

// dialplan reads the context through AMI: ARI has no request for it.
func (e *examiner) dialplan(ctx context.Context) []Finding {
	const id = "dialplan"
	a := e.cfg.Asterisk
	byHand := "asterisk -rx 'dialplan show " + a.Context + "'   (must show Stasis(" + a.App + ",in,...) behind a test of " + link.ReadyVariable + ")"
	client := e.known().ami
	if client == nil {
		return []Finding{note(id+".unknown", "not checked: ARI cannot read the dialplan, and "+e.whyNoAMI(), "calls reach the controller only through the context "+a.Context, byHand)}
	}
	lines, err := client.List(ctx, "ShowDialPlan", ami.Field{Name: "Context", Value: a.Context})
	const install = "copy extensions_strowger.conf beside extensions.conf and include it; then: asterisk -rx 'dialplan reload'"
	switch {
	case fault.Is(err, fault.Denied), fault.Is(err, fault.Unsupported):
		return []Finding{note(id+".unknown", "not checked: the AMI user may not read the dialplan", "it needs the right reporting", byHand)}
	case err != nil && strings.Contains(fault.ReasonOf(err), "Did not find context"):
		return []Finding{fail(id+".no-context", "Asterisk has no context "+a.Context, "no call can reach the controller", install)}
	case err != nil:
		return []Finding{warn(id+".error", "the dialplan cannot be read: "+fault.ReasonOf(err), "", byHand)}
	}
	return []Finding{judgeDialplan(id, a.Context, a.App, lines, install, byHand)}
}

// judgeDialplan looks for the hand-over and for its gate.
func judgeDialplan(id, context, app string, lines []ami.Message, install, byHand string) Finding {
	var handsOver, gate, afterwards, includes, way, headers bool
	for _, l := range lines {
		data := l.Get("AppData")
		if handsTo(l, app) {
			handsOver = true
			way = way || strings.Contains(data, ",pres=") && strings.Contains(data, ",xfer=")
			headers = headers || strings.Contains(data, "SW_SIP") || strings.Contains(data, ",div=")
		}
		gate = gate || strings.Contains(data, link.ReadyVariable)
		afterwards = afterwards || strings.Contains(data, "STASISSTATUS")
		includes = includes || l.Get("IncludeContext") != ""
	}
	switch {
	case !handsOver && includes:
		return note(id+".unknown", "the context "+context+" includes others, which were not looked at, and hands nothing over itself", "", byHand)
	case !handsOver:
		return fail(id+".no-stasis", "the context "+context+" has no Stasis("+app+",in,...)", "its calls never reach the controller", install)
	case !gate:
		return warn(id+".no-gate", "the context "+context+" hands calls over without a test of "+link.ReadyVariable, "while the controller is dead or cut off, callers hear nothing", install)
	case !afterwards:
		return warn(id+".no-fallback", "the context "+context+" does not look at STASISSTATUS", "calls that the controller never saw are hung up", install)
	case !way || !headers:
		return warn(id+".old", "the context "+context+" hands calls over in the form of an older extensions_strowger.conf, without what the SIP call says",
			"numbers that are not to be shown, transfers by phone, and DNIS by SIP header (Diversion, History-Info, P-Called-Party-ID, To) are not recognised", install)
	}
	return ok(id, "the context %s hands calls to %s, with gate, headers and fallback", context, app)
}

// handsTo reports whether a line of the dialplan hands calls to our application.
func handsTo(l ami.Message, app string) bool {
	name, _, _ := strings.Cut(l.Get("AppData"), ",")
	return strings.EqualFold(l.Get("Application"), "Stasis") && strings.TrimSpace(name) == app
}

// plans reads contexts of the dialplan, each once.
type plans struct {
	client *ami.Client
	app    string
	seen   map[string]bool // whether it reaches the application
	err    error           // why one could not be read
}

// reach reports whether a context hands calls to the application, itself or by
// what it includes. A circle of includes is no harm.
func (p *plans) reach(ctx context.Context, name string) bool {
	if answer, asked := p.seen[name]; asked || p.err != nil || len(p.seen) >= maxPlans {
		return answer
	}
	p.seen[name] = false
	lines, err := p.client.List(ctx, "ShowDialPlan", ami.Field{Name: "Context", Value: name})
	if err != nil && !strings.Contains(fault.ReasonOf(err), "Did not find context") {
		p.err = err
		return false
	}
	for _, l := range lines {
		if handsTo(l, p.app) || l.Get("IncludeContext") != "" && p.reach(ctx, l.Get("IncludeContext")) {
			p.seen[name] = true
			return true
		}
	}
	return false
}

// phonesContext follows what agents dial at their phones: the context of each
// phone must lead to the controller. ARI tells neither contexts nor the
// dialplan; AMI does, with the rights that its account has anyway.
func (e *examiner) phonesContext(ctx context.Context) []Finding {
	const id = "phones-context"
	known := e.known()
	switch {
	case known.ami == nil:
		return skip(id, "ARI cannot read the contexts of phones, and "+e.whyNoAMI())
	case e.objects == nil:
		return skip(id, noObjects)
	}
	p := &plans{client: known.ami, app: e.cfg.Asterisk.App, seen: map[string]bool{}}
	phones := e.phonesHere()
	slices.Sort(phones)
	phones = slices.Compact(phones)
	var astray []string
	asked := 0
	for _, phone := range phones[:min(len(phones), maxAsked)] {
		m, err := known.ami.Action(ctx, "Getvar", ami.Field{Name: "Variable", Value: "PJSIP_ENDPOINT(" + phone + ",context)"})
		if err != nil {
			return []Finding{note(id+".unknown", "the contexts of the phones cannot be read: "+fault.ReasonOf(err), "", "asterisk -rx 'pjsip show endpoint "+phone+"'   (look at: context)")}
		}
		name := m.Get("Value")
		if name == "" { // there is no such endpoint, which another check says
			continue
		}
		asked++
		if !p.reach(ctx, name) {
			astray = append(astray, phone+" ("+name+")")
		}
	}
	switch {
	case p.err != nil:
		return []Finding{note(id+".unknown", "the dialplan of the phones cannot be read: "+fault.ReasonOf(p.err), "", "asterisk -rx 'dialplan show "+e.cfg.Asterisk.Context+"-phones'")}
	case len(astray) > 0:
		first, _, _ := strings.Cut(astray[0], " ")
		return []Finding{warn(id+".astray", fmt.Sprintf("%d of %d phones have a context that does not lead to the controller: %s", len(astray), asked, names(astray)),
			"what agents dial there, and where the transfer key of these phones sends calls, is not seen and not checked against the dial rules",
			fmt.Sprintf("pjsip.conf, [%s]: context = %s-phones   (or include that one in the phone's own context); then: asterisk -rx 'module reload res_pjsip.so'", first, e.cfg.Asterisk.Context))}
	}
	return []Finding{ok(id, "the contexts of %d phones lead to the controller", asked)}
}
