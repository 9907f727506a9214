package sapphone

import (
	"context"
	"testing"

	"strowger/cti/soap"
	"strowger/switch/fault"
)

func describing(t testing.TB) func(string) (*Function, bool) {
	m, err := newMetadata(nil)
	if err != nil {
		t.Fatal(err)
	}
	return func(name string) (*Function, bool) {
		b := m.byName[name]
		if b == nil {
			return nil, false
		}
		return &b.fn, true
	}
}

// FuzzCall: what can be read can be written and read again, the same.
func FuzzCall(f *testing.F) {
	start, end := `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>`, `</e:Body></e:Envelope>`
	f.Add(start + `<SPS_HOLD><EXT>101</EXT><HANDLE>0F</HANDLE></SPS_HOLD>` + end)
	f.Add(start + `<SPS_WAITFORCALL><EXT> 101 </EXT><TIMEOUT>-5</TIMEOUT><CALLDATA><item><LINE> a</LINE></item></CALLDATA></SPS_WAITFORCALL>` + end)
	f.Add(start + `<SPS_STAT_DATA_GET><DATE_FROM>2026-03-02</DATE_FROM><TIME_FROM>00:00:00</TIME_FROM><MAX/></SPS_STAT_DATA_GET>` + end)
	describe := describing(f)
	f.Fuzz(func(t *testing.T, text string) {
		env, err := soap.ReadEnvelope([]byte(text), "", soap.Limits{Bytes: 1 << 16}, nil)
		if err != nil {
			return
		}
		call, err := decodeCall(env, describe)
		if err != nil {
			return
		}
		fn, known := describe(call.Function)
		if !known {
			return
		}
		doc, err := encodeCall(fn, &call)
		if err != nil {
			t.Fatal(err)
		}
		again, err := soap.ReadEnvelope(doc, "", soap.Limits{}, nil)
		if err != nil {
			t.Fatalf("%v in %s", err, doc)
		}
		second, err := decodeCall(again, describe)
		if err != nil {
			t.Fatalf("%v in %s", err, doc)
		}
		third, err := encodeCall(fn, &second)
		if err != nil || string(third) != string(doc) {
			t.Fatalf("%v\n%s\n%s", err, doc, third)
		}
	})
}

// FuzzDescription: no description breaks the reader, and what it reads makes
// metadata, or is left out.
func FuzzDescription(f *testing.F) {
	m, err := newMetadata(nil)
	if err != nil {
		f.Fatal(err)
	}
	doc, err := WSDL([]*Function{&m.bySem["SPS_GETCALLSTATE"].fn}, "http://x")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(doc))
	f.Fuzz(func(t *testing.T, text string) {
		_, err := ImportMetadata(t.Context(), func(_ context.Context, function string) ([]byte, error) {
			if function != "SPS_GETCALLSTATE" {
				return nil, fault.New(fault.NotFound, "test", function, "not there")
			}
			return []byte(text), nil
		})
		if err != nil {
			t.Fatalf("%v from %s", err, text)
		}
	})
}

// FuzzConnection: what is read says where it leads.
func FuzzConnection(f *testing.F) {
	f.Add("-aSAPphoneBCM -g1.2.3.4 -xsapgw76 REG_COUNT=20")
	f.Add("CLIENT=506 USER=bcm1 PASSWD=bcm1 LANG=EN ASHOST=1.2.3.4 SYSNR=20")
	f.Fuzz(func(t *testing.T, text string) {
		if s, err := ParseServer(text); err == nil {
			if a, err := s.Address(); err != nil || a == "" || s.Conversations() > maxRegistrations {
				t.Errorf("%q: %q %v", text, a, err)
			}
		}
		if c, err := ParseClient(text); err == nil {
			if u, err := c.URL(); err != nil || u == "" || c.Pool() < 1 || c.Pool() > maxPool {
				t.Errorf("%q: %q %v", text, u, err)
			}
		}
	})
}

// FuzzSplitText: a text that is cut into lines is the same again, but for blanks
// where a line had to end with one.
func FuzzSplitText(f *testing.F) {
	f.Add("a word and another", 5)
	f.Add("\u00e9\u00e9  \u00e9", 2)
	f.Fuzz(func(t *testing.T, text string, width int) {
		if width < 1 || width > 300 {
			return
		}
		joined := ""
		for _, line := range splitText(text, width) {
			if line == "" || len([]rune(line)) > width {
				t.Fatalf("a line %q of %d characters", line, len([]rune(line)))
			}
			joined += line
		}
		if joined != text {
			t.Fatalf("%q became %q", text, joined)
		}
	})
}
