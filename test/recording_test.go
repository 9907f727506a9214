package test

import (
	bytesof "encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"strowger/cti/rest"
	"strowger/sip/siptest"
)

// recordSite records all calls of a queue.
func recordSite(channels string) string {
	return strings.ReplaceAll(`
ici: {enabled: false}
queues:
  - {id: sales, number: "600", ring_timeout: 60s, wrap_up: 0s, recording: {mode: always, channels: CHANNELS}}
agents:
  - {id: anna, line: "101", queues: [sales], station: {endpoint: "101"}}
  - {id: ben, line: "102", station: {endpoint: "102"}}
`, "CHANNELS", channels)
}

// The tones of the parties, what is said in a pause, and the common tone of the
// card's digits.
const (
	toneCaller, toneAnna, toneBen = 1000.0, 400.0, 650.0
	toneSecret, toneDigits        = 1900.0, 1477.0
	cardDigits                    = "369#" // in the column of 1477 Hz
)

// recordBlock is what is looked at in one go: 100 ms.
const recordBlock = 800

// wave is a recording as it was fetched.
type wave struct {
	t        *testing.T
	channels [][]int16
}

func (s wave) length() time.Duration {
	return time.Duration(len(s.channels[0])) * time.Second / 8000
}

// level is that of a tone in a block, in dB of full scale (Goertzel). The block
// is looked at through Hann's window: a loud tone is not taken for another one.
func (s wave) level(channel, block int, hz float64) float64 {
	pcm := s.channels[channel][block*recordBlock : (block+1)*recordBlock]
	w := 2 * math.Cos(2*math.Pi*hz/8000)
	var s1, s2 float64
	for i, v := range pcm {
		window := 1 - math.Cos(2*math.Pi*float64(i)/recordBlock) // 1 on average
		s1, s2 = window*float64(v)+w*s1-s2, s1
	}
	power := (s1*s1 + s2*s2 - w*s1*s2) / (recordBlock * recordBlock / 4) / (32768 * 32768)
	return 10 * math.Log10(power+1e-13)
}

// A tone of ours has -10 dB; music has up to -42 dB at the frequencies that are
// looked at.
const heardAbove, silentBelow = -30.0, -50.0

// A click, as where a tone begins or frames are lost, has as much at the
// frequencies beside one as at it. A tone stands out from them, also one of
// which a block holds 25 ms only.
const beside, standsOut = 120.0, 6.0

// stretch is a run of blocks in which the same tones are heard.
type stretch struct {
	tones    string // C caller, A anna, B ben
	from, to int    // blocks
}

// stretches splits a channel by what is heard in it. What lasts no longer than
// 200 ms is a moment in between.
func (s wave) stretches(channel int) (out []stretch) {
	for b := range len(s.channels[channel]) / recordBlock {
		tones := ""
		for i, hz := range []float64{toneCaller, toneAnna, toneBen} {
			if s.level(channel, b, hz) > heardAbove {
				tones += "CAB"[i : i+1]
			}
		}
		if n := len(out); n > 0 && out[n-1].tones == tones {
			out[n-1].to = b + 1
		} else {
			out = append(out, stretch{tones, b, b + 1})
		}
	}
	out = slices.DeleteFunc(out, func(x stretch) bool { return x.to-x.from <= 2 })
	for i := len(out) - 1; i > 0; i-- {
		if out[i].tones == out[i-1].tones { // a moment was between them
			out[i-1].to = out[i].to
			out = slices.Delete(out, i, i+1)
		}
	}
	return out
}

// mustBe checks that a channel has these stretches and no others. "-" is silence.
func (s wave) mustBe(channel int, want ...string) []stretch {
	s.t.Helper()
	got := s.stretches(channel)
	var words []string
	for _, x := range got {
		word := x.tones
		if word == "" {
			word = "-"
		}
		words = append(words, word)
	}
	if !slices.Equal(words, want) {
		s.t.Errorf("channel %d holds %v, want %v: %v", channel, words, want, got)
		return nil
	}
	return got
}

// mustBeClean checks that nothing of a pause is in the file, but for the
// stretches in which music plays.
func (s wave) mustBeClean(channel int, music ...stretch) {
	s.t.Helper()
	for b := range len(s.channels[channel]) / recordBlock {
		if slices.ContainsFunc(music, func(x stretch) bool { return b >= x.from-3 && b < x.to+3 }) {
			continue
		}
		for _, hz := range []float64{toneSecret, toneDigits} {
			if s.holds(channel, b, hz) {
				s.t.Errorf("channel %d at %.1f s: %g Hz of the pause is in the file (%.0f dB)", channel, float64(b)/10, hz, s.level(channel, b, hz))
			}
		}
	}
}

// holds reports whether a tone is in a block, however faint or short.
func (s wave) holds(channel, block int, hz float64) bool {
	l := s.level(channel, block, hz)
	return l > silentBelow && l > max(s.level(channel, block, hz-beside), s.level(channel, block, hz+beside))+standsOut
}

// TestRecordingLooksClosely plants what mustBeClean must find, and what it must
// not: a digit of 25 ms, and a loud tone that begins anywhere in a block.
func TestRecordingLooksClosely(t *testing.T) {
	t.Parallel()
	block := func(hz float64, from, to int, amplitude float64) wave {
		pcm := make([]int16, recordBlock)
		for i := from; i < to; i++ {
			pcm[i] = int16(amplitude * math.Sin(2*math.Pi*hz*float64(i)/8000))
		}
		return wave{t: t, channels: [][]int16{pcm}}
	}
	for at := 100; at <= 500; at += 40 {
		if !block(toneDigits, at, at+200, 3000).holds(0, 0, toneDigits) {
			t.Errorf("25 ms of a digit at sample %d are not found", at)
		}
	}
	for at := range recordBlock {
		for _, tone := range []float64{toneCaller, toneAnna, toneBen} {
			for _, w := range []wave{block(tone, at, recordBlock, 14600), block(tone, 0, at, 14600)} {
				if w.holds(0, 0, toneDigits) || w.holds(0, 0, toneSecret) {
					t.Fatalf("%g Hz that begins or ends at sample %d is taken for a tone of the pause", tone, at)
				}
			}
		}
	}
}

// mustBeZero checks that a pause is silence to the bit. A block at its edge may
// hold so little of a tone that it counts as silent.
func (s wave) mustBeZero(channel int, x stretch) {
	s.t.Helper()
	const edge = recordBlock / 4
	for i := x.from*recordBlock + edge; i < x.to*recordBlock-edge; i++ {
		if s.channels[channel][i] != 0 {
			s.t.Errorf("channel %d at %.3f s: the pause is not silent", channel, float64(i)/8000)
			return
		}
	}
}

// recording returns the only recording of a call once it is in a state.
func (s *site) recording(state string) rest.Recording {
	s.t.Helper()
	var l rest.RecordingList
	eventually(s.t, "the recording is "+state, func() bool {
		s.must(http.MethodGet, "/api/v1/recordings", nil, &l)
		return len(l.Recordings) == 1 && l.Recordings[0].State == state
	}, &l)
	return l.Recordings[0]
}

// audio fetches bytes of a recording's sound; ask is the Range header.
func (s *site) audio(id, ask string) (*http.Response, []byte) {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, "http://strowger/api/v1/recordings/"+id+"/audio", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	if ask != "" {
		req.Header.Set("Range", ask)
	}
	resp, err := s.http.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	b, err := io.ReadAll(resp.Body)
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		s.t.Fatal(err)
	}
	return resp, b
}

// sound fetches a recording and checks that it is what the index says.
func (s *site) sound(r rest.Recording) wave {
	s.t.Helper()
	resp, b := s.audio(r.ID, "")
	le := bytesof.LittleEndian
	if resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != "audio/wav" || int64(len(b)) != r.Bytes ||
		int(le.Uint16(b[22:])) != r.Channels || int(le.Uint32(b[40:])) != len(b)-44 {
		s.t.Fatalf("%s, %d bytes of %+v", resp.Status, len(b), r)
	}
	out := wave{t: s.t, channels: make([][]int16, r.Channels)}
	for i := 44; i+1 < len(b); i += 2 {
		c := (i - 44) / 2 % r.Channels
		out.channels[c] = append(out.channels[c], int16(le.Uint16(b[i:])))
	}
	if d := out.length() - time.Duration(r.Duration*float64(time.Second)); d.Abs() > time.Millisecond {
		s.t.Errorf("%v of sound, the index says %v s", out.length(), r.Duration)
	}
	var verdict rest.RecordingVerdict
	s.must(http.MethodGet, "/api/v1/recordings/"+r.ID+"/verify", nil, &verdict)
	if !verdict.Good {
		s.t.Errorf("%+v", verdict)
	}
	return out
}

// pass lets so many frames of 20 ms come to a leg.
func pass(t *testing.T, l *siptest.Leg, frames uint64) {
	t.Helper()
	ctx, cancel := contextFor(t, waitFor)
	defer cancel()
	if err := l.Heard().WaitFrames(ctx, frames); err != nil {
		t.Fatal(err)
	}
}

const second = 50 // frames

// recorded brings up a recorded talk: the caller says 1000 Hz, anna 400 Hz.
func (s *site) recorded() (caller, anna *siptest.Leg) {
	s.t.Helper()
	caller, anna = s.talking()
	caller.Say(toneCaller)
	anna.Say(toneAnna)
	caller.MustHear(toneAnna)
	anna.MustHear(toneCaller)
	s.recording("recording")
	return caller, anna
}

// speakCard pauses the recording, says and presses what must not be in it, and
// leaves it paused.
func (s *site) speakCard(caller, anna *siptest.Leg) {
	s.t.Helper()
	s.must(http.MethodPost, "/api/v1/connections/"+s.agentConn().ID+"/pause-recording", rest.PauseRecordingRequest{Reason: "card"}, nil)
	s.recording("paused")
	caller.Say(toneSecret)
	anna.Say(toneSecret)
	caller.MustHear(toneSecret)
	if err := caller.SendDTMF(cardDigits); err != nil {
		s.t.Fatal(err)
	}
	if err := caller.SendInbandDTMF(cardDigits); err != nil {
		s.t.Fatal(err)
	}
	pass(s.t, anna, second)
	caller.Say(toneCaller)
	anna.Say(toneAnna)
	caller.MustHear(toneAnna)
	anna.MustHear(toneCaller)
}

func (s *site) resumeRecording() {
	s.t.Helper()
	s.must(http.MethodPost, "/api/v1/connections/"+s.agentConn().ID+"/resume-recording", nil, nil)
	s.recording("recording")
}

// TestRecording records a talk with a hold, a pause, a consultation and a
// transfer. Each tone is in its stretch of the file and nowhere else; nothing
// of the pause and nothing of the consultation is in it. The hold, the pause and
// the consultation each begin a new part, which nobody can hear.
func TestRecording(t *testing.T) {
	s := stage(t, recordSite("mono"))
	ben := s.desk("102")
	s.agentState("ben", "ready")
	caller, anna := s.recorded()
	pass(t, caller, second)
	conn := s.agentConn()
	s.command(conn, "hold")
	s.waitConn("hold")
	pass(t, caller, second)
	s.command(conn, "retrieve")
	s.waitConn("connected")
	caller.MustHear(toneAnna)
	pass(t, caller, second)
	s.speakCard(caller, anna)
	s.resumeRecording()
	pass(t, caller, second)
	call := s.calls()[0]
	s.must(http.MethodPost, "/api/v1/connections/"+conn.ID+"/consult", rest.ToRequest{To: "agent:ben"}, nil)
	b := ben.Expect()
	b.MustAnswer()
	b.Say(toneBen)
	anna.MustHear(toneBen)
	b.MustHear(toneAnna)
	pass(t, caller, second)
	s.must(http.MethodPost, "/api/v1/connections/"+conn.ID+"/transfer", nil, nil)
	caller.MustHear(toneBen)
	b.MustHear(toneCaller)
	anna.MustEnd()
	pass(t, caller, second)
	ended := time.Now()
	caller.MustHangup()
	b.MustEnd()
	r := s.recording("saved")
	if r.Call != call.ID || r.Queue != "sales" || !slices.Equal(r.Agents, []string{"anna", "ben"}) || r.Parts != 4 || len(r.Gaps) != 0 || len(r.Pauses) != 1 || r.Pauses[0].Reason != "card" {
		t.Errorf("the index says %+v", r)
	}
	f := s.sound(r)
	got := f.mustBe(0, "CA", "C", "CA", "-", "CA", "C", "CB")
	if got == nil {
		t.FailNow()
	}
	f.mustBeZero(0, got[3])
	f.mustBeClean(0, got[1], got[5])
	wall := ended.Sub(*r.StartedAt)
	if d := f.length() - wall; d < -200*time.Millisecond || d > 500*time.Millisecond {
		t.Errorf("%v of sound for %v", f.length(), wall)
	}
	paused := r.Pauses[0].To.Sub(*r.Pauses[0].From)
	if d := time.Duration(got[3].to-got[3].from)*100*time.Millisecond - paused; d.Abs() > 400*time.Millisecond {
		t.Errorf("the pause lasted %v, and the silence differs by %v", paused, d)
	}
	progress(fmt.Sprintf("recording: %v of sound for %v of talk; saved %v after the end", f.length(), wall.Round(time.Millisecond), r.StoredAt.Sub(ended).Round(time.Millisecond)))
	s.mustBeGuarded(r)
	s.noLeftovers()
	s.mustBeCollected(1)
}

// mustBeGuarded asks for the sound in all the ways that must not work.
func (s *site) mustBeGuarded(r rest.Recording) {
	s.t.Helper()
	resp, b := s.audio(r.ID, "bytes=44-143")
	if resp.StatusCode != http.StatusPartialContent || len(b) != 100 || resp.Header.Get("Content-Range") != fmt.Sprintf("bytes 44-143/%d", r.Bytes) {
		s.t.Errorf("a range: %s, %d bytes, %q", resp.Status, len(b), resp.Header.Get("Content-Range"))
	}
	if resp, _ := s.audio(r.ID, fmt.Sprintf("bytes=%d-", r.Bytes)); resp.StatusCode != http.StatusRequestedRangeNotSatisfiable {
		s.t.Errorf("a range behind the end: %s", resp.Status)
	}
	for _, id := range []string{"..%2f..%2fetc%2fpasswd", "%2e%2e", strings.Repeat("0", 26), r.ID + ".wav", "%2fetc%2fpasswd", "x"} {
		if resp, _ := s.audio(id, ""); resp.StatusCode != http.StatusNotFound && resp.StatusCode != http.StatusBadRequest {
			s.t.Errorf("%s: %s", id, resp.Status)
		}
	}
	var trail rest.AuditList
	s.must(http.MethodGet, "/api/v1/audit", nil, &trail)
	heard := 0
	for _, e := range trail.Entries {
		if e.Operation == "playRecording" && e.Subject == r.ID && e.Outcome == "accepted" {
			heard++
		}
	}
	if heard != 3 { // the whole and two ranges
		s.t.Errorf("%d hearings are in the audit, want 3: %+v", heard, trail.Entries)
	}
}

// mustBeCollected checks that there is one file for each recording, for nobody
// else to read, and that nothing is left at Asterisk.
func (s *site) mustBeCollected(files int) {
	s.t.Helper()
	var found []string
	err := filepath.WalkDir(filepath.Join(s.dir, "var", "recordings"), func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			found = append(found, path)
			if info, err := d.Info(); err != nil || info.Mode().Perm() != 0o600 {
				s.t.Errorf("%s: %v, %v", path, info.Mode(), err)
			}
		}
		return err
	})
	if err != nil || len(found) != files {
		s.t.Errorf("files: %v, %v", found, err)
	}
	s.tapesFetched()
}

// tapesFetched waits until no recording is left at Asterisk.
func (s *site) tapesFetched() {
	s.t.Helper()
	eventually(s.t, "no recording is left at Asterisk", func() bool {
		left, err := filepath.Glob(filepath.Join(s.asterisk.RecordingDir(), "sw-r-*"))
		return err == nil && len(left) == 0
	})
}

// TestRecordingStaysPaused kills the controller while a recording in two
// channels is paused (fault 50): it stays paused, and nothing of the pause is in
// the file; each side is in its channel.
func TestRecordingStaysPaused(t *testing.T) {
	s := stage(t, recordSite("stereo"))
	caller, anna := s.recorded()
	pass(t, caller, second)
	s.speakCard(caller, anna)
	caller.Say(toneSecret)
	anna.Say(toneSecret)
	s.restart(true)
	s.recording("paused")
	caller.MustHear(toneSecret)
	pass(t, caller, second)
	caller.Say(toneCaller)
	anna.Say(toneAnna)
	caller.MustHear(toneAnna)
	anna.MustHear(toneCaller)
	s.resumeRecording()
	pass(t, caller, second)
	caller.MustHangup()
	anna.MustEnd()
	r := s.recording("saved")
	f := s.sound(r)
	for channel, tone := range []string{"C", "A"} {
		if got := f.mustBe(channel, tone, "-", tone); got != nil {
			f.mustBeZero(channel, got[1])
		}
		f.mustBeClean(channel)
	}
	s.noLeftovers()
	s.mustBeCollected(1)
}

// TestRecordingSurvivesAsterisk kills Asterisk in a recorded talk: the file is
// put right, can be played, and lacks no more than Asterisk had not written.
func TestRecordingSurvivesAsterisk(t *testing.T) {
	s := stageOn(t, ownAsterisk(t, nil), recordSite("mono"))
	s.disturbed = true
	phone, desk := s.caller("4917055501"), s.desk("101")
	s.agentState("anna", "ready")
	caller := phone.Dial("600")
	anna := desk.Expect()
	anna.MustAnswer()
	caller.MustBeAnswered()
	caller.Say(toneCaller)
	anna.Say(toneAnna)
	s.recording("recording")
	pass(t, caller, 7*second)
	began := *s.recording("recording").StartedAt
	done := s.asterisk.Done()
	talked := time.Since(began)
	if err := s.asterisk.Kill(); err != nil {
		t.Fatal(err)
	}
	<-done
	phone.Abandon() // they would wait for answers to their BYE
	desk.Abandon()
	if err := s.asterisk.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	r := s.recording("saved")
	f := s.sound(r)
	if !r.Repaired || f.length() < talked-4100*time.Millisecond {
		t.Errorf("%v of sound for %v of talk: %+v", f.length(), talked, r)
	}
	f.mustBe(0, "CA")
	progress(fmt.Sprintf("Asterisk killed in a recording: %v of %v are kept", f.length(), talked.Round(time.Millisecond)))
	s.mustBeCollected(1)
}
