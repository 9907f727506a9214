package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"strowger/ari/ami"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// road is what a detector of campaigns needs of Asterisk.
type road struct{ application, modules string }

var roads = map[string]road{
	callmodel.DetectorAudio:    {"AudioSocket", "res_audiosocket.so app_audiosocket.so"},
	callmodel.DetectorAsterisk: {"AMD", "app_amd.so"},
}

// screening looks for what campaigns need that listen to who has answered: a
// context of the dialplan, and the modules that it uses.
func (e *examiner) screening(ctx context.Context) []Finding {
	const id = "screening"
	if e.objects == nil {
		return skip(id, noObjects)
	}
	listen := listeners(e.objects.Config())
	detectors := make([]string, 0, len(listen))
	for detector := range listen {
		detectors = append(detectors, detector)
	}
	if len(detectors) == 0 {
		return []Finding{ok(id, "no campaign listens to who has answered")}
	}
	slices.Sort(detectors)
	if known := listen[callmodel.DetectorAudio]; len(known) > 0 && e.cfg.Dialer.EarsListen == "" {
		return []Finding{fail(id+".deaf", "the detector audio hears nobody: dialer.ears_listen is empty; it is used by "+names(known), everybody,
			"strowger.yaml: dialer.ears_listen: 127.0.0.1:0   then restart the controller   (or screen.detector: asterisk)")}
	}
	out := e.screenContext(ctx, detectors)
	for _, detector := range detectors {
		out = append(out, e.screenModules(ctx, detector, listen[detector])...)
	}
	if out == nil {
		out = []Finding{ok(id, "the context %s and the modules of the detectors are there: %s", e.screenName(), strings.Join(detectors, ", "))}
	}
	return out
}

const everybody = "everybody who answers is taken for a person: machines go to agents, or hear the message for people"

// listeners are the campaigns that listen, by their detector.
func listeners(cfg *callmodel.Config) map[string][]string {
	out := map[string][]string{}
	for _, c := range cfg.Campaigns {
		if d := c.Screen.Detector; d != callmodel.DetectorNone {
			out[d] = append(out[d], c.ID)
		}
	}
	return out
}

func (e *examiner) screenName() string { return e.cfg.Asterisk.Context + "-screen" }

// screenContext reads the context to which answered legs are sent.
func (e *examiner) screenContext(ctx context.Context, detectors []string) []Finding {
	const id = "screening"
	const install = "copy extensions_strowger.conf again; then: asterisk -rx 'dialplan reload'"
	name := e.screenName()
	byHand := "asterisk -rx 'dialplan show " + name + "'   (must show Stasis(" + e.cfg.Asterisk.App + ",screened,...))"
	client := e.known().ami
	if client == nil {
		return []Finding{note(id+".unknown", "not checked: ARI cannot read the dialplan, and "+e.whyNoAMI(), "without the context "+name+" "+everybody, byHand)}
	}
	lines, err := client.List(ctx, "ShowDialPlan", ami.Field{Name: "Context", Value: name})
	switch {
	case err != nil && strings.Contains(fault.ReasonOf(err), "Did not find context"):
		return []Finding{fail(id+".no-context", "Asterisk has no context "+name+", which campaigns need that listen to who has answered", everybody, install)}
	case err != nil:
		return []Finding{note(id+".unknown", "the dialplan cannot be read: "+fault.ReasonOf(err), "", byHand)}
	}
	var back bool
	has := map[string]bool{}
	for _, l := range lines {
		data := l.Get("AppData")
		back = back || handsTo(l, e.cfg.Asterisk.App) && strings.Contains(data, ",screened,")
		for _, r := range roads {
			if l.Get("Application") == r.application || strings.HasPrefix(data, r.application+"(") {
				has[r.application] = true
			}
		}
	}
	for _, d := range detectors {
		if !back || !has[roads[d].application] {
			return []Finding{fail(id+".old", fmt.Sprintf("the context %s has no road for the detector %s and back", name, d), everybody, install)}
		}
	}
	return nil
}

// screenModules looks whether a detector's modules are loaded.
func (e *examiner) screenModules(ctx context.Context, detector string, campaigns []string) (out []Finding) {
	if e.known().info == nil {
		return nil // another check says that ARI does not answer
	}
	for module := range strings.FieldsSeq(roads[detector].modules) {
		if _, err := e.client.AsteriskGetModule(ctx, module); fault.Is(err, fault.NotFound) {
			out = append(out, fail("screening.no-module", fmt.Sprintf("Asterisk has not loaded %s, which the detector %s of %s needs", module, detector, names(campaigns)), everybody,
				"asterisk -rx 'module load "+module+"'   (and no noload line for it in modules.conf)"))
		}
	}
	return out
}
