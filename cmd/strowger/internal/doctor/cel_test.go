package doctor

import "testing"

func celBreakages() map[string]breakage {
	file := func(text string) func(*testing.T, *healthy) {
		return func(t *testing.T, h *healthy) { h.events(t, []byte(text)) }
	}
	return map[string]breakage{
		"channel events not used": {func(_ *testing.T, h *healthy) { h.cfg.Asterisk.CELFile = "" }, []string{"note cel.off"}, "asterisk.cel_file is not set"},
		"channel events missing":  {func(_ *testing.T, h *healthy) { h.cfg.Asterisk.CELFile += ".gone" }, []string{"warn cel.no-file"}, "there is no file"},
		"channel events are a folder": {
			func(_ *testing.T, h *healthy) { h.cfg.Asterisk.CELFile = h.dir },
			[]string{"warn cel.error"},
			"",
		},
		"channel events empty":           {file(""), []string{"note cel.empty"}, ""},
		"channel events of another form": {file("\"CHAN_START\",\"1.000001\"\n"), []string{"warn cel.form"}, "no line of our form"},
		"channel events in another date format": {
			file("sw1,\"CHAN_END\",\"1.000001\",\"c\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\"\nsw1,\"CHAN_END\",\"today\"\n"),
			[]string{"warn cel.bad-lines"},
			"dateformat",
		},
	}
}
