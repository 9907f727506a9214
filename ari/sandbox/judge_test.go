package sandbox

import (
	"slices"
	"strings"
	"testing"
)

// TestLacks: each version lacks what its branch got later, and no more.
func TestLacks(t *testing.T) {
	t.Parallel()
	for version, want := range map[Version][]string{
		{Major: 22, Minor: 10, Patch: 1}: nil,
		{Major: 22, Minor: 10}:           {"GHSA-vrfp-mg3q-3959"},
		{Major: 22, Minor: 9}:            {"AST#1936", "AST#1907", "AST#1962", "GHSA-vrfp-mg3q-3959"},
		{Major: 22, Minor: 2, Patch: 5}:  {"AST#211", "AST#1124", "AST#1936"},
		{Major: 20, Minor: 20, Patch: 1}: nil,
		{Major: 20, Minor: 9}:            {"AST#801", "AST#211", "AST#999"},
		{Major: 23, Minor: 3}:            {"AST#1936", "GHSA-vrfp-mg3q-3959"},
		{Major: 23, Minor: 4, Patch: 1}:  nil,
	} {
		var issues, texts []string
		for _, l := range Judge(version).Lacks {
			issues = append(issues, l.Issues...)
			texts = append(texts, l.String())
		}
		for _, issue := range want {
			if !slices.Contains(issues, issue) {
				t.Errorf("%s: %s is missing in %v", version, issue, issues)
			}
		}
		if want == nil && len(texts) > 0 {
			t.Errorf("%s: %s", version, strings.Join(texts, "; "))
		}
	}
	if lack := Judge(Version{Major: 22, Minor: 9}).Lacks[0].String(); !strings.HasSuffix(lack, "(AST#1936, AST#1872)") {
		t.Error(lack)
	}
}
