package siptest

import (
	"context"
	"time"

	"strowger/sip/ua"
)

// MustRefer transfers the peer blindly and waits for the outcome, which must
// be that the target answered. The leg then ends by itself: MustEnd.
func (l *Leg) MustRefer(target string) ua.ReferResult {
	l.t.Helper()
	return l.mustTransfer("transfer to "+target, func(ctx context.Context) (ua.ReferResult, error) { return l.Refer(ctx, target) })
}

// MustReferReplaces connects this leg's peer with the other leg's, which may
// still ring, and waits for the good outcome.
func (l *Leg) MustReferReplaces(other *Leg) ua.ReferResult {
	l.t.Helper()
	return l.mustTransfer("attended transfer", func(ctx context.Context) (ua.ReferResult, error) { return l.ReferReplaces(ctx, other.Call) })
}

func (l *Leg) mustTransfer(what string, run func(context.Context) (ua.ReferResult, error)) (res ua.ReferResult) {
	l.t.Helper()
	l.must(what, func(ctx context.Context) (err error) {
		res, err = run(ctx)
		return err
	})
	if !res.Done() {
		l.t.Fatalf("phone %s: %s came to %d %s after %d notifications (REFER answered %d)", l.phone.User(), what, res.Status, res.Reason, res.Notifies, res.Accepted)
	}
	return res
}

// MustHearAll waits until all the tones are heard at once.
func (l *Leg) MustHearAll(hz ...float64) {
	l.t.Helper()
	l.must("must hear all", func(ctx context.Context) error { return l.Heard().WaitTones(ctx, hz...) })
}

// MustNotHear waits until the tone was absent for d, whatever else sounds.
func (l *Leg) MustNotHear(hz float64, d time.Duration) {
	l.t.Helper()
	l.must("must not hear", func(ctx context.Context) error { return l.Heard().WaitNoTone(ctx, hz, d) })
}

// MustHearSound waits for a sound after silence, such as a beep.
func (l *Leg) MustHearSound() { l.t.Helper(); l.must("must hear a sound", l.Heard().WaitSound) }

// MustInbandDigits sends digits as tones on l and expects to hear them at peer.
func (l *Leg) MustInbandDigits(peer *Leg, digits string) {
	l.t.Helper()
	keys, err := peer.Heard().MarkKeys()
	if err == nil {
		err = l.SendInbandDTMF(digits)
	}
	if err != nil {
		l.t.Fatalf("phone %s: digits in the audio: %v", l.phone.User(), err)
	}
	defer keys.Stop()
	peer.must("must hear digits", func(ctx context.Context) error {
		got, err := keys.Wait(ctx, len(digits))
		if err == nil && got != digits {
			l.t.Fatalf("digits %q were heard as %q", digits, got)
		}
		return err
	})
}

// MustInfoDigits sends digits by INFO.
func (l *Leg) MustInfoDigits(digits string) {
	l.t.Helper()
	l.must("digits by INFO", func(ctx context.Context) error { return l.SendInfoDTMF(ctx, digits) })
}
