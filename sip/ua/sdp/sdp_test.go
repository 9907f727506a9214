package sdp

import (
	"net/netip"
	"strings"
	"testing"

	"strowger/media/codec"
	"strowger/switch/fault"
)

const full = "v=0\r\no=- 5 6 IN IP4 192.0.2.9\r\ns=x\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n" +
	"m=video 4 RTP/AVP 99\r\na=rtpmap:99 H264/90000\r\na=inactive\r\nc=IN IP4 192.0.2.77\r\n" +
	"m=audio 4000 RTP/AVP 9 8 0 96\r\na=rtpmap:96 telephone-event/8000\r\na=rtpmap:8 PCMA/8000\r\na=sendonly\r\n" +
	"m=audio 5000 RTP/SAVP 0\r\n"

var both = []codec.Codec{codec.PCMU, codec.PCMA}

func TestParseAndAnswer(t *testing.T) {
	t.Parallel()
	offer, err := Parse([]byte(full))
	if err != nil {
		t.Fatal(err)
	}
	if offer.Audio != netip.MustParseAddrPort("192.0.2.1:4000") || offer.ID != 5 || offer.Version != 6 || offer.EventType != 96 ||
		offer.Direction != SendOnly || len(offer.Codecs) != 2 || offer.Codecs[0] != codec.PCMA {
		t.Fatalf("%+v", offer)
	}
	ans, err := offer.Answer(Description{ID: 1, Version: 2, Audio: netip.MustParseAddrPort("127.0.0.1:6000")}, both, SendRecv)
	if err != nil {
		t.Fatal(err)
	}
	want := "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=video 0 RTP/AVP 99\r\nm=audio 6000 RTP/AVP 8 96\r\n" +
		"a=rtpmap:8 PCMA/8000\r\na=rtpmap:96 telephone-event/8000\r\na=fmtp:96 0-15\r\na=ptime:20\r\na=recvonly\r\nm=audio 0 RTP/SAVP 0\r\n"
	if got := string(ans.Marshal()); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if _, err := offer.Answer(Description{}, []codec.Codec{codec.PCMU}, SendRecv); err != nil {
		t.Error(err)
	}
	if _, err := offer.Answer(Description{}, nil, SendRecv); !fault.Is(err, fault.Unsupported) {
		t.Errorf("no common codec: %v", err)
	}
}

func TestDirections(t *testing.T) {
	t.Parallel()
	for _, d := range []Direction{Inactive, SendOnly, RecvOnly, SendRecv} {
		x := Description{Audio: netip.MustParseAddrPort("[2001:db8::1]:40"), Codecs: both, EventType: DefaultEventType, Direction: d}
		got, err := Parse(x.Marshal())
		if err != nil || got.Direction != d || got.Audio != x.Audio || d.Reverse().Reverse() != d || d.Reverse().Sends() != d.Receives() {
			t.Errorf("%v: %+v %v", d, got, err)
		}
	}
	old := strings.Replace(full, "192.0.2.1", "0.0.0.0", 1)
	old = strings.Replace(old, "a=sendonly\r\n", "", 1)
	if got, err := Parse([]byte(old)); err != nil || got.Direction != SendOnly {
		t.Errorf("c=0.0.0.0: %v %v, want sendonly", got.Direction, err)
	}
}

func TestBad(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		raw  string
		kind fault.Kind
	}{
		"empty":    {"", fault.Invalid},
		"not sdp":  {"hello", fault.Invalid},
		"no audio": {"v=0\nc=IN IP4 1.2.3.4\nm=video 1 RTP/AVP 0\n", fault.Unsupported},
		"no c":     {"v=0\nm=audio 1 RTP/AVP 0\n", fault.Invalid},
		"name":     {"v=0\nc=IN IP4 host.example\nm=audio 1 RTP/AVP 0\n", fault.Unsupported},
		"short m":  {"v=0\nm=audio\n", fault.Invalid},
		"large":    {"v=0\n" + strings.Repeat("a=x\n", maxBytes), fault.Invalid},
		"many m":   {"v=0\n" + strings.Repeat("m=x 0 y z\n", 9), fault.Invalid},
	} {
		if _, err := Parse([]byte(tc.raw)); !fault.Is(err, tc.kind) {
			t.Errorf("%s: %v, want %v", name, err, tc.kind)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(full))
	f.Add([]byte("v=0\nc=IN IP6 ::\nm=audio 1 RTP/AVP 0 101 x\na=rtpmap:101 telephone-event/8000\na=rtpmap:\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		d, err := Parse(raw)
		if err != nil {
			return
		}
		ans, err := d.Answer(Description{Audio: netip.MustParseAddrPort("127.0.0.1:6000")}, both, SendRecv)
		if err != nil {
			return
		}
		if _, err := Parse(ans.Marshal()); err != nil {
			t.Fatalf("our answer to %q cannot be read: %v\n%s", raw, err, ans.Marshal())
		}
	})
}
