package doctor

import (
	"testing"

	"strowger/ari/ami"
	"strowger/ari/arispec"
	"strowger/ari/aritest"
)

// campaignWith is a site with a campaign that listens so.
func campaignWith(screen string) string {
	return "numbering: {region: DE}\ndial_rules: [{id: all, allow: [\"\"]}]\nqueues: [{id: support, number: 600, dial_rule: all}]\nstations: [{id: a, endpoint: 101}, {id: b, endpoint: 102}]\n" +
		"trunks: [{id: telco, endpoint: \"101\"}]\nroutes: [{id: out, prefixes: [\"\"], trunks: [telco]}]\n" +
		"campaigns: [{id: spring, queue: support, mode: progressive, rules: uk, lists: [{list: spring}], screen: {" + screen + "}}]\n"
}

func screenBreakages() map[string]breakage {
	back := line("Stasis", "strowger,screened,${SW_HEARD}")
	plan := func(screen string, lines ...ami.Message) func(*testing.T, *healthy) {
		return func(t *testing.T, h *healthy) {
			h.setObjects(t, campaignWith(screen))
			h.screen = lines
			h.ari.On(arispec.OpAsteriskGetModule, func(aritest.Request) aritest.Reply {
				return aritest.Reply{Body: arispec.Module{Name: "x", Status: "Running"}}
			})
		}
	}
	audio, amd := line("TryExec", "AudioSocket(${EXTEN:5:36},${EXTEN:42})"), line("TryExec", "AMD(,,,${EXTEN:4})")
	return map[string]breakage{
		"audio":         {plan("detector: audio", amd, audio, back), nil, "the context strowger-in-screen and the modules of the detectors are there: audio"},
		"asterisk":      {plan("detector: asterisk", line("AMD", ",,,1200"), back), nil, "are there: asterisk"},
		"no context":    {plan("detector: audio"), []string{"fail screening.no-context"}, "everybody who answers is taken for a person"},
		"another road":  {plan("detector: audio", amd, back), []string{"fail screening.old"}, "no road for the detector audio and back"},
		"no way back":   {plan("detector: asterisk", amd), []string{"fail screening.old"}, "copy extensions_strowger.conf again"},
		"no detector":   {plan("detector: none"), nil, "no campaign listens to who has answered"},
		"sound missing": {plan("detector: audio, machine: message, message: [\"sound:call-us\"]", audio, back), []string{"warn sounds.missing"}, "call-us"},
		"nobody hears": {func(t *testing.T, h *healthy) {
			plan("detector: audio", audio, back)(t, h)
			h.cfg.Dialer.EarsListen = ""
		}, []string{"fail screening.deaf"}, "dialer.ears_listen is empty; it is used by spring"},
		"no module": {func(t *testing.T, h *healthy) {
			plan("detector: audio", audio, back)(t, h)
			h.ari.On(arispec.OpAsteriskGetModule, status(404))
		}, []string{"fail screening.no-module", "fail screening.no-module"}, "asterisk -rx 'module load res_audiosocket.so'"},
		"without AMI": {func(t *testing.T, h *healthy) {
			plan("detector: audio", audio, back)(t, h)
			h.cfg.Asterisk.AMIUser = ""
		}, []string{"note screening.unknown", "skip ami", "skip ami.rights", "skip phones-context", "note dialplan.unknown"}, "dialplan show strowger-in-screen"},
	}
}
