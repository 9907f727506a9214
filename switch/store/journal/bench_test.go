package journal

import (
	"fmt"
	"testing"
)

// BenchmarkAppendFlush writes batches of 300-byte records, the size of an
// ordinary engine input. ns/op and allocs/op are per record.
func BenchmarkAppendFlush(b *testing.B) {
	rec := make([]byte, 300)
	for _, batch := range []int{1, 16, 256} {
		b.Run(fmt.Sprintf("batch=%d", batch), func(b *testing.B) {
			j, _ := open(b, b.TempDir(), Options{})
			b.SetBytes(int64(len(rec)))
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				n++
				if err := j.Append(j.LastSeq()+1, rec); err != nil {
					b.Fatal(err)
				}
				if n%batch == 0 {
					if err := j.Flush(); err != nil {
						b.Fatal(err)
					}
				}
			}
			b.StopTimer()
			shut(b, j)
		})
	}
}

// TestAppendDoesNotAllocate holds the steady state to zero allocations.
func TestAppendDoesNotAllocate(t *testing.T) {
	j, _ := open(t, t.TempDir(), Options{})
	rec := make([]byte, 300)
	step := func() {
		for range 16 {
			if err := j.Append(j.LastSeq()+1, rec); err != nil {
				t.Fatal(err)
			}
		}
		j.buf = j.buf[:headerSize] // the flush is not measured here
	}
	step()
	if n := testing.AllocsPerRun(100, step); n != 0 {
		t.Fatalf("%v allocations per batch", n)
	}
}
