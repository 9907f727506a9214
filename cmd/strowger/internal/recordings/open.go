package recordings

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"strowger/media/record"
	"strowger/switch/fault"
	"strowger/switch/store"
)

// Open opens the file of a recording. The name comes from the index, never from
// who asks, and cannot lead out of the folder. Errors: NotFound, Unavailable.
func (k *Keeper) Open(_ context.Context, row store.Recording) (*os.File, error) {
	const op = "recordings: open"
	if row.State != store.RecordingSaved {
		return nil, fault.Newf(fault.NotFound, op, row.ID, "the recording has no file: it is %s; %s", row.State, row.Reason)
	}
	f, err := os.OpenInRoot(k.opt.Dir, filepath.FromSlash(row.File))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fault.New(fault.NotFound, op, row.ID, "the file of the recording is gone")
	case err != nil:
		return nil, fault.Wrap(fault.Unavailable, op, row.ID, err)
	}
	return f, nil
}

// Verify compares the file of a recording with the index. Errors: NotFound when
// there is no file, Conflict when it is another one than was kept.
func (k *Keeper) Verify(ctx context.Context, row store.Recording) error {
	f, err := k.Open(ctx, row)
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return fault.Wrap(fault.Unavailable, "recordings: verify", row.ID, err)
	}
	sum, size, err := record.Sum(ctx, filepath.Join(k.opt.Dir, filepath.FromSlash(row.File)))
	switch {
	case err != nil:
		return err
	case sum != row.SHA256 || size != row.Bytes:
		return fault.Newf(fault.Conflict, "recordings: verify", row.ID, "the file has changed: %d bytes with the hash %s, and %d bytes with the hash %s were kept", size, sum, row.Bytes, row.SHA256)
	}
	return nil
}
