package schema

import (
	"regexp"
	"strconv"
	"strings"
)

var (
	yamlLine   = regexp.MustCompile(`line ([0-9]+): `)
	aliasValue = regexp.MustCompile(`[:\-\[,] +\*`)
)

// syntaxProblem explains an error of the YAML parser. The parser's own words
// are kept only where they cannot quote the file: a password may stand there.
func syntaxProblem(data []byte, err error, file string) Problem {
	p := Problem{Severity: SeverityError, File: file}
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	if m := yamlLine.FindStringSubmatch(text); m != nil {
		if n, convErr := strconv.Atoi(m[1]); convErr == nil {
			p.Line, p.Column = n, 1
		}
		text = strings.Replace(text, m[0], "", 1)
	}
	locateSyntax(&p, data, text)
	if line, column := tabIndent(data); line > 0 {
		p.Line, p.Column = line, column
		p.What, p.Fix = "the line is indented with a tab", "YAML allows spaces only: use two spaces for each level"
		return p
	}
	for _, h := range syntaxHints {
		if strings.Contains(text, h.sign) {
			p.What, p.Fix = h.what, h.fix
			return p
		}
	}
	p.What, p.Fix = "this is not YAML: "+text, "compare with the example that `strowger init` writes"
	return p
}

// locateSyntax corrects the line that the parser gave.
func locateSyntax(p *Problem, data []byte, text string) {
	line := 0
	switch {
	case strings.HasPrefix(text, "unknown anchor"):
		line = aliasLine(data)
	case strings.HasPrefix(text, "did not find expected"):
		if line = unevenIndent(data); line == 0 && p.Line > 0 {
			line = p.Line + 1 // the parser counts these from 0
		}
	}
	if line > 0 {
		p.Line, p.Column = line, 1
	}
}

var syntaxHints = []struct{ sign, what, fix string }{
	{"mapping values are not allowed", "a second `:` in one line, or a line that is indented deeper than the one above it", "indent keys of one section by the same number of spaces, and put a text that holds `: ` in quotes"},
	{"did not find expected key", "the line is not indented like its neighbours, or a quote in the line before is not closed", "indent keys of one section by the same number of spaces, and close every quote"},
	{"did not find expected '-' indicator", "the line is not indented like its neighbours", "begin every entry of a list with `- ` at the same column, and its keys below the first letter behind the dash"},
	{"could not find expected ':'", "a key without a value", "write `key: value`, with a space after the colon"},
	{"cannot start any token", "a value begins with a character that has a meaning in YAML", "put the value in quotes"},
	{"unknown anchor", "a value begins with *, which YAML reads as an alias", "put the value in quotes"},
	{"found undefined tag", "a value begins with !, which YAML reads as a tag", "put the value in quotes"},
	{"while parsing a flow", "a [ or { is not closed", "close it, or put the value in quotes"},
	{"did not find expected ',' or", "a [ or { is not closed", "close it, or put the value in quotes"},
	{"unexpected end of stream", "a quote is not closed", "end the text with the same kind of quote it began with"},
	{"found unknown escape", "a \\ inside double quotes begins an escape that YAML does not know", "use single quotes around a text with a backslash"},
	{"alphabetic or numeric", "a value begins with & or *, which have a meaning in YAML", "put the value in quotes"},
	{"UTF-8", "the file is not UTF-8 text", "save it in UTF-8"},
	{"control characters", "the file holds control characters", "save it as plain UTF-8 text"},
	{"UTF-16", "the file is not UTF-8 text", "save it in UTF-8"},
}

// tabIndent finds the first tab in the indentation of a line that is neither
// empty nor a comment.
func tabIndent(data []byte) (line, column int) {
	for i, l := range strings.Split(string(data), "\n") {
		body := strings.TrimLeft(l, " \t")
		if strings.TrimSpace(body) == "" || strings.HasPrefix(body, "#") {
			continue
		}
		if col := strings.IndexByte(l[:len(l)-len(body)], '\t'); col >= 0 {
			return i + 1, col + 1
		}
	}
	return 0, 0
}

// unevenIndent finds the first line that goes back to a depth at which no line
// above it began. The parser itself names only the start of the section.
func unevenIndent(data []byte) int {
	var open []int
	for i, l := range strings.Split(string(data), "\n") {
		body := strings.TrimLeft(l, " ")
		if strings.TrimSpace(body) == "" || strings.HasPrefix(body, "#") {
			continue
		}
		depth := len(l) - len(body)
		deeper := len(open) == 0 || depth > open[len(open)-1]
		for len(open) > 0 && open[len(open)-1] > depth {
			open = open[:len(open)-1]
		}
		switch {
		case deeper:
			open = append(open, depth)
		case len(open) == 0 || open[len(open)-1] != depth:
			return i + 1
		}
		for strings.HasPrefix(body, "- ") { // the entry's own keys begin behind the dash
			body = strings.TrimLeft(body[2:], " ")
			open = append(open, len(l)-len(body))
		}
	}
	return 0
}

// aliasLine finds the first value that begins with *, for an error that the
// parser gives no line for.
func aliasLine(data []byte) int {
	for i, l := range strings.Split(string(data), "\n") {
		if !strings.HasPrefix(strings.TrimLeft(l, " "), "#") && aliasValue.MatchString(l) {
			return i + 1
		}
	}
	return 0
}
