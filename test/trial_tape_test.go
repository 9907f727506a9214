package test

import (
	"os"
	"path/filepath"
	"time"

	wav "strowger/media/record"
	"strowger/switch/store"
	"strowger/test/invariants"
)

// tapes are the files of recordings as they lie on the disk, and the
// recordings in the database of a controller that has ended.
func (s *site) tapes() (files []invariants.File, rows []invariants.Recorded) {
	s.t.Helper()
	db, err := store.Open(s.t.Context(), "sqlite:"+filepath.Join(s.dir, "var", "strowger.db"), store.Options{})
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = db.Close() }() // it was only read
	list, err := db.ListRecordings(s.t.Context(), store.RecordingFilter{Limit: 1000})
	if err != nil {
		s.t.Fatal(err)
	}
	for _, r := range list {
		rows = append(rows, invariants.Recorded{Name: r.File, From: r.Started, To: r.Ended})
	}
	dir := filepath.Join(s.dir, "var", "recordings")
	err = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		files = append(files, tape(filepath.ToSlash(name), path))
		return nil
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return files, rows
}

// tape reads one file. Who cannot be read cannot be played; a header that does
// not tell the length stops players, too.
func tape(name, path string) invariants.File {
	f := invariants.File{Name: name}
	track, err := wav.Open(path)
	if err != nil {
		return f
	}
	defer func() { _ = track.Close() }() // it was only read
	f.Playable = !track.Repaired
	f.Length = time.Duration(track.Samples) * time.Second / 8000
	return f
}
