package doctor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"

	"strowger/ari/ami"
	"strowger/ari/arispec"
	"strowger/cmd/strowger/internal/controller"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

const noObjects = "there is neither a running controller nor a valid file of configuration objects"

// notifyAction is the AMI action that asks a phone to answer.
const notifyAction = "PJSIPNotify"

// endpoints are Asterisk's PJSIP endpoints and their states.
func (e *examiner) endpoints(ctx context.Context) (map[string]string, error) {
	list, err := e.client.EndpointsListByTech(ctx, "PJSIP")
	if err != nil && !fault.Is(err, fault.NotFound) { // none is no error
		return nil, err
	}
	state := map[string]string{}
	for _, ep := range list {
		state[ep.Resource] = ep.State
	}
	return state, nil
}

// trunks compares the trunks of the objects with Asterisk's endpoints.
func (e *examiner) trunks(ctx context.Context) []Finding {
	const id = "trunks"
	switch {
	case e.known().info == nil:
		return skip(id, noARI)
	case e.objects == nil:
		return skip(id, noObjects)
	}
	all := e.trunksHere()
	if len(all) == 0 {
		return []Finding{ok(id, "none is configured: no command can call a number outside")}
	}
	state, err := e.endpoints(ctx)
	if err != nil {
		return []Finding{fail(id+".error", "Asterisk does not list its endpoints: "+fault.ReasonOf(err), "", "asterisk -rx 'pjsip show endpoints'")}
	}
	var missing, offline []string
	for _, t := range all {
		name := t.ID
		if t.ID != t.Endpoint {
			name += " (" + t.Endpoint + ")"
		}
		switch s, known := state[t.Endpoint]; {
		case !known:
			missing = append(missing, name)
		case s == "offline":
			offline = append(offline, name)
		}
	}
	var out []Finding
	if len(missing) > 0 {
		out = append(out, fail(id+".missing", fmt.Sprintf("%d of %d trunks have no PJSIP endpoint in Asterisk: %s", len(missing), len(all), names(missing)),
			"calls to numbers outside that go by them fail", "pjsip.conf: a section with the trunk's endpoint as its name and type = endpoint   (or correct trunks[].endpoint with strowger apply); then: asterisk -rx 'module reload res_pjsip.so'"))
	}
	if len(offline) > 0 {
		out = append(out, warn(id+".offline", fmt.Sprintf("%d of %d trunks cannot be reached now: %s", len(offline), len(all), names(offline)),
			"calls to numbers outside that go by them fail", "asterisk -rx 'pjsip show contacts'; asterisk -rx 'pjsip show registrations'"))
	}
	if out == nil {
		out = []Finding{ok(id, "all %d are endpoints of Asterisk", len(all))}
	}
	return out
}

// sounds looks for what prompts name among the sounds that Asterisk lists.
func (e *examiner) sounds(ctx context.Context) []Finding {
	const id = "sounds"
	switch {
	case e.known().info == nil:
		return skip(id, noARI)
	case e.objects == nil:
		return skip(id, noObjects)
	}
	wanted := soundsOf(e.objects.Config())
	if len(wanted) == 0 {
		return []Finding{ok(id, "none is named")}
	}
	list, err := e.client.SoundsList(ctx, arispec.SoundsListParams{})
	if err != nil && !fault.Is(err, fault.NotFound) {
		return []Finding{warn(id+".error", "Asterisk does not list its sounds: "+fault.ReasonOf(err), "whether prompts can be heard is not known", "asterisk -rx 'module reload sounds'")}
	}
	have := map[string]bool{}
	for _, s := range list {
		have[s.ID] = true
	}
	var missing, elsewhere []string
	for _, s := range wanted {
		switch {
		case strings.HasPrefix(s, "/"):
			elsewhere = append(elsewhere, s)
		case !have[s]:
			missing = append(missing, s)
		}
	}
	var out []Finding
	if len(missing) > 0 {
		out = append(out, warn(id+".missing", fmt.Sprintf("%d of %d sounds that the configuration objects name are not in Asterisk: %s", len(missing), len(wanted), names(missing)),
			"callers hear nothing in their place, and menus go on as if they had been played",
			"copy the files below /var/lib/asterisk/sounds/en (no ending in the name), or install a package of prompts; then: asterisk -rx 'module reload sounds'"))
	}
	if len(elsewhere) > 0 {
		out = append(out, note(id+".elsewhere", fmt.Sprintf("%d sounds are files outside of Asterisk's folder, which it does not list: %s", len(elsewhere), names(elsewhere)), "", "ls -l "+elsewhere[0]+".*   on Asterisk's machine"))
	}
	if out == nil {
		out = []Finding{ok(id, "all %d that prompts name are there", len(wanted))}
	}
	return out
}

// soundsOf lists the sounds that a configuration plays, each once, in order.
func soundsOf(cfg *callmodel.Config) []string {
	var media []string
	for _, q := range cfg.Queues {
		media = append(media, q.Announce.Prompts...)
		media = append(media, q.Callback.Prompt, q.AudioAlert)
		if q.Announce.Position {
			media = append(media, "sound:queue-youarenext", "sound:queue-thereare", "sound:queue-callswaiting")
		}
		if q.Announce.Wait {
			media = append(media, "sound:queue-holdtime", "sound:queue-minutes", "sound:queue-less-than")
		}
		for _, r := range q.Overflow {
			if r.To.Kind == callmodel.DestAnnounce {
				media = append(media, r.To.Value)
			}
		}
	}
	for _, m := range cfg.IVRs {
		for _, n := range m.Nodes {
			media = append(media, n.Prompts...)
			media = append(media, n.Invalid...)
			ways := []string{n.Next, n.Fail, n.Default}
			for _, c := range n.Choices {
				ways = append(ways, c.Next)
			}
			for _, way := range ways {
				if spoken, announces := strings.CutPrefix(way, string(callmodel.DestAnnounce)+":"); announces {
					media = append(media, spoken)
				}
			}
		}
	}
	for _, c := range cfg.Campaigns {
		media = append(media, c.Dropped...)
		media = append(media, c.MachineMedia...)
		media = append(media, c.Message...)
	}
	stations := make([]callmodel.Station, 0, len(cfg.Stations)+len(cfg.Agents))
	for _, s := range cfg.Stations {
		stations = append(stations, s.Station)
	}
	for _, a := range cfg.Agents {
		stations = append(stations, a.Station)
	}
	for _, s := range stations {
		switch {
		case s.Mode != callmodel.Nailed:
		case s.Beep == "":
			media = append(media, "sound:beep")
		default:
			media = append(media, s.Beep)
		}
	}
	var out []string
	for _, m := range media {
		kind, name, found := strings.Cut(m, ":")
		if !found {
			kind, name = "sound", m
		}
		if kind == "sound" && name != "" && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// talkNotify looks at the account that answers phones of the mode talk-notify.
func (e *examiner) talkNotify(ctx context.Context) []Finding {
	const id = "talk-notify"
	n := e.cfg.Asterisk.TalkNotify
	if e.objects == nil && n.User == "" {
		return skip(id, noObjects)
	}
	var stations []string
	if e.objects != nil {
		stations = controller.TalkNotifyStations(e.objects, e.node, e.first)
	}
	const why = "phones of the mode talk-notify ring and are not answered when the client accepts"
	switch {
	case len(stations) == 0 && n.User == "":
		return []Finding{ok(id, "no station needs it")}
	case n.User == "":
		return []Finding{fail(id+".no-account", fmt.Sprintf("%d stations have the mode talk-notify, and there is no AMI account for it: %s", len(stations), names(stations)), why,
			"manager.conf: a user as manager_strowger.conf shows at its end; strowger.yaml: asterisk.talk_notify.user and .secret; then restart the controller   (or choose another mode)")}
	}
	c, err := ami.Dial(ctx, ami.Config{Addr: e.cfg.Asterisk.AMIAddr, User: n.User, Secret: n.Secret.Reveal(), Timeout: e.timeout})
	switch {
	case fault.Is(err, fault.Denied):
		return []Finding{fail(id+".login", fmt.Sprintf("Asterisk refuses the AMI user %s, its password or this host", n.User), why,
			fmt.Sprintf("manager.conf: [%s] with secret = the value of asterisk.talk_notify.secret, permit = this host's address   then: %s", n.User, reloadAMI))}
	case errors.Is(err, syscall.ECONNREFUSED):
		return []Finding{fail(id+".refused", "nothing listens on "+e.cfg.Asterisk.AMIAddr, why, "manager.conf, [general]: enabled = yes, bindaddr = 127.0.0.1, port = 5038   then: "+reloadAMI)}
	case err != nil:
		return []Finding{fail(id+".error", e.cfg.Asterisk.AMIAddr+" does not answer as AMI does: "+rootCause(err), why, "asterisk -rx 'manager show settings'   and compare with asterisk.ami_addr")}
	}
	defer c.Close()
	actions, err := c.Allowed(ctx)
	if err != nil {
		return []Finding{fail(id+".error", "AMI does not tell what the user may do: "+fault.ReasonOf(err), why, "asterisk -rx 'manager show user "+n.User+"'")}
	}
	return judgeNotify(id, n.User, why, actions)
}

// judgeNotify: the account needs one right, which is dangerous enough.
func judgeNotify(id, user, why string, actions map[string]string) []Finding {
	line := fmt.Sprintf("manager.conf, [%s]: read =   and   write = system   then: %s", user, reloadAMI)
	if _, may := actions[notifyAction]; !may {
		return []Finding{fail(id+".rights", fmt.Sprintf("the AMI user %s may not use the action %s", user, notifyAction), why, line+"   (with that line already there: asterisk -rx 'module load res_pjsip_notify.so')")}
	}
	has := classes(actions)
	var more []string
	for _, r := range []string{"call", "command", "config", "originate"} {
		if has[r] {
			more = append(more, r)
		}
	}
	if len(more) > 0 {
		return []Finding{warn(id+".too-much", fmt.Sprintf("the AMI user %s has the right %s", user, strings.Join(more, " and ")),
			"the account can stop Asterisk already; it needs nothing but the class system, and who steals its password should get no more", line)}
	}
	return []Finding{ok(id, "the user %s may ask phones to answer, and nothing else", user)}
}
