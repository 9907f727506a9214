package test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	mostSeconds = 25 * 60 // for everything
	forSetUp    = 100     // tools, an Asterisk, compiling
)

// TestHouseLayers: each package with tests is tested by some layer of run.sh,
// each pattern there stands for a test, and the budgets keep to the limit.
func TestHouseLayers(t *testing.T) {
	t.Parallel()
	read := func(name string) string {
		text, err := os.ReadFile(filepath.Join(projectRoot(), name))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	run := read("test/run.sh")
	report(t, untestedFolders(run, foldersWithTests(t)))
	report(t, idlePatterns(run, testsHere(t)))
	report(t, budgetProblems(run, read("Makefile")))
}

// foldersWithTests are the folders of packages that have tests.
func foldersWithTests(t *testing.T) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-f", "{{if or .TestGoFiles .XTestGoFiles}}{{.Dir}}{{end}}", "./...")
	cmd.Dir = projectRoot()
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	folders := strings.Fields(string(out))
	if len(folders) < fewestPackages {
		t.Fatalf("%d folders with tests only", len(folders))
	}
	for i := range folders {
		folders[i] = relative(folders[i])
	}
	return folders
}

// testsHere are the names of the tests of this package.
func testsHere(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?m)^func (Test\w+)\(t `).FindAllStringSubmatch(string(text), -1) {
			names = append(names, m[1])
		}
	}
	return names
}

var (
	layerFolders = regexp.MustCompile(`(?m)^layer .* (?:units|parts|plain) (.*)$`) // with what is in them
	layerFolder  = regexp.MustCompile(`go test -count=1 \./([\w/]+)`)              // alone
	layerBudget  = regexp.MustCompile(`(?m)^ *layer "[^"]*" "\$(BUDGET_\w+)"`)
	layerTests   = regexp.MustCompile(`'\^Test\(([^']*)\)'`)
)

// untestedFolders are those that no layer tests. The folder test has lists of
// its own, of which the last holds what is in no other.
func untestedFolders(run string, folders []string) (out []string) {
	tested := map[string]bool{}
	for _, m := range layerFolders.FindAllStringSubmatch(run, -1) {
		for _, folder := range strings.Fields(m[1]) {
			tested[strings.TrimPrefix(folder, "./")] = true
		}
	}
	exactly := map[string]bool{"test": true}
	for _, m := range layerFolder.FindAllStringSubmatch(run, -1) {
		exactly[m[1]] = true
	}
	for _, folder := range folders {
		found := exactly[folder]
		for at := folder; at != "." && !found; at = filepath.Dir(at) {
			found = tested[at]
		}
		if !found {
			out = append(out, folder+" is tested by no layer of test/run.sh")
		}
	}
	return out
}

// idlePatterns are parts of the lists of tests that stand for no test.
func idlePatterns(run string, names []string) (out []string) {
	for _, m := range layerTests.FindAllStringSubmatch(run, -1) {
		for _, part := range strings.Split(m[1], "|") {
			if p := regexp.MustCompile("^Test" + part); !slices.ContainsFunc(names, p.MatchString) {
				out = append(out, "test/run.sh lists the tests "+part+", of which there is none")
			}
		}
	}
	return out
}

// budgetProblems adds up what the layers may take.
func budgetProblems(run, makefile string) (out []string) {
	sum := 0
	for _, m := range layerBudget.FindAllStringSubmatch(run, -1) {
		given := regexp.MustCompile(`(?m)^export ` + m[1] + ` := (\d+)$`).FindStringSubmatch(makefile)
		if given == nil {
			out = append(out, "the Makefile has no "+m[1])
			continue
		}
		seconds, err := strconv.Atoi(given[1])
		if err != nil {
			out = append(out, err.Error())
		}
		sum += seconds
	}
	if sum == 0 || sum > mostSeconds-forSetUp {
		out = append(out, fmt.Sprintf("the budgets are %d s together, %d is the limit", sum, mostSeconds-forSetUp))
	}
	return out
}

func TestHouseLayersFindPlantedFaults(t *testing.T) {
	t.Parallel()
	const run = `
house_tests='^Test(House|Lairs)'
house() { go test -count=1 ./test/layers; }
layer "1" "$BUDGET_A" units ./a ./b
  layer "2" "$BUDGET_B" parts ./c/d
`
	for _, c := range []struct {
		found []string
		want  string
	}{
		{untestedFolders(run, []string{"a", "b/x/y", "test/layers", "test", "c"}), "[c is tested by no layer of test/run.sh]"},
		{untestedFolders(run, []string{"test/layers/x", "test/ab"}), "[test/layers/x is tested by no layer of test/run.sh test/ab is tested by no layer of test/run.sh]"},
		{idlePatterns(run, []string{"TestHouseDocs", "TestA"}), "[test/run.sh lists the tests Lairs, of which there is none]"},
		{budgetProblems(run, "export BUDGET_A := 100\n"), "[the Makefile has no BUDGET_B]"},
		{budgetProblems(run, "export BUDGET_A := 100\nexport BUDGET_B := 1400\n"), "[the budgets are 1500 s together, 1400 is the limit]"},
		{budgetProblems(run, "export BUDGET_A := 100\nexport BUDGET_B := 1300\n"), "[]"},
	} {
		if got := fmt.Sprint(c.found); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}
