package layers

import (
	"fmt"
	"slices"
	"strings"
)

// Package is one package as go list describes it: its import path, and what
// it and its tests import.
type Package struct {
	Path    string
	Imports []string // of its files; those of its tests come as a package of their own, PATH_test
}

// propertyTests is the one module that tests of pure packages may use.
const propertyTests = "pgregory.net/rapid"

// Check returns one line per violation, each with its reason, in the order
// given. No violation gives an empty list.
func Check(packages []Package) []string {
	all, limits := units(), pins()
	var found []string
	report := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }
	for _, p := range packages {
		folder, ours := inside(p.Path)
		from, known := unitOf(all, folder)
		if !ours || !known {
			report("%s is in no folder of DESIGN.md section 2: add it to the table there and here first", p.Path)
			continue
		}
		imports := slices.Clone(p.Imports)
		slices.Sort(imports)
		for _, path := range slices.Compact(imports) {
			if target, ours := inside(path); ours {
				if why := sideways(all, from, target); why != "" {
					report("%s imports %s: %s", p.Path, path, why)
				}
				continue
			}
			if from.pure && !standard(path) && !(path == propertyTests && strings.HasSuffix(p.Path, "_test")) {
				report("%s imports %s: it is pure, the standard library only; %s", p.Path, path, from.why)
			}
			if l, ok := pinned(limits, path); ok && !allowed(l, folder) {
				report("%s imports %s: only in %s; %s", p.Path, path, strings.Join(l.only, ", "), l.why)
			}
		}
	}
	return found
}

// sideways says why from must not import target, or nothing.
func sideways(all []unit, from unit, target string) string {
	to, known := unitOf(all, target)
	switch {
	case !known:
		return "that is in no folder of DESIGN.md section 2"
	case to.path == from.path, from.free && (!to.free || to.path == "cmd"):
		return ""
	case to.free:
		return to.path + " is the outermost layer: nobody imports it"
	case slices.Contains(from.below, to.path):
		return ""
	}
	return "imports point inwards (" + from.path + " may use " + list(from.below) + "); " + from.why
}

func list(paths []string) string {
	if len(paths) == 0 {
		return "nothing"
	}
	return strings.Join(paths, ", ")
}

// inside returns the folder of a package of this module.
func inside(path string) (folder string, ours bool) {
	path, _, _ = strings.Cut(path, " ") // go list marks a test's copy of a package by a suffix
	path = strings.TrimSuffix(path, "_test")
	return strings.CutPrefix(path, Module+"/")
}

func unitOf(all []unit, folder string) (unit, bool) {
	best, found := unit{}, false
	for _, u := range all {
		if under(folder, u.path) && len(u.path) > len(best.path) {
			best, found = u, true
		}
	}
	return best, found
}

func pinned(limits []pin, path string) (pin, bool) {
	for _, l := range limits {
		if under(path, l.prefix) {
			return l, true
		}
	}
	return pin{}, false
}

func allowed(l pin, folder string) bool {
	for _, f := range append([]string{"test", "bench"}, l.only...) {
		if under(folder, f) {
			return true
		}
	}
	return false
}

func under(path, folder string) bool {
	return path == folder || strings.HasPrefix(path, folder+"/")
}

// standard tells by the rule of the go command: paths of modules have a dot in
// their first element.
func standard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".")
}
