package test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const (
	stateMachines  = "docs/state-machines.md"
	scenarioFolder = "switch/callmodel/testdata"
)

// readDocs returns the text of every Markdown file, by its name in the project.
func readDocs(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(projectRoot(), func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (slices.Contains(skipFolders, d.Name()) || relative(path) == "bench/out") {
			return filepath.SkipDir
		}
		if d.Type().IsRegular() && strings.HasSuffix(path, ".md") {
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			out[relative(path)] = string(text)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"README.md", "CHANGELOG.md", "switch/README.md", stateMachines} {
		if out[name] == "" {
			t.Fatalf("%s is missing", name)
		}
	}
	return out
}

func report(t *testing.T, problems []string) {
	t.Helper()
	for _, p := range problems {
		t.Error(p)
	}
}

// TestHouseDocsNameEveryScenario keeps docs/state-machines.md and the scenario
// files in step.
func TestHouseDocsNameEveryScenario(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(projectRoot(), scenarioFolder, "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenario files: %v", err)
	}
	for i, f := range files {
		files[i] = filepath.Base(f)
	}
	report(t, scenarioProblems(readDocs(t)[stateMachines], files))
}

var scenarioName = regexp.MustCompile(`\b[a-z][a-z0-9-]*\.txt\b`)

func scenarioProblems(doc string, files []string) []string {
	var out []string
	named := scenarioName.FindAllString(doc, -1)
	for _, f := range files {
		if !slices.Contains(named, f) {
			out = append(out, stateMachines+" does not name the scenario "+f)
		}
	}
	for _, n := range named {
		if !slices.Contains(files, n) {
			out = append(out, stateMachines+" names "+n+", which is not in "+scenarioFolder)
		}
	}
	return out
}

var markdownLink = regexp.MustCompile(`\]\(([^)\s]+)\)`)

// TestHouseDocsLinks: every relative link leads to a file, every anchor to a heading.
func TestHouseDocsLinks(t *testing.T) {
	t.Parallel()
	docs := readDocs(t)
	links := 0
	for name, text := range docs {
		for _, m := range markdownLink.FindAllStringSubmatch(text, -1) {
			links++
			if p := linkProblem(docs, name, m[1]); p != "" {
				t.Error(p)
			}
		}
	}
	if links < 10 {
		t.Errorf("only %d links were looked at", links)
	}
}

func linkProblem(docs map[string]string, from, link string) string {
	if strings.Contains(link, "://") || strings.HasPrefix(link, "mailto:") {
		return ""
	}
	file, anchor, _ := strings.Cut(link, "#")
	target := from
	if file != "" {
		target = filepath.ToSlash(filepath.Join(filepath.Dir(from), file))
	}
	if _, err := os.Stat(filepath.Join(projectRoot(), target)); err != nil {
		return fmt.Sprintf("%s: the link %s leads nowhere", from, link)
	}
	if anchor != "" && !slices.Contains(anchors(docs[target]), anchor) {
		return fmt.Sprintf("%s: the link %s names no heading of %s", from, link, target)
	}
	return ""
}

var (
	heading   = regexp.MustCompile(`(?m)^#+ (.+)$`)
	notAnchor = regexp.MustCompile(`[^a-z0-9 _-]`)
)

// anchors returns the headings of a file as links write them.
func anchors(text string) []string {
	var out []string
	for _, m := range heading.FindAllStringSubmatch(text, -1) {
		out = append(out, strings.ReplaceAll(notAnchor.ReplaceAllString(strings.ToLower(m[1]), ""), " ", "-"))
	}
	return out
}

// docKey is a word in backquotes that looks like a key of one of the sections.
func docKey(sections []string) *regexp.Regexp {
	return regexp.MustCompile("`((?:" + strings.Join(sections, "|") + ")\\.[a-z][a-z_.]*)(?:: [^`]*)?`")
}

// TestHouseDocsKeys: every configuration key that a document names exists.
func TestHouseDocsKeys(t *testing.T) {
	t.Parallel()
	program, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	known, sections := map[string]bool{}, []string(nil)
	for _, args := range [][]string{{"config", "schema"}, {"config", "schema", "--objects"}} {
		text, err := exec.CommandContext(t.Context(), program, args...).Output()
		if err != nil {
			t.Fatalf("strowger %v: %v", args, err)
		}
		var s schema
		if err := json.Unmarshal(text, &s); err != nil {
			t.Fatal(err)
		}
		for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
			if p := s.Properties[name]; p.Properties != nil || p.Items != nil {
				sections = append(sections, name)
			}
		}
		s.keys("", known)
	}
	if !known["queues.ring_timeout"] || !known["agents.station.mode"] || !known["ici.callback_allow"] {
		t.Fatalf("the schema was not understood: %d keys", len(known))
	}
	named, key := 0, docKey(sections)
	for name, text := range readDocs(t) {
		for _, m := range key.FindAllStringSubmatch(text, -1) {
			named++
			if !known[m[1]] {
				t.Errorf("%s names the key %s, which the configuration does not have", name, m[1])
			}
		}
	}
	if named < 10 {
		t.Errorf("only %d keys were looked at", named)
	}
}

// schema is what is needed of a JSON Schema to know the keys.
type schema struct {
	Properties map[string]*schema
	Items      *schema
}

// keys adds the paths of all keys; those of a list's entries follow its name.
func (s *schema) keys(path string, out map[string]bool) {
	if s.Items != nil {
		s.Items.keys(path, out)
	}
	for name, p := range s.Properties {
		key := strings.TrimPrefix(path+"."+name, ".")
		out[key] = true
		p.keys(key, out)
	}
}

// docCommand is a command line at the start of a code line or a backquote.
var docCommand = regexp.MustCompile("(?m)(?:^\\$ |`)(?:bin/)?strowger ([a-z-]+)(?: ([a-z][a-z-]*))?")

// TestHouseDocsCommands: every command that a document names is in the help.
func TestHouseDocsCommands(t *testing.T) {
	t.Parallel()
	program, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	help := func(args ...string) string {
		out, err := exec.CommandContext(t.Context(), program, append(args, "--help")...).CombinedOutput()
		if err != nil {
			t.Fatalf("strowger %s --help: %v\n%s", strings.Join(args, " "), err, out)
		}
		return string(out)
	}
	top := help()
	below := map[string]string{}
	named := 0
	for name, text := range readDocs(t) {
		for _, m := range docCommand.FindAllStringSubmatch(text, -1) {
			named++
			switch first, second := m[1], m[2]; {
			case first == "demo": // another name of run
			case !listed(top, first):
				t.Errorf("%s names the command strowger %s, which the help does not", name, first)
			case second != "":
				if below[first] == "" {
					below[first] = help(first)
				}
				if strings.Contains(below[first], "Available Commands:") && !listed(below[first], second) {
					t.Errorf("%s names the command strowger %s %s, which the help does not", name, first, second)
				}
			}
		}
	}
	if named < 10 {
		t.Errorf("only %d commands were looked at", named)
	}
}

// listed reports whether a help text lists a command.
func listed(help, command string) bool {
	return regexp.MustCompile(`(?m)^  ` + regexp.QuoteMeta(command) + ` +\S`).MatchString(help)
}

// TestHouseDocsRulesFindPlantedFaults shows that each rule can say no.
func TestHouseDocsRulesFindPlantedFaults(t *testing.T) {
	t.Parallel()
	if got := scenarioProblems("| a.txt, b.txt |", []string{"a.txt", "c.txt"}); len(got) != 2 {
		t.Errorf("scenarios: %q", got)
	}
	docs := map[string]string{"README.md": "# One two\n"}
	for link, wrong := range map[string]bool{
		"Makefile": false, "none.md": true, "#one-two": false, "#three": true, "https://example.org/x": false, "../Makefile": true,
	} {
		if got := linkProblem(docs, "README.md", link); (got != "") != wrong {
			t.Errorf("link %s: %q", link, got)
		}
	}
	keys := map[string]bool{}
	(&schema{Properties: map[string]*schema{"queues": {Items: &schema{Properties: map[string]*schema{"ring_timeout": {}}}}}}).keys("", keys)
	if m := docKey([]string{"log", "queues"}).FindStringSubmatch("set `queues.ring: 5s`"); m == nil || m[1] != "queues.ring" || keys[m[1]] || !keys["queues.ring_timeout"] {
		t.Errorf("keys: %q of %v", m, keys)
	}
	if !listed("  serve       Run\n", "serve") || listed("  serve       Run\n", "ser") {
		t.Error("commands: the help was misread")
	}
	if m := docCommand.FindStringSubmatch("use `strowger fly now`"); m == nil || m[1] != "fly" || m[2] != "now" {
		t.Errorf("commands: %q", m)
	}
}
