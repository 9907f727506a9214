package recordings

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/port"
	"strowger/switch/store"
)

// rig is a Keeper whose server, index and switch are in memory. It is no
// Source, Index and Switch of its own: the fields are what they hold.
type rig struct {
	*Keeper
	t       *testing.T
	tracks  map[callmodel.RecordName][]byte
	away    bool // the server cannot be reached
	fetched []callmodel.RecordName
	rows    map[string]store.Recording
	broken  error // of the index, when it writes
	told    []callmodel.Input
	free    uint64
	view    callmodel.View
}

func newRig(t *testing.T, adjust func(*Options)) *rig {
	t.Helper()
	r := &rig{t: t, tracks: map[callmodel.RecordName][]byte{}, rows: map[string]store.Recording{}, free: 1 << 40}
	o := Options{
		Dir: t.TempDir(), MinFree: 1000, Source: server{r}, Index: index{r},
		Tell: func(_ context.Context, in callmodel.Input) error {
			r.told = append(r.told, in)
			return nil
		},
		Free: func(string) (uint64, error) { return r.free, nil },
	}
	if adjust != nil {
		adjust(&o)
	}
	k, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	k.sw = exchange{r: r}
	r.Keeper = k
	return r
}

type exchange struct {
	port.Switch
	r *rig
}

func (e exchange) View(context.Context) (*callmodel.View, error) { return &e.r.view, nil }

type server struct{ r *rig }

func (s server) Tracks(context.Context) (map[callmodel.NodeID][]callmodel.RecordName, error) {
	var names []callmodel.RecordName
	for n := range s.r.tracks {
		names = append(names, n)
	}
	return map[callmodel.NodeID][]callmodel.RecordName{"a1": names}, nil
}

func (s server) Fetch(_ context.Context, node callmodel.NodeID, n callmodel.RecordName, w io.Writer, _ int64) error {
	b, there := s.r.tracks[n]
	switch {
	case s.r.away:
		return fault.New(fault.Unavailable, "fetch", string(n), "the server is away")
	case !there || node != "a1":
		return fault.New(fault.NotFound, "fetch", string(n), "no such track")
	}
	s.r.fetched = append(s.r.fetched, n)
	_, err := w.Write(b)
	return err
}

func (s server) Delete(_ context.Context, _ callmodel.NodeID, n callmodel.RecordName) error {
	if _, there := s.r.tracks[n]; !there {
		return fault.New(fault.NotFound, "delete", string(n), "no such track")
	}
	delete(s.r.tracks, n)
	return nil
}

type index struct{ r *rig }

func (x index) SaveRecording(_ context.Context, row store.Recording) error {
	if x.r.broken == nil {
		x.r.rows[row.ID] = row
	}
	return x.r.broken
}

func (x index) Recording(_ context.Context, id string) (store.Recording, error) {
	row, there := x.r.rows[id]
	if !there {
		return row, fault.New(fault.NotFound, "index", id, "no such recording")
	}
	return row, nil
}

func (x index) ListRecordings(_ context.Context, f store.RecordingFilter) (out []store.Recording, _ error) {
	for _, row := range x.r.rows {
		due := f.Due.IsZero() || row.State == store.RecordingSaved && !row.KeepUntil.IsZero() && !row.KeepUntil.After(f.Due)
		if due && (f.State == "" || f.State == row.State) {
			out = append(out, row)
		}
	}
	return out, nil
}

// at is a moment of the switch's clock; its wall time is that of base later.
func at(d time.Duration) callmodel.Instant { return callmodel.Instant(1_000_000).Add(d) }

var base = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

func wall(i callmodel.Instant) time.Time {
	if i == 0 {
		return time.Time{}
	}
	return base.Add(i.Sub(at(0)))
}

var recordingID = func() callmodel.RecordingID {
	id, err := callmodel.ParseID("01M7Z2W7J7KEEDMEF4YM1QJDAP")
	if err != nil {
		panic(err)
	}
	return callmodel.RecordingID{ID: id}
}()

func trackName(part int) callmodel.RecordName {
	return callmodel.RecordName(fmt.Sprintf("%s%s-%d-both", callmodel.RecordPrefix, recordingID, part))
}

// sound is a track of one value; claimed is the length in its header, -1 for
// the right one.
func sound(value int16, d time.Duration, claimed int) []byte {
	n := int(d * 8000 / time.Second)
	if claimed < 0 {
		claimed = 2 * n
	}
	b := []byte("RIFF\x00\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x80\x3e\x00\x00\x02\x00\x10\x00data")
	b = binary.LittleEndian.AppendUint32(b, uint32(claimed))
	for range n {
		b = binary.LittleEndian.AppendUint16(b, uint16(value))
	}
	return b
}

// record makes a recording whose parts lie at the server, from and to in turn.
func (r *rig) record(times ...time.Duration) *job {
	rec := &callmodel.Recording{
		ID: recordingID, Number: 1, Node: "a1", Queue: "sales", Channels: callmodel.RecordMono,
		AskedAt: at(times[0]), StartedAt: at(times[0]), EndedAt: at(times[len(times)-1]),
	}
	for pair := range slices.Chunk(times, 2) {
		rec.Parts++
		n := trackName(rec.Parts)
		rec.Tracks = append(rec.Tracks, callmodel.RecordTrack{Name: n, Part: rec.Parts, Spy: callmodel.SpyBoth, State: callmodel.TrackEnded, StartedAt: at(pair[0]), EndedAt: at(pair[1])})
		r.tracks[n] = sound(int16(100*rec.Parts), pair[1]-pair[0], -1)
	}
	return &job{r: rec, wall: wall}
}

// kept keeps a recording and returns its row and what its file holds.
func (r *rig) kept(j *job) (store.Recording, []int16) {
	r.t.Helper()
	if err := r.keep(r.t.Context(), j); err != nil {
		r.t.Fatal(err)
	}
	row := r.rows[j.r.ID.String()]
	if row.File == "" {
		return row, nil
	}
	b, err := os.ReadFile(filepath.Join(r.opt.Dir, row.File))
	if err != nil {
		r.t.Fatal(err)
	}
	pcm := make([]int16, (len(b)-44)/2)
	for i := range pcm {
		pcm[i] = int16(binary.LittleEndian.Uint16(b[44+2*i:]))
	}
	return row, pcm
}
