package link

import (
	"context"
	"strings"
	"time"

	"strowger/ari/arispec"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// unwanted are events that the switch has no use for: Asterisk need not send
// them. A list of what is refused, because a list of what is allowed would
// swallow the answers to requests over the websocket (specs/asterisk.md P6).
var unwanted = []arispec.EventType{
	arispec.TypeChannelCreated, arispec.TypeChannelVarset, arispec.TypeChannelDialplan, arispec.TypeChannelCallerId, arispec.TypeChannelConnectedLine,
	arispec.TypeDial, arispec.TypeBridgeCreated, arispec.TypePlaybackStarted, arispec.TypePlaybackContinuing,
	arispec.TypeBridgeVideoSourceChanged, arispec.TypeChannelTalkingStarted, arispec.TypeChannelTalkingFinished,
}

// resync lists what lives in Asterisk and hands it to the switch as one fact
// (specs/asterisk.md 1.2). fresh: nothing that we ordered is under way.
func (l *Link) resync(ctx context.Context, fresh bool) error {
	began := time.Now()
	l.detours.Store(false) // it may have come back with another dialplan
	in, err := l.list(ctx, fresh, true)
	if err != nil {
		return err
	}
	l.evidence(&in)
	ended := l.lostPlays(ctx)
	l.adopt(&in, began)
	if err := l.feed.Put(ctx, in); err != nil {
		return err
	}
	l.n.resyncs.Add(1)
	l.give(ctx, ended)
	return nil
}

// adopt brings what the link remembers in step with a listing made at the time
// given. It runs in the consumer.
func (l *Link) adopt(in *callmodel.Resync, listed time.Time) {
	live := make(map[callmodel.ChannelID]bool, len(in.Channels))
	for i := range in.Channels {
		live[in.Channels[i].Channel] = true
	}
	l.in.digits.keep(live, listed)
	l.in.phones.listed(in.Endpoints)
}

// lostPlays asks for every sound that was under way before the connection was
// lost, because Asterisk does not list them, and returns the ends of those
// that have ended. It is asked once per connection: while one lives, ends are
// told. A sound that ends meanwhile is told by its event, which waits behind.
func (l *Link) lostPlays(ctx context.Context) []callmodel.Input {
	var out []callmodel.Input
	for _, id := range l.in.plays.all() {
		_, err := l.rest().PlaybacksGet(ctx, string(id))
		if err == nil {
			continue
		}
		if !fault.Is(err, fault.NotFound) {
			break // Asterisk does not answer: the rest ends with its event, its leg, or the next connection
		}
		out = l.in.plays.finish(id, true, out)
	}
	return out
}

// list asks Asterisk for everything that lives there; connected: over a new connection.
func (l *Link) list(ctx context.Context, fresh, connected bool) (callmodel.Resync, error) {
	began := time.Now()
	in := callmodel.Resync{Node: l.opt.Node, AsOf: l.feed.Now(), Fresh: fresh}
	c := l.http
	info, err := c.AsteriskGetInfo(ctx, arispec.AsteriskGetInfoParams{})
	if _, answered := arispec.Answered(err); err != nil && !answered {
		c = l.socket // HTTP is shut: idle connections may have used up its session limit
		info, err = c.AsteriskGetInfo(ctx, arispec.AsteriskGetInfoParams{})
	}
	if err != nil {
		return in, err
	}
	if info.Status == nil || info.System == nil {
		return in, fault.New(fault.Invalid, "ari resync", "", "Asterisk does not tell its version and start time")
	}
	if err := l.named(info); err != nil {
		return in, err
	}
	in.Epoch = info.Status.StartupTime.UTC().Format(time.RFC3339Nano)
	if _, err = c.ApplicationsFilter(ctx, l.opt.Stream.App, arispec.ApplicationsFilterParams{Filter: arispec.Disallow(unwanted...)}); err != nil {
		return in, err
	}
	if in.Endpoints, err = l.watchPhones(ctx, c, connected); err != nil {
		return in, err
	}
	channels, err := c.ChannelsList(ctx)
	if err != nil {
		return in, err
	}
	bridges, err := c.BridgesList(ctx)
	if err != nil {
		return in, err
	}
	var listeners []callmodel.RecordName
	for i := range channels {
		if n := callmodel.RecordName(channels[i].ID); n.Ours() {
			listeners = append(listeners, n)
			continue
		}
		if f, ours := l.in.channelFact(&channels[i]); ours {
			in.Channels = append(in.Channels, f)
		}
	}
	for i := range bridges {
		if b := callmodel.BridgeID(bridges[i].ID); b.Ours() {
			in.Bridges = append(in.Bridges, bridgeFact(b, bridges[i].Channels))
		}
	}
	if in.Recordings, err = l.liveTracks(ctx, c, listeners); err != nil {
		return in, err
	}
	if connected {
		l.in.inside.listed(in.Bridges)
	}
	l.n.resyncMicros.Store(time.Since(began).Microseconds())
	l.setInfo(func(i *Info) {
		i.Version, i.Epoch, i.SyncedAt = info.System.Version, in.Epoch, time.Now()
	})
	return in, nil
}

func bridgeFact(id callmodel.BridgeID, channels []string) callmodel.BridgeFact {
	f := callmodel.BridgeFact{Bridge: id}
	for _, c := range channels {
		f.Channels = append(f.Channels, callmodel.ChannelID(c))
	}
	return f
}

// channelFact tells whether a listed channel is ours, and what of it matters:
// a caller in our application, or a leg with our prefix.
func (g *ingest) channelFact(c *arispec.Channel) (callmodel.ChannelFact, bool) {
	f := callmodel.ChannelFact{Channel: channelID(c), Leg: callmodel.LegDown, Endpoint: endpointOf(c.Name)}
	inApp, args := g.appArgs(c)
	if f.Channel.Ours() {
		switch {
		case c.State == stateUp && inApp:
			f.Leg = callmodel.LegUp
		case c.State == stateRinging:
			f.Leg = callmodel.LegRinging
		}
		return f, true
	}
	if !inApp || len(args) == 0 || args[0] != argIn {
		return f, false
	}
	a := parseArrival(args[min(2, len(args)):])
	if _, _, half := localHalf(c.Name); half != 0 && (a.transferrer != "" || strings.HasPrefix(c.Name, "Local/"+attendedPrefix)) {
		return f, false // a helper of a transfer by phone, see refer
	}
	f.Inbound, f.Call = true, callmodel.CallID{ID: g.mint()}
	if c.State == stateUp {
		f.Leg = callmodel.LegUp
	}
	f.Dialled, f.SIPCallID = g.number(dialled(c, args)), a.sipID
	if !a.withheld(c) {
		f.Caller, f.CallerName = g.number(c.Caller.Number), cleanName(c.Caller.Name)
	}
	return f, true
}

// appArgs tells whether a channel is in our application and with which arguments.
func (g *ingest) appArgs(c *arispec.Channel) (bool, []string) {
	if c.Dialplan.AppName != "Stasis" {
		return false, nil
	}
	parts := strings.Split(c.Dialplan.AppData, ",")
	if parts[0] != g.app {
		return false, nil
	}
	return true, parts[1:]
}
