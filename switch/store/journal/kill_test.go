package journal

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

// TestMain lets the test binary be the controller that is killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv("JOURNAL_TEST_VICTIM"); dir != "" {
		victim(dir)
	}
	os.Exit(m.Run())
}

// victim writes records for ever and prints each sequence number once its
// flush has returned.
func victim(dir string) {
	j, _, err := Open(dir, Options{SegmentBytes: 16 << 10})
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	for n := uint64(1); ; n++ {
		seq := j.LastSeq() + 1
		err := j.Append(seq, payload(seq))
		if err == nil && n%3 == 0 {
			if err = j.Flush(); err == nil {
				fmt.Println(seq)
			}
		}
		if err == nil && n%900 == 0 {
			err = j.SaveSnapshot(seq, []byte(strconv.FormatUint(seq, 10)))
		}
		if err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
	}
}

// TestKillLosesNothingFlushed kills a writer with SIGKILL again and again, in
// the same folder, and demands every record it reported as flushed.
func TestKillLosesNothingFlushed(t *testing.T) {
	dir := t.TempDir()
	var reported uint64
	for round := range 8 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "JOURNAL_TEST_VICTIM="+dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		enough := 300 + 211*round
		for n := 0; lines.Scan(); n++ {
			if n == enough {
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
			seq, err := strconv.ParseUint(strings.TrimSpace(lines.Text()), 10, 64)
			if err != nil {
				if n > enough {
					break // a line cut off by the kill
				}
				t.Fatalf("the writer says %q", lines.Text())
			}
			if seq <= reported {
				t.Fatalf("the writer began again at %d after %d", seq, reported)
			}
			reported = seq
		}
		_ = cmd.Wait() // it was killed
		j, rep := open(t, dir, Options{})
		if rep.Last < reported {
			t.Fatalf("round %d: %d was flushed, the journal ends with %d", round, reported, rep.Last)
		}
		for _, i := range rep.Incidents {
			if i.Kind != TornTail {
				t.Fatalf("round %d: %+v", round, i)
			}
		}
		from, data, err := j.LatestSnapshot()
		if err != nil || (from > 0 && string(data) != strconv.FormatUint(from, 10)) {
			t.Fatalf("snapshot %d %q: %v", from, data, err)
		}
		check(t, j, from, rep.Last)
		if j.SyncedSeq() != rep.Last {
			t.Fatalf("synced %d of %d after a start", j.SyncedSeq(), rep.Last)
		}
		shut(t, j)
	}
	t.Logf("%d records flushed over 8 kills", reported)
	if reported < 5000 {
		t.Fatalf("only %d records were written", reported)
	}
}
