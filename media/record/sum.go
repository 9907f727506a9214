package record

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"

	"strowger/switch/fault"
)

// Sum returns the SHA-256 of a file and its length.
func Sum(ctx context.Context, path string) (sum string, size int64, err error) {
	const op = "record: sum"
	f, err := os.Open(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return "", 0, fault.Wrap(fault.NotFound, op, path, err)
	case err != nil:
		return "", 0, fault.Wrap(fault.Unavailable, op, path, err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	h := sha256.New()
	buf := make([]byte, 256<<10)
	for {
		if err := ctx.Err(); err != nil {
			return "", 0, fault.Wrap(fault.Stopped, op, path, err)
		}
		n, err := f.Read(buf)
		_, _ = h.Write(buf[:n]) // a hash never fails
		size += int64(n)
		if errors.Is(err, io.EOF) {
			return hex.EncodeToString(h.Sum(nil)), size, nil
		}
		if err != nil {
			return "", 0, fault.Wrap(fault.Unavailable, op, path, err)
		}
	}
}
