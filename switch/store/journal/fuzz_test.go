package journal

import (
	"bytes"
	"testing"
)

func FuzzDecodeRecord(f *testing.F) {
	f.Add([]byte{})
	f.Add(appendRecord(nil, 1, []byte("one")))
	f.Add(append(appendRecord(nil, 1<<63, nil), 0xff))
	f.Add(bytes.Repeat([]byte{0xff}, 40))
	f.Fuzz(func(t *testing.T, b []byte) {
		seq, rec, size, err := decodeRecord(b)
		if err != nil {
			if size != 0 || rec != nil {
				t.Fatalf("an error with a record: %d bytes", size)
			}
			return
		}
		if size > len(b) || !bytes.Equal(appendRecord(nil, seq, rec), b[:size]) {
			t.Fatalf("record %d does not encode to what was decoded", seq)
		}
	})
}

func FuzzScan(f *testing.F) {
	good, _ := image(f, 3)
	f.Add(good)
	f.Add(good[headerSize:])
	f.Add(append(bytes.Repeat([]byte{0}, 50), good[headerSize:]...))
	f.Fuzz(func(t *testing.T, b []byte) {
		runs, _, err := scan(b, 1)
		if err != nil {
			return
		}
		end, last := int64(0), uint64(0)
		for _, r := range runs {
			if r.start < end || r.end <= r.start || r.end > int64(len(b)) || r.first <= last || r.last < r.first {
				t.Fatalf("runs %+v of %d bytes", runs, len(b))
			}
			end, last = r.end, r.last
		}
	})
}

func FuzzDecodeSnapshot(f *testing.F) {
	f.Add(append(snapshotHeader(5, []byte("data")), "data"...))
	f.Add([]byte(snapshotMagic))
	f.Fuzz(func(t *testing.T, b []byte) {
		seq, data, err := decodeSnapshot(b)
		if err == nil && len(snapshotHeader(seq, data))+len(data) != len(b) {
			t.Fatalf("snapshot %d has %d bytes of data in %d", seq, len(data), len(b))
		}
	})
}
