package store

import (
	"context"
	"embed"
	"io/fs"
	"regexp"
	"strconv"

	"strowger/switch/fault"
)

//go:embed migrations
var migrationFiles embed.FS

// migration is one step from a version of the tables to the next.
type migration struct {
	version int64
	file    string
	text    string
}

// versionTable has a row per migration that was made. The first versions of
// this program used goose for it, and those refuse newer tables by reading it,
// so its name and columns stay.
const versionTable = "goose_db_version"

var migrationName = regexp.MustCompile(`^([0-9]{5})_[a-z0-9_]+\.sql$`)

// migrations returns all there are, oldest first.
func migrations() ([]migration, error) {
	const op = "store: migrations"
	files, err := fs.Glob(migrationFiles, "migrations/*")
	if err != nil {
		return nil, fault.Wrap(fault.Internal, op, "", err)
	}
	var list []migration
	for _, file := range files {
		text, err := migrationFiles.ReadFile(file)
		if err != nil {
			return nil, fault.Wrap(fault.Internal, op, file, err)
		}
		m := migration{file: file[len("migrations/"):], text: string(text)}
		if name := migrationName.FindStringSubmatch(m.file); name != nil {
			m.version, err = strconv.ParseInt(name[1], 10, 64)
		}
		if err != nil || m.version != int64(len(list)+1) {
			return nil, fault.Newf(fault.Internal, op, m.file, "the next file must be named %05d_some_words.sql", len(list)+1)
		}
		list = append(list, m)
	}
	return list, nil
}

// migrate brings the tables up to date, one transaction per migration. The
// version is read and the step made under the lock of a writing transaction,
// so several programs may start at once, and a step that fails leaves the
// version before it.
func (s *Store) migrate(ctx context.Context, list []migration) error {
	const op = "store: migrate"
	newest := list[len(list)-1].version
	if have, err := s.schemaVersion(ctx); err == nil && have == newest {
		return nil // nothing to write, so another writer's lock does not matter
	}
	for done := false; !done; {
		err := s.update(ctx, op, "", func(ctx context.Context, t *tx) error {
			have, err := makeVersionTable(ctx, t)
			if err != nil {
				return err
			}
			if have > newest {
				return newerTables(op, have, newest)
			}
			if done = have == newest; done {
				return nil
			}
			return t.migrate(ctx, list[have])
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func newerTables(op string, have, newest int64) error {
	return fault.Newf(fault.Unsupported, op, "",
		"the tables have version %d, this program knows %d; start the newer version, or open a copy from before the upgrade", have, newest)
}

func makeVersionTable(ctx context.Context, t *tx) (have int64, err error) {
	table := `CREATE TABLE IF NOT EXISTS ` + versionTable + ` (id AUTOID, version_id INTEGER NOT NULL, is_applied INTEGER NOT NULL)`
	if err := t.exec(ctx, t.d.migration(table)); err != nil {
		return 0, err
	}
	return have, t.queryRow(ctx, selectSchema).Scan(&have)
}

const selectSchema = `SELECT COALESCE(MAX(version_id), 0) FROM ` + versionTable

func (t *tx) migrate(ctx context.Context, m migration) error {
	if _, err := t.sql.ExecContext(ctx, t.d.migration(m.text)); err != nil {
		return &fault.Error{
			Kind: fault.Unavailable, Op: "store: migrate", Subject: m.file, Err: err,
			Reason: "the tables could not be brought to the next version and are as they were",
		}
	}
	return t.exec(ctx, `INSERT INTO `+versionTable+` (version_id, is_applied) VALUES (?, 1)`, m.version)
}

// schemaVersion returns the version of the tables.
func (s *Store) schemaVersion(ctx context.Context) (have int64, err error) {
	return have, s.queryRow(ctx, selectSchema).Scan(&have)
}
