package schema

import "strings"

// Nearest returns the candidate that differs least from word, or "" when all
// differ by more than a third of its letters.
func Nearest(word string, candidates []string) string {
	if len(word) > 100 {
		return ""
	}
	word = strings.ToLower(word)
	best, limit := "", max(1, len(word)/3)
	for _, c := range candidates {
		if d := editDistance(word, strings.ToLower(c)); d <= limit {
			best, limit = c, d-1
		}
	}
	return best
}

// editDistance counts insertions, deletions, replacements and swaps of
// neighbours.
func editDistance(a, b string) int {
	prev2, prev, cur := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		cur[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				cur[j] = min(cur[j], prev2[j-2]+1)
			}
		}
		prev2, prev, cur = prev, cur, prev2
	}
	return prev[len(b)]
}

// suggestKey says what an unknown key may have been meant to be: a sibling
// with a similar name, or the same name in another place.
func (s *Spec) suggestKey(parent *Key, name string) string {
	var siblings []string
	if parent != nil {
		for _, c := range parent.children {
			siblings = append(siblings, c.name)
		}
	}
	name = strings.ReplaceAll(name, "-", "_")
	if best := Nearest(name, siblings); best != "" {
		return "did you mean " + best + "?"
	}
	for _, k := range s.Keys() {
		if k.name == strings.ToLower(name) || k.Path == name {
			return "did you mean " + k.Path + "? It belongs below `" + belongs(k.Path) + ":`, indented by two spaces"
		}
	}
	if len(siblings) > 0 && len(siblings) <= 12 {
		return "the keys here are " + strings.Join(siblings, ", ")
	}
	return s.opt.Help
}

func belongs(path string) string {
	parent := path[:max(0, strings.LastIndex(path, "."))]
	parent = strings.TrimSuffix(parent, "[]")
	return parent[strings.LastIndex(parent, ".")+1:]
}
