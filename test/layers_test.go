package test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"

	"strowger/test/layers"
)

// fewestPackages guards the test against looking at nothing.
const fewestPackages = 5

// TestLayers holds every package of the module, tests included, against the
// table in test/layers. go test caches what it cannot see through (go list's
// inputs), so make test runs this with -count=1.
func TestLayers(t *testing.T) {
	t.Parallel()
	packages := listPackages(t)
	if len(packages) < fewestPackages {
		t.Fatalf("go list found %d packages only", len(packages))
	}
	for _, violation := range layers.Check(packages) {
		t.Error(violation)
	}
}

func listPackages(t *testing.T) []layers.Package {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-e", "-json=ImportPath,Imports,TestImports,XTestImports", "./...")
	cmd.Dir = projectRoot()
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []layers.Package
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct {
			ImportPath                         string
			Imports, TestImports, XTestImports []string
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatalf("go list: %v", err)
		}
		all = append(all,
			layers.Package{Path: p.ImportPath, Imports: p.Imports},
			layers.Package{Path: p.ImportPath + "_test", Imports: append(p.TestImports, p.XTestImports...)})
	}
}
