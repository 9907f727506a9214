package sandbox

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"strowger/switch/fault"
)

// source is one line of apt's configuration: where packages come from.
type source struct {
	uri        string
	suites     []string
	components []string
}

// machineMirror returns the mirror of this machine's own package sources: the
// first one that carries the suite named codename in component main, because
// the suite sid lies beside it. Without such a one the first http(s) source is taken.
func machineMirror(codename string) (string, error) {
	const op = "sandbox: mirror"
	files := []string{"/etc/apt/sources.list"}
	for _, pattern := range []string{"/etc/apt/sources.list.d/*.sources", "/etc/apt/sources.list.d/*.list"} {
		more, err := filepath.Glob(pattern)
		if err != nil {
			return "", fault.Wrap(fault.Internal, op, pattern, err)
		}
		files = append(files, more...)
	}
	var all []source
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			continue // a file that is not there or not readable names no mirror
		}
		all = append(all, parseSources(name, string(text))...)
	}
	if uri := chooseMirror(all, codename); uri != "" {
		return uri, nil
	}
	return "", fault.New(fault.Unavailable, op, "/etc/apt",
		"no http or https package source is configured: add one, or install Asterisk 20 or later by hand")
}

// chooseMirror prefers the source with the machine's own suite; "" = none fits.
func chooseMirror(all []source, codename string) string {
	first := ""
	for _, s := range all {
		if !strings.HasPrefix(s.uri, "http://") && !strings.HasPrefix(s.uri, "https://") {
			continue
		}
		if first == "" {
			first = s.uri
		}
		if codename != "" && slices.Contains(s.suites, codename) && slices.Contains(s.components, "main") {
			return s.uri
		}
	}
	return first
}

// parseSources reads a file of either form of sources.list(5).
func parseSources(name, text string) []source {
	if strings.HasSuffix(name, ".sources") {
		return parseDeb822(text)
	}
	var all []source
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		f := strings.Fields(line)
		if len(f) == 0 || f[0] != "deb" {
			continue
		}
		f = f[1:]
		if len(f) > 0 && strings.HasPrefix(f[0], "[") {
			for len(f) > 0 && !strings.HasSuffix(f[0], "]") {
				f = f[1:]
			}
			if len(f) > 0 {
				f = f[1:]
			}
		}
		if len(f) >= 2 {
			all = append(all, source{uri: trimURI(f[0]), suites: f[1:2], components: f[2:]})
		}
	}
	return all
}

// parseDeb822 reads stanzas of "Field: value" with continuation lines.
func parseDeb822(text string) []source {
	var all []source
	fields := map[string]string{}
	last := ""
	flush := func() {
		binary := slices.Contains(strings.Fields(fields["types"]), "deb")
		if binary && strings.ToLower(fields["enabled"]) != "no" {
			for _, uri := range strings.Fields(fields["uris"]) {
				all = append(all, source{
					uri:        trimURI(uri),
					suites:     strings.Fields(fields["suites"]),
					components: strings.Fields(fields["components"]),
				})
			}
		}
		fields, last = map[string]string{}, ""
	}
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		switch {
		case strings.HasPrefix(line, "#"):
		case strings.TrimSpace(line) == "":
			flush()
		case strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t"):
			fields[last] += " " + strings.TrimSpace(line)
		default:
			key, value, _ := strings.Cut(line, ":")
			last = strings.ToLower(strings.TrimSpace(key))
			fields[last] = strings.TrimSpace(value)
		}
	}
	flush()
	return all
}

func trimURI(uri string) string { return strings.TrimRight(uri, "/") }
