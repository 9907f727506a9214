package configs

import (
	"strings"
	"testing"

	"strowger/switch/fault"
)

func valid() Values {
	return Values{
		ARIPassword: "ari-secret-1", AMIPassword: "ami-secret-1",
		Phones: []Phone{{Number: "101", Password: "phone-secret"}, {Number: "102", Contact: "sip:102@127.0.0.1:6000"}},
	}
}

func TestSiteFilesAreComplete(t *testing.T) {
	t.Parallel()
	files, err := SiteFiles(valid())
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{
		"extensions_strowger.conf": {
			"[strowger-in]",
			"exten => _X.,1,GotoIf($[${EPOCH}-0${GLOBAL(SW_HB)}>3]?fallback)",
			" same => n(over),Stasis(strowger,in,${EXTEN},pres=${CALLERID(num-pres)},xfer=${URIENCODE(${BLINDTRANSFER})}${SW_SIP})",
			"[strowger-in-phones]",
			" same => n,Stasis(strowger,in,${EXTEN},pres=${CALLERID(num-pres)},xfer=${URIENCODE(${BLINDTRANSFER})})",
			` same => n,GotoIf($["${STASISSTATUS}"="FAILED"]?fallback)`,
			" same => n,Queue(overflow,t,,,300)",
		},
		"ari_strowger.conf":        {"[strowger]", "password = ari-secret-1", "websocket_write_timeout = 5000"},
		"manager_strowger.conf":    {"secret = ami-secret-1", "read = agent", "write = reporting", "permit = 127.0.0.1/255.255.255.255"},
		"http_strowger.conf":       {"sessionlimit = 1000"},
		"cel_strowger.conf":        {"[general](+)", "enable = yes", "apps = stasis,queue"},
		"cel_custom_strowger.conf": {"[mappings](+)"},
		"pjsip_strowger.conf":      {"direct_media = no", "dtmf_mode = rfc4733", "allow = ulaw,alaw", "context = strowger-in-phones"},
	}
	if len(files) != len(want) {
		t.Errorf("got %d site files, want %d", len(files), len(want))
	}
	for name, lines := range want {
		have := "\n" + string(files[name]) + "\n"
		for _, line := range lines {
			if !strings.Contains(have, "\n"+line+"\n") {
				t.Errorf("%s: line missing: %s", name, line)
			}
		}
	}
}

func TestSandboxFilesIncludeTheSnippets(t *testing.T) {
	t.Parallel()
	files, err := SandboxFiles(valid())
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if strings.Contains(string(text), "{{") || strings.Contains(string(text), "<no value>") {
			t.Errorf("%s: a variable is not filled in", name)
		}
		base, isSite := strings.CutSuffix(name, siteSuffix)
		if isSite && !strings.Contains(string(files[base+".conf"]), `#include "`+name+`"`) {
			t.Errorf("%s is copied by sites and not tested by the sandbox: %s.conf does not include it", name, base)
		}
	}
	pjsip := string(files["pjsip.conf"])
	for _, want := range []string{
		"bind = 127.0.0.1:5060", "[101-auth](strowger-phone-auth)\nusername = 101\npassword = phone-secret",
		"[102](strowger-phone-aor)\ncontact = sip:102@127.0.0.1:6000", "match = 127.0.0.1",
	} {
		if !strings.Contains(pjsip, want) {
			t.Errorf("pjsip.conf lacks %q", want)
		}
	}
	if strings.Contains(pjsip, "[102-auth]") {
		t.Error("a phone with a fixed contact does not register and needs no password")
	}
}

func TestManagerUserNeverGetsCommandOrConfig(t *testing.T) {
	t.Parallel()
	text, err := Render("manager_strowger.conf", valid())
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if key, rights, ok := strings.Cut(line, "="); ok && (strings.TrimSpace(key) == "read" || strings.TrimSpace(key) == "write") {
			for right := range strings.SplitSeq(rights, ",") {
				switch strings.TrimSpace(right) {
				case "agent", "reporting":
				default:
					t.Errorf("right %q in %q", right, line)
				}
			}
		}
	}
}

func TestValidateRefuses(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*Values){
		"empty ARI password":      func(v *Values) { v.ARIPassword = "" },
		"line break in password":  func(v *Values) { v.AMIPassword = "secret12\nwrite = command" },
		"comment in password":     func(v *Values) { v.ARIPassword = "secret12;x" },
		"application with comma":  func(v *Values) { v.App = "a,b" },
		"variable in queue":       func(v *Values) { v.FallbackQueue = "${SHELL(id)}" },
		"doomed context":          func(v *Values) { v.InContext = "stasis-strowger" },
		"user named general":      func(v *Values) { v.ARIUser = "general" },
		"port 70000":              func(v *Values) { v.SIPPort = 70000 },
		"empty RTP range":         func(v *Values) { v.RTPStart, v.RTPEnd = 20000, 20000 },
		"host name as address":    func(v *Values) { v.SIPAddr = "localhost" },
		"host name as trunk":      func(v *Values) { v.TrunkMatch = []string{"sip.example.com"} },
		"trunk URI with brackets": func(v *Values) { v.TrunkContact = "sip:<x>;evil" },
		"phone with letters":      func(v *Values) { v.Phones[0].Number = "10a" },
		"phone with ampersand":    func(v *Values) { v.Phones[0].Number = "300&PJSIP/x" },
		"phone twice":             func(v *Values) { v.Phones[1].Number = "101" },
		"phone without password":  func(v *Values) { v.Phones[0].Password = "" },
		"too many contacts":       func(v *Values) { v.MaxContacts = 11 },
		"too many phones":         func(v *Values) { v.Phones = make([]Phone, maxPhones+1) },
	} {
		v := valid().WithDefaults()
		if err := v.Validate(); err != nil {
			t.Fatalf("the base must be valid: %v", err)
		}
		spoil(&v)
		err := v.Validate()
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: got %v, want an invalid fault", name, err)
		}
		if err != nil && strings.Contains(err.Error(), "secret12") {
			t.Errorf("%s: the error shows a password: %v", name, err)
		}
	}
}

func TestRenderUnknownName(t *testing.T) {
	t.Parallel()
	if _, err := Render("voicemail.conf", valid()); !fault.Is(err, fault.NotFound) {
		t.Errorf("got %v, want not found", err)
	}
}
