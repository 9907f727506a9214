package store

import (
	"regexp"
	"strconv"
	"strings"

	"strowger/switch/fault"
)

// dialect is what differs between the databases. Every statement and every
// migration exists once; a dialect puts it into its database's form.
type dialect struct {
	name string
	// sql puts a statement into the database's form, see doc.go.
	sql func(string) string
	// types are the words for column types in migrations.
	types map[string]string
	// lock makes a writing transaction the only one of the database; empty where BEGIN does it.
	lock string
	// patience, with a number of milliseconds behind it, says how long the
	// connection waits for another process's lock from then on.
	patience string
	// sort tells what a driver's error means. The kind is 0 when it is not the driver's.
	sort func(error) verdict
}

// verdict is what a driver's error means.
type verdict struct {
	kind   fault.Kind
	reason string
	again  bool // another transaction was in the way: the same one may succeed at once
}

var typeWords = regexp.MustCompile(`\b(AUTOID|INTEGER|REAL|TEXT|BLOB)\b`)

// migration puts the text of a migration into the database's form.
func (d *dialect) migration(text string) string {
	return typeWords.ReplaceAllStringFunc(text, func(word string) string {
		if own, ok := d.types[word]; ok {
			return own
		}
		return word
	})
}

// rewrite replaces what stands outside of quotes: each parameter (?, ?7) by
// what parameter makes of its number, and LIST(column) by what list makes of
// the column, or of a parameter with a number.
func rewrite(stmt string, parameter func(n int) string, list func(column string) string) string {
	var b strings.Builder
	b.Grow(len(stmt) + 64)
	next, quoted := 0, false
	for i := 0; i < len(stmt); i++ {
		switch c := stmt[i]; {
		case c == '\'':
			quoted = !quoted
			b.WriteByte(c)
		case quoted:
			b.WriteByte(c)
		case c == '?':
			end := i + 1
			for end < len(stmt) && stmt[end] >= '0' && stmt[end] <= '9' {
				end++
			}
			n, err := strconv.Atoi(stmt[i+1 : end])
			if err != nil { // a bare one counts on
				next++
				n = next
			}
			b.WriteString(parameter(n))
			i = end - 1
		case strings.HasPrefix(stmt[i:], "LIST("):
			column, _, _ := strings.Cut(stmt[i+len("LIST("):], ")")
			b.WriteString(list(rewrite(column, parameter, list)))
			i += len("LIST(") + len(column)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}
