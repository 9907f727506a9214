package configs

import (
	"bytes"
	"embed"
	"io/fs"
	"strings"
	"text/template"

	"strowger/switch/fault"
)

// FS is the folder asterisk with every template, unfilled.
//
//go:embed asterisk/*.conf
var FS embed.FS

const dir = "asterisk/"

// siteSuffix marks a file that a real site copies; the others belong to the sandbox.
const siteSuffix = "_strowger.conf"

// Render fills in one file by its name, for example "extensions_strowger.conf".
// Values are completed by [Values.WithDefaults] and checked first. Errors are
// Invalid (a value) and NotFound (the name).
func Render(name string, v Values) ([]byte, error) {
	v = v.WithDefaults()
	if err := v.Validate(); err != nil {
		return nil, err
	}
	return render(name, v)
}

// SiteFiles fills in the snippets a site copies: file name to content. What
// they say at their top is where they go.
func SiteFiles(v Values) (map[string][]byte, error) {
	return renderAll(v, func(name string) bool { return strings.HasSuffix(name, siteSuffix) })
}

// SandboxFiles fills in the complete configuration of a sandboxed Asterisk,
// all but asterisk.conf, which names folders and is written by who starts it.
func SandboxFiles(v Values) (map[string][]byte, error) {
	return renderAll(v, func(string) bool { return true })
}

func renderAll(v Values, want func(name string) bool) (map[string][]byte, error) {
	v = v.WithDefaults()
	if err := v.Validate(); err != nil {
		return nil, err
	}
	entries, err := fs.ReadDir(FS, strings.TrimSuffix(dir, "/"))
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "configs: list", dir, err)
	}
	files := make(map[string][]byte, len(entries))
	for _, e := range entries {
		if !want(e.Name()) {
			continue
		}
		text, err := render(e.Name(), v)
		if err != nil {
			return nil, err
		}
		files[e.Name()] = text
	}
	return files, nil
}

func render(name string, v Values) ([]byte, error) {
	const op = "configs: render"
	src, err := FS.ReadFile(dir + name)
	if err != nil {
		return nil, fault.Wrap(fault.NotFound, op, name, err)
	}
	t, err := template.New(name).Option("missingkey=error").Parse(string(src))
	if err != nil {
		return nil, fault.Wrap(fault.Internal, op, name, err)
	}
	var out bytes.Buffer
	if err := t.Execute(&out, v); err != nil {
		return nil, fault.Wrap(fault.Internal, op, name, err)
	}
	return out.Bytes(), nil
}
