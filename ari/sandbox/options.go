package sandbox

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"path/filepath"
	"regexp"
	"strconv"
	"time"

	"strowger/configs"
	"strowger/switch/fault"
)

// Options describe an instance.
type Options struct {
	// Name tells instances apart; 1 to 32 lower-case letters, digits and '-'.
	// Two running instances of one name under one root or Dir are refused.
	Name string
	// Unique appends -1 to -32 to Name, the first that is free: for callers
	// that may run several times at once.
	Unique bool
	// Dir holds the instances of the machine's own program, each in a subfolder.
	// In a sandbox root it is not used: instances live in ROOT/srv/strowger.
	Dir string
	// Values go into the configuration. Ports of 0 (SIP, HTTP, AMI) become free
	// ones, and empty passwords random ones; see [Instance.Values].
	Values configs.Values
	// Agents is the number of phones to make when Values.Phones is empty. They
	// are numbered from 101 and their passwords are [AgentPassword](Secret, number).
	Agents int
	// Secret is what the phones' passwords are derived from; random when empty.
	Secret string
	// SystemName is put before the ids of channels; empty: nothing is. Needed
	// where one controller has several servers. As Name, and '.' and '_'.
	SystemName string
	// Extra files are written into the configuration folder after all others:
	// name (x.conf, no folder) to content. The main files include NAME_local.conf
	// when it is there: ari, extensions, http, logger, manager, pjsip, queues.
	Extra map[string]string
	// BootTimeout bounds the time until ARI answers; 60 s when 0.
	BootTimeout time.Duration
}

const (
	firstAgent      = 101
	maxAgents       = 800
	maxUnique       = 32
	bootTimeout     = 60 * time.Second
	gracefulTimeout = 10 * time.Second
)

var (
	nameRule   = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,31}$`)
	systemRule = regexp.MustCompile(`^[A-Za-z0-9._-]{0,40}$`)
	extraRule  = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,63}\.conf$`)
)

// AgentPassword derives the SIP password of a phone, so that who knows the
// secret needs no list.
func AgentPassword(secret, number string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(number)) // a hash.Hash never fails
	return hex.EncodeToString(mac.Sum(nil)[:12])
}

// validate checks what Values.Validate does not, and completes the rest but ports.
func (o Options) validate(p Program) (Options, error) {
	const op = "sandbox: options"
	if !nameRule.MatchString(o.Name) {
		return o, fault.New(fault.Invalid, op, o.Name, "the name must be 1 to 32 lower-case letters, digits and '-'")
	}
	if !systemRule.MatchString(o.SystemName) {
		return o, fault.New(fault.Invalid, op, o.SystemName, "the system name must be at most 40 letters, digits, '.', '_' and '-'")
	}
	if p.Path == "" {
		return o, fault.New(fault.Invalid, op, o.Name, "no program: get one from Find")
	}
	if p.Native() && o.Dir == "" {
		return o, fault.New(fault.Invalid, op, o.Name, "the machine's own program needs a folder for its instances")
	}
	if o.Agents < 0 || o.Agents > maxAgents {
		return o, fault.Newf(fault.Invalid, op, o.Name, "the number of agents must be 0 to %d", maxAgents)
	}
	for name := range o.Extra {
		if !extraRule.MatchString(name) || name == "asterisk.conf" {
			return o, fault.New(fault.Invalid, op, name, "extra files are named x.conf, without a folder, and never asterisk.conf")
		}
	}
	if o.BootTimeout == 0 {
		o.BootTimeout = bootTimeout
	}
	for _, secret := range []*string{&o.Secret, &o.Values.ARIPassword, &o.Values.AMIPassword} {
		if *secret == "" {
			*secret = rand.Text()
		}
	}
	if len(o.Values.Phones) == 0 {
		for i := range o.Agents {
			number := strconv.Itoa(firstAgent + i)
			o.Values.Phones = append(o.Values.Phones, configs.Phone{Number: number, Password: AgentPassword(o.Secret, number)})
		}
	}
	return o, nil
}

// base is the folder of all instances, as the host names it.
func (o Options) base(p Program) (string, error) {
	if !p.Native() {
		return filepath.Join(p.Root, instancesInRoot), nil
	}
	abs, err := filepath.Abs(o.Dir)
	if err != nil {
		return "", fault.Wrap(fault.Invalid, "sandbox: options", o.Dir, err)
	}
	return abs, nil
}

const instancesInRoot = "/srv/strowger"
