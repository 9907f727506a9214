package doctor

import (
	"context"
	"fmt"
	"slices"

	"strowger/cmd/strowger/internal/config"
	"strowger/cmd/strowger/internal/controller"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/numbering"
)

// amongServers says which of several servers is looked at.
func (e *examiner) amongServers(a config.Asterisk, i int) {
	if all := a.Servers(); len(all) > 1 {
		e.all = all
		e.node, e.first = callmodel.NodeID(all[i].Node), callmodel.NodeID(all[0].Node)
	}
}

// phonesHere are the phones at the server, as the objects say.
func (e *examiner) phonesHere() []string {
	if e.first == "" {
		return e.objects.Endpoints()
	}
	return controller.EndpointsAt(e.objects, e.node, e.first)
}

// trunksHere are the trunks at the server.
func (e *examiner) trunksHere() []numbering.Trunk {
	all := e.objects.Config().Trunks
	if e.first == "" {
		return all
	}
	return slices.DeleteFunc(all, func(t numbering.Trunk) bool {
		at := callmodel.NodeID(t.Node)
		if at == "" {
			at = e.first
		}
		return at != e.node
	})
}

// further looks at the servers behind the first, with the checks that are
// about a server; their findings begin with its name.
func (e *examiner) further(ctx context.Context, a config.Asterisk) []Finding {
	var out []Finding
	for i, s := range a.Servers() {
		if i == 0 {
			continue
		}
		cfg := *e.cfg
		cfg.Asterisk = s
		one := &examiner{cfg: &cfg, objects: e.objects, version: e.version, timeout: e.timeout, host: e.host}
		one.amongServers(a, i)
		one.openARI()
		found := one.round(ctx, []check{{"ari", one.reachARI}, {"ami", one.reachAMI}})
		known := e.known()
		one.learn(func(f *facts) { f.controller = known.controller })
		found = append(found, one.round(ctx, []check{
			{"asterisk.version", one.asteriskVersion},
			{"ari.rights", one.rightsARI},
			{"ari.websocket", one.websocket},
			{"application", one.application},
			{"readiness", one.readiness},
			{"clock", one.clock},
			{"ami.rights", one.rightsAMI},
			{"dialplan", one.dialplan},
			{"screening", one.screening},
			{"phones", one.phones},
			{"phones-context", one.phonesContext},
			{"talk-notify", one.talkNotify},
			{"servers", one.servers},
			{"trunks", one.trunks},
			{"sounds", one.sounds},
		})...)
		if ami := one.known().ami; ami != nil {
			ami.Close()
		}
		one.close()
		for _, f := range found {
			f.ID = s.Node + "/" + f.ID
			out = append(out, f)
		}
	}
	return out
}

// servers looks at the way from this server to the others.
func (e *examiner) servers(ctx context.Context) []Finding {
	const id = "servers"
	known := e.known()
	switch {
	case e.first == "":
		return nil
	case known.info == nil:
		return skip(id, noARI)
	}
	var out []Finding
	if c := known.info.Config; c == nil || c.Name != string(e.node) {
		out = append(out, fail(id+".name", fmt.Sprintf("this Asterisk does not call itself %s", e.node), "two servers would give their channels the same ids, so it is not taken into service",
			fmt.Sprintf("asterisk.conf, [options]: systemname = %s   then: systemctl restart asterisk", e.node)))
	}
	state, err := e.endpoints(ctx)
	if err != nil {
		return append(out, fail(id+".error", "Asterisk does not list its endpoints: "+fault.ReasonOf(err), "", "asterisk -rx 'pjsip show endpoints'"))
	}
	others := 0
	for _, s := range e.all {
		if callmodel.NodeID(s.Node) == e.node {
			continue
		}
		others++
		const why = "phones and trunks of that server cannot be called from here, and nobody sees from here whether it has died"
		switch at, there := state[s.Peer]; {
		case !there:
			out = append(out, fail(id+".missing", fmt.Sprintf("there is no PJSIP endpoint %s, the way to %s", s.Peer, s.Node), why,
				"pjsip.conf: the lines that pjsip_strowger.conf shows above strowger-node; then: asterisk -rx 'module reload res_pjsip.so'"))
		case at != "online":
			out = append(out, warn(id+".offline", fmt.Sprintf("%s does not answer on the SIP trunk %s (it is %s)", s.Node, s.Peer, at), why, "asterisk -rx 'pjsip show contacts'   (address, firewall, and on the other server the identify section)"))
		}
	}
	if out == nil {
		return []Finding{ok(id, "this is %s, and the way to %d others is there", e.node, others)}
	}
	return out
}
