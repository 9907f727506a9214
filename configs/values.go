package configs

import (
	"net/netip"
	"strings"

	"strowger/switch/fault"
)

// Values fills in the templates. A zero field takes the default given here;
// the passwords have none, because a known password is none.
type Values struct {
	App           string   // Stasis application; strowger
	InContext     string   // dialplan context of incoming calls; strowger-in
	FallbackQueue string   // app_queue queue while the controller is away; overflow
	FallbackSound string   // announcement after that queue; all-circuits-busy-now
	ARIUser       string   // strowger
	ARIPassword   string   // required
	AMIUser       string   // strowger
	AMIPassword   string   // required
	HTTPPort      int      // ARI, on 127.0.0.1; 8088
	AMIPort       int      // on 127.0.0.1; 5038
	SIPAddr       string   // address SIP is bound to; 127.0.0.1
	SIPPort       int      // UDP; 5060
	RTPStart      int      // first UDP port for audio; 20000
	RTPEnd        int      // last UDP port for audio; 29999
	MaxContacts   int      // registrations one phone may have at a time; 1
	Phones        []Phone  // agents' phones, at most 1000
	TrunkMatch    []string // addresses or networks the trunk sends from; 127.0.0.1
	TrunkContact  string   // SIP URI for calls that leave through the trunk; none
}

// Phone is an agent's phone: an endpoint named by its number.
type Phone struct {
	Number   string // 2 to 15 digits; endpoint, user name and caller id
	Password string // for registration; not used with Contact
	Contact  string // fixed SIP URI of a phone that does not register; none
}

// Limits on what is written into a configuration file.
const (
	maxPhones   = 1000
	maxValueLen = 128
)

// WithDefaults returns v with the defaults of its empty fields.
func (v Values) WithDefaults() Values {
	for _, d := range []struct {
		field *string
		value string
	}{
		{&v.App, "strowger"},
		{&v.InContext, "strowger-in"},
		{&v.FallbackQueue, "overflow"},
		{&v.FallbackSound, "all-circuits-busy-now"},
		{&v.ARIUser, "strowger"},
		{&v.AMIUser, "strowger"},
		{&v.SIPAddr, "127.0.0.1"},
	} {
		if *d.field == "" {
			*d.field = d.value
		}
	}
	for _, d := range []struct {
		field *int
		value int
	}{
		{&v.HTTPPort, 8088},
		{&v.AMIPort, 5038},
		{&v.SIPPort, 5060},
		{&v.RTPStart, 20000},
		{&v.RTPEnd, 29999},
		{&v.MaxContacts, 1},
	} {
		if *d.field == 0 {
			*d.field = d.value
		}
	}
	if len(v.TrunkMatch) == 0 {
		v.TrunkMatch = []string{"127.0.0.1"}
	}
	return v
}

// Validate refuses every value that would change the meaning of a file it is
// written to: a line break starts a new setting, a semicolon a comment. The
// error is Invalid and names the field, never a password.
func (v Values) Validate() error {
	for _, w := range []struct{ field, value string }{
		{"App", v.App},
		{"InContext", v.InContext},
		{"FallbackQueue", v.FallbackQueue},
		{"FallbackSound", v.FallbackSound},
		{"ARIUser", v.ARIUser},
		{"AMIUser", v.AMIUser},
	} {
		if !isWord(w.value) {
			return invalid(w.field, "must be 1 to 128 letters, digits, '-', '_', '.' or '/'")
		}
	}
	if v.InContext == "stasis-"+v.App {
		return invalid("InContext", "Asterisk destroys the context stasis-"+v.App+" by itself; take another name")
	}
	if v.ARIUser == "general" || v.AMIUser == "general" {
		return invalid("ARIUser, AMIUser", "general is the name of the section with the common settings")
	}
	if !isSecret(v.ARIPassword) {
		return invalid("ARIPassword", secretRule)
	}
	if !isSecret(v.AMIPassword) {
		return invalid("AMIPassword", secretRule)
	}
	if err := v.validateNet(); err != nil {
		return err
	}
	return v.validatePhones()
}

func (v Values) validateNet() error {
	for _, p := range []struct {
		field string
		port  int
	}{
		{"HTTPPort", v.HTTPPort},
		{"AMIPort", v.AMIPort},
		{"SIPPort", v.SIPPort},
		{"RTPStart", v.RTPStart},
		{"RTPEnd", v.RTPEnd},
	} {
		if p.port < 1 || p.port > 65535 {
			return invalid(p.field, "must be a port, 1 to 65535")
		}
	}
	if v.RTPEnd-v.RTPStart < 1 {
		return invalid("RTPEnd", "must be above RTPStart: each call takes two ports per party")
	}
	if _, err := netip.ParseAddr(v.SIPAddr); err != nil {
		return invalid("SIPAddr", "must be an IP address without port")
	}
	for _, m := range v.TrunkMatch {
		_, errAddr := netip.ParseAddr(m)
		_, errNet := netip.ParsePrefix(m)
		if errAddr != nil && errNet != nil {
			return invalid("TrunkMatch", "must be IP addresses or networks such as 192.0.2.0/24; names would need DNS for each call")
		}
	}
	if v.TrunkContact != "" && !isSIPURI(v.TrunkContact) {
		return invalid("TrunkContact", uriRule)
	}
	if v.MaxContacts < 1 || v.MaxContacts > 10 {
		return invalid("MaxContacts", "must be 1 to 10")
	}
	return nil
}

func (v Values) validatePhones() error {
	if len(v.Phones) > maxPhones {
		return invalid("Phones", "at most 1000")
	}
	seen := make(map[string]bool, len(v.Phones))
	for _, p := range v.Phones {
		if len(p.Number) < 2 || len(p.Number) > 15 || !onlyOf(p.Number, "0123456789") {
			return invalid("Phones", "a number must be 2 to 15 digits")
		}
		if seen[p.Number] {
			return invalid("Phones", "number "+p.Number+" is there twice")
		}
		seen[p.Number] = true
		switch {
		case p.Contact != "" && !isSIPURI(p.Contact):
			return invalid("Phones", "contact of "+p.Number+": "+uriRule)
		case p.Contact == "" && !isSecret(p.Password):
			return invalid("Phones", "password of "+p.Number+": "+secretRule)
		}
	}
	return nil
}

const (
	secretRule = "must be 8 to 128 letters, digits, '-', '_' or '.': other characters mean something in Asterisk's files"
	uriRule    = "must be a SIP URI such as sip:101@192.0.2.7:5060"
)

func invalid(field, reason string) error {
	return fault.New(fault.Invalid, "configs: validate", field, reason)
}

const alnum = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

func isWord(s string) bool {
	return s != "" && len(s) <= maxValueLen && onlyOf(s, alnum+"-_./")
}

func isSecret(s string) bool {
	return len(s) >= 8 && len(s) <= maxValueLen && onlyOf(s, alnum+"-_.")
}

func isSIPURI(s string) bool {
	rest, ok := strings.CutPrefix(s, "sip:")
	return ok && rest != "" && len(s) <= maxValueLen && onlyOf(rest, alnum+"-_.+@:[]")
}

func onlyOf(s, set string) bool {
	for _, r := range s {
		if !strings.ContainsRune(set, r) {
			return false
		}
	}
	return true
}
