package doctor

import (
	"context"
	"fmt"
	"strings"

	"strowger/switch/fault"
	"strowger/switch/store"
)

// database looks at the database that store.url names, and changes nothing in it.
func (e *examiner) database(ctx context.Context) []Finding {
	const id = "database"
	url := e.cfg.Store.URL
	if strings.HasPrefix(url, "sqlite::memory:") {
		return []Finding{{ID: id, Severity: Skip, What: "the database is in memory"}}
	}
	c, err := store.Examine(ctx, url, store.Options{Password: e.cfg.Store.Password.Reveal()})
	const cannot = "the controller cannot start; a running one keeps rows back, and calls go on"
	switch {
	case fault.Is(err, fault.NotFound):
		return []Finding{ok(id, "%s", fault.ReasonOf(err))}
	case fault.Is(err, fault.Unsupported):
		return []Finding{fail(id+".version", fault.ReasonOf(err), cannot, "strowger version   and the database that store.url names")}
	case err != nil:
		return []Finding{fail(id+".unreachable", fault.ReasonOf(err), cannot, "correct store.url and store.password, or start the database server")}
	case !c.MayAdd && c.Tables < c.Newest:
		return []Finding{fail(id+".rights", "the user may not make tables", cannot, "as the owner of the database: GRANT USAGE, CREATE ON SCHEMA public TO USER")}
	case c.Tables == 0:
		return []Finding{ok(id, "%s answers; there are no tables yet: the first start makes them", c.Server)}
	case c.Tables < c.Newest:
		return []Finding{note(id+".older", fmt.Sprintf("%s answers; its tables have version %d, the next start makes version %d of them", c.Server, c.Tables, c.Newest),
			"an older version of this program cannot use them afterwards", "make a backup first")}
	}
	return []Finding{ok(id, "%s answers, tables of version %d, %s", c.Server, c.Tables, size(uint64(max(c.Bytes, 0))))}
}
