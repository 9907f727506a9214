package link

import (
	"context"
	"strconv"
	"time"

	"strowger/ari/arispec"
	"strowger/switch/fault"
)

// heartbeat keeps the dialplan's readiness variable fresh, in Asterisk's
// clock, while the switch works; it stops by itself with the process, and the
// dialplan then serves callers alone (specs/asterisk.md 1.2).
func (l *Link) heartbeat(ctx context.Context) {
	defer l.wg.Done()
	tick := time.NewTicker(l.opt.BeatEvery)
	defer tick.Stop()
	for beat := 0; ; beat++ {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		if !l.synced.Load() || l.replaced.Load() || !l.opt.Alive() {
			continue
		}
		l.beat(ctx, beat)
	}
}

// probeEvery is after how many beats the application itself is asked for.
const probeEvery = 2

// Bounds of the heartbeat's requests. The first leaves time for the second way.
const (
	pingLimit  = time.Second
	probeLimit = 2 * time.Second
)

// appStuck is said while Asterisk answers everything but questions about our
// application: events no longer come then, and callers would hear nothing.
const appStuck = "Asterisk answers, but not about our application: it hangs there (a deadlock known as AST#2170); restart Asterisk when the calls are over"

// httpShut is said while requests go over the websocket.
const httpShut = "Asterisk does not answer HTTP requests, so that all go over the event websocket, one by one: " +
	"look for idle connections (sessionlimit in http.conf), the ARI password, and the load"

// beat sets the readiness variable when all that callers need works.
func (l *Link) beat(ctx context.Context, n int) {
	value, err := l.clock(ctx)
	if err == nil && (n%probeEvery == 0 || l.stuck.Load()) {
		err = l.probe(ctx)
	}
	if err == nil {
		err = limited(ctx, pingLimit, func(ctx context.Context) error {
			return l.rest().AsteriskSetGlobalVar(ctx, arispec.AsteriskSetGlobalVarParams{Variable: ReadyVariable, Value: arispec.Some(value)})
		})
	}
	if err != nil {
		l.n.beatsFailed.Add(1)
		why := "heartbeat: " + fault.ReasonOf(err)
		if fault.Is(err, fault.Denied) {
			why = refusedUser
		}
		l.setInfo(func(i *Info) { i.Trouble = why })
		return
	}
	l.n.beats.Add(1)
	l.setInfo(func(i *Info) { i.BeatAt, i.Trouble = time.Now(), "" })
}

// clock asks for Asterisk's clock over HTTP, and over the websocket when that
// is shut or slow.
func (l *Link) clock(ctx context.Context) (value string, err error) {
	var pong *arispec.AsteriskPing
	for _, c := range []*arispec.Client{l.http, l.socket} {
		err = limited(ctx, pingLimit, func(ctx context.Context) (err error) {
			pong, err = c.AsteriskPing(ctx)
			return err
		})
		if c == l.http {
			l.shut(err)
		}
		if err == nil {
			return epochSeconds(pong.Timestamp)
		}
	}
	return "", err
}

// shut notes whether HTTP works.
func (l *Link) shut(err error) {
	if was := l.httpDown.Swap(err != nil); was == (err != nil) {
		return
	}
	if err == nil {
		l.setInfo(func(i *Info) { i.Weak = "" })
		l.log.Info("Asterisk answers HTTP requests again")
		return
	}
	l.setInfo(func(i *Info) { i.Weak = httpShut + ": " + fault.ReasonOf(err) })
	l.log.Warn(httpShut, "error", err)
}

// probe asks for the application itself: a deadlock in it leaves every other
// request working.
func (l *Link) probe(ctx context.Context) error {
	err := limited(ctx, probeLimit, func(ctx context.Context) error {
		_, err := l.rest().ApplicationsGet(ctx, l.opt.Stream.App)
		return err
	})
	_, answered := arispec.Answered(err)
	was := l.stuck.Swap(err != nil)
	if err == nil || answered {
		return err
	}
	if !was {
		l.log.Error(appStuck, "app", l.opt.Stream.App, "error", err)
	}
	return &fault.Error{Kind: fault.Unavailable, Op: "ari probe", Subject: l.opt.Stream.App, Reason: appStuck, Err: err}
}

func limited(ctx context.Context, limit time.Duration, run func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return run(ctx)
}

// epochSeconds reads Asterisk's clock from the answer to a ping and writes it
// as the dialplan's EPOCH has it.
func epochSeconds(timestamp string) (string, error) {
	var d arispec.Date
	if err := d.UnmarshalJSON([]byte(strconv.Quote(timestamp))); err != nil {
		return "", fault.Wrap(fault.Invalid, "ari ping", timestamp, err)
	}
	return strconv.FormatInt(d.Unix(), 10), nil
}
