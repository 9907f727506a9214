package ici

import (
	"strings"
	"testing"
)

// TestDigitsByAnotherName: the operation that sends digits is called as it is
// configured, in requests, in their answers and in the description, and by its
// first name besides.
func TestDigitsByAnotherName(t *testing.T) {
	t.Parallel()
	cfg := DefaultConfig()
	cfg.SendDTMFOperation = "playTones"
	if err := cfg.CallSettings.validate(); err != nil {
		t.Fatal(err)
	}
	st, p := cfg.Style(), &Tones{"+101", "0F1E2D3C4B5A69788796A5B4C3D2E1F0", "12#"}
	doc := string(requestDoc(t, OpSendDTMF, p, st))
	if !strings.Contains(doc, "<playTones ") {
		t.Errorf("the request is %s", doc)
	}
	action := ServicePhoneCall.Action()
	for name, want := range map[string]bool{"playTones": true, "PLAYTONES": true, "sendDTMF": true, "playTone": false} {
		text := strings.ReplaceAll(doc, "playTones", name)
		for _, m := range []Meta{{Action: action}, {Path: "/OII/IciPhoneCallService.asmx"}, {Path: "/OII/OII.asmx"}} {
			req, err := DecodeRequest(m, envelope(t, text), st)
			if want != (err == nil) || want && (req.Op != OpSendDTMF || req.Name != name) {
				t.Errorf("%s by %+v: %+v, %v", name, m, req, err)
			}
		}
	}
	bare := strings.NewReplacer(` xmlns="urn:IciPhoneCallInterface"`, "").Replace(doc)
	if req, err := DecodeRequest(Meta{Path: "/OII/OII.asmx"}, envelope(t, bare), st); err != nil || req.Op != OpSendDTMF {
		t.Errorf("the name alone tells the interface: %+v, %v", req, err)
	}
	if _, err := DecodeRequest(Meta{Action: action}, envelope(t, doc), Style{}); err == nil {
		t.Error("the name is understood where it is not configured")
	}
	wsdl, err := cfg.Describe("http://switch", "/OII/IciPhoneCallService.asmx")
	if err != nil || !strings.Contains(string(wsdl), `<wsdl:operation name="playTones">`) || strings.Contains(string(wsdl), "sendDTMF") {
		t.Errorf("the description: %v\n%s", err, wsdl)
	}
	for _, wrong := range []string{"", "hold", "HOLD", "listen", "a b", "1x", "<x/>", strings.Repeat("x", 65)} {
		cfg.SendDTMFOperation = wrong
		if cfg.CallSettings.validate() == nil {
			t.Errorf("%q is taken for a name", wrong)
		}
	}
}
