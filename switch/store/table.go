package store

import (
	"context"
	"strings"
)

// Row is what a [Batch] projects from the journal into a table of its own,
// such as [Call]. Kinds of rows are made in this package, see doc.go.
type Row interface {
	// check refuses (Invalid) what no database would take.
	check() error
	// key names the row in logs.
	key() string
	// save writes the row. Written twice it is one row; of two with the same
	// key the one with the higher sequence number stays.
	save(ctx context.Context, t *tx, shard string) error
}

// table is a table of projected rows. Its columns include shard and seq: the
// journal's sequence number of the record that made the row.
type table struct {
	name    string
	columns string // for SELECT, in the order of the values that save gets
	insert  string
}

// projected are all tables whose rows come from the journal.
var projected = []*table{&callTable, &segmentTable, &stateTable, &attemptTable, &dispositionTable}

// newTable describes a table; keys are the columns of its primary key.
func newTable(name, keys, columns string) table {
	list := columnsOf(columns)
	isKey := map[string]bool{}
	for _, k := range columnsOf(keys) {
		isKey[k] = true
	}
	var sets []string
	for _, c := range list {
		if !isKey[c] {
			sets = append(sets, c+" = excluded."+c)
		}
	}
	return table{
		name: name, columns: strings.Join(list, ", "),
		insert: "INSERT INTO " + name + " (" + strings.Join(list, ", ") + ") VALUES (?" + strings.Repeat(", ?", len(list)-1) + ")" +
			" ON CONFLICT (" + keys + ") DO UPDATE SET " + strings.Join(sets, ", ") + " WHERE excluded.seq >= " + name + ".seq",
	}
}

func columnsOf(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' || r == '\t' })
}

// put writes a row with the values of the table's columns.
func (tb *table) put(ctx context.Context, t *tx, values []any) error {
	return t.put(ctx, tb.insert, values...)
}

// flag is how a yes or no is stored: as 1 or 0, because SQLite has no other
// form and PostgreSQL's own does not fit the same statements.
func flag(yes bool) int64 {
	if yes {
		return 1
	}
	return 0
}
