package link

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"strowger/ari/arispec"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/port"
)

// Ears hear who has answered, in this process. They tell the switch of their
// verdict by themselves ([callmodel.Screened]), before they give the leg back.
type Ears interface {
	// Hear prepares for the sound of a leg, which is to be sent to an address,
	// host:port as Asterisk reaches it, under an id that is a UUID. forget says
	// that it will not come; nil with an error.
	Hear(e callmodel.Screen) (id, address string, forget func(), err error)
}

// A leg that is listened to is in the dialplan meanwhile, in a context of its
// own: an extension says what is done there, and it comes back with the result
// as arguments of our application.
const (
	screenSuffix = "-screen"
	argScreened  = "screened"
	screenAMD    = "amd"  // the detector of Asterisk
	screenEars   = "ears" // Ears, over AudioSocket
	screenBeep   = "beep" // the end of a machine's greeting, by silence
)

// MaxEarAddress is how long an address may be: it travels in an extension,
// which has 80 characters, beside a word and an id.
const MaxEarAddress = 37

var (
	earID      = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
	earAddress = regexp.MustCompile(`^[A-Za-z0-9.-]+:[0-9]{1,5}$`)
)

// CheckEarAddress checks an address to which Asterisk is to send sound.
func CheckEarAddress(a string) error {
	if len(a) > MaxEarAddress || !earAddress.MatchString(a) {
		return fault.Newf(fault.Invalid, "ari screen", a, "write host:port of at most %d characters; the host is a name or an IPv4 address", MaxEarAddress)
	}
	return nil
}

// screen sends a leg to a detector.
func (l *Link) screen(ctx context.Context, c *arispec.Client, e callmodel.Screen) port.EffectResult {
	exten, forget, err := l.detour(e)
	if err != nil {
		return leg(err)
	}
	err = l.detourThere(ctx, c, e.Channel, exten)
	if err == nil {
		err = c.ChannelsContinueInDialplan(ctx, string(e.Channel), arispec.ChannelsContinueInDialplanParams{
			Context: arispec.Some(l.opt.Context + screenSuffix), Extension: arispec.Some(exten), Priority: arispec.Some(1),
		})
	}
	r := leg(err)
	if r.Outcome == callmodel.Failed {
		forget()
	}
	return r
}

// detour is the extension that does what an order wants, and how to take it back.
func (l *Link) detour(e callmodel.Screen) (exten string, forget func(), err error) {
	const op = "ari screen"
	forget = func() {}
	if !e.Channel.Ours() {
		return "", nil, fault.New(fault.Invalid, op, string(e.Channel), "only a leg that we have called is listened to: another would not come back as itself")
	}
	switch {
	case e.Detector == callmodel.DetectorAsterisk && e.Beep:
		return fmt.Sprintf("%s-%d", screenBeep, max(1, e.Limit/time.Second)), forget, nil
	case e.Detector == callmodel.DetectorAsterisk:
		return fmt.Sprintf("%s-%d", screenAMD, e.Limit.Milliseconds()), forget, nil
	case e.Detector != callmodel.DetectorAudio:
		return "", nil, fault.Newf(fault.Unsupported, op, string(e.Channel), "there is no detector %q: use %s or %s", e.Detector, callmodel.DetectorAsterisk, callmodel.DetectorAudio)
	case l.opt.Ears == nil:
		return "", nil, fault.New(fault.Unsupported, op, string(e.Channel), "this controller hears nobody: set dialer.ears_listen, or use the detector "+callmodel.DetectorAsterisk)
	}
	id, address, forget, err := l.opt.Ears.Hear(e)
	if err != nil {
		return "", nil, err
	}
	if err = CheckEarAddress(address); err == nil && !earID.MatchString(id) {
		err = fault.New(fault.Invalid, op, id, "an ear has a UUID in small letters")
	}
	if err != nil {
		forget()
		return "", nil, err
	}
	return screenEars + "-" + id + "-" + address, forget, nil
}

// detourThere asks once per connection whether the dialplan has the context: a leg that is
// sent to one that is missing is hung up. Only a channel can be asked.
func (l *Link) detourThere(ctx context.Context, c *arispec.Client, id callmodel.ChannelID, exten string) error {
	if l.detours.Load() {
		return nil
	}
	kind, _, _ := strings.Cut(exten, "-")
	v, err := c.ChannelsGetChannelVar(ctx, string(id), arispec.ChannelsGetChannelVarParams{
		Variable: "DIALPLAN_EXISTS(" + l.opt.Context + screenSuffix + "," + kind + "-1,1)",
	})
	switch {
	case err != nil:
		return err
	case v.Value != "1":
		return fault.New(fault.Unsupported, "ari screen", l.opt.Context+screenSuffix,
			"the dialplan has no such context, so that nobody is listened to: copy extensions_strowger.conf again and reload the dialplan")
	}
	l.detours.Store(true)
	return nil
}

// screened is what a detector of the dialplan says when a leg comes back; nil
// when another says it, or it is no such leg.
func screened(id callmodel.ChannelID, args []string) callmodel.Input {
	if len(args) < 3 || args[0] != argScreened {
		return nil
	}
	in := callmodel.Screened{Channel: id}
	if len(args) > 3 {
		in.Why = cleanName(args[3])
	}
	switch args[1] {
	case screenAMD:
		in.Verdict = amdVerdict(args[2], in.Why)
	case screenBeep:
		in.Verdict, in.Beep = callmodel.VerdictMachine, args[2] == "SILENCE"
	case screenEars:
		if args[2] == "SUCCESS" {
			return nil // they have told it themselves
		}
		in.Verdict, in.Why = callmodel.VerdictUnsure, "the telephony server could not reach the detector"
	default:
		return nil
	}
	return in
}

// amdVerdict reads AMDSTATUS and AMDCAUSE. A line on which nobody speaks is a
// machine to Asterisk; here it is treated as a person.
func amdVerdict(status, cause string) callmodel.ScreenVerdict {
	switch {
	case status == "HUMAN":
		return callmodel.VerdictHuman
	case status == "MACHINE" && strings.HasPrefix(cause, "INITIALSILENCE"):
		return callmodel.VerdictSilence
	case status == "MACHINE":
		return callmodel.VerdictMachine
	case status == "HANGUP":
		return callmodel.VerdictGone
	}
	return callmodel.VerdictUnsure
}
