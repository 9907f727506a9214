package queues

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"strowger/ari/ami"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// listed is what the mirror remembers of its last listing.
type listed struct {
	content []byte // without what changes by itself
	queues  []byte // their settings, of whose change no event tells
	suspect bool   // it has changed though no event had come, nor has one since
}

// list takes a listing and hands it on. One that shows nothing new, after no
// event, is not handed on, so that quiet hours leave the journal alone.
func (m *Mirror) list(ctx context.Context, c *ami.Client) error {
	in, err := m.listing(ctx, c)
	if err != nil {
		m.n.failed.Add(1)
		return err
	}
	m.n.listings.Add(1)
	content, queues, err := contentOf(in)
	if err != nil {
		return err
	}
	known := bytes.Equal(queues, m.last.queues)
	silent := !m.heard && m.last.content != nil
	same := bytes.Equal(content, m.last.content)
	if silent && !same {
		m.n.drifts.Add(1)
	}
	deaf := m.last.suspect && !m.heard // an event may come just after a listing that shows what it tells
	m.last, m.heard = listed{content: content, queues: queues, suspect: deaf || silent && !same}, false
	m.setInfo(func(i *Info) {
		i.SyncedAt, i.Queues, i.Members, i.Callers = time.Now(), len(in.Queues), len(in.Members), len(in.Callers)
		i.Trouble = trouble(in, deaf)
	})
	if silent && same && known {
		return nil
	}
	m.put(ctx, in)
	return nil
}

// trouble says what the account cannot see.
func trouble(in callmodel.MirrorListing, deaf bool) string {
	switch {
	case deaf:
		return "queues change, but their events do not come: the AMI user lacks read = agent; what is shown is some seconds old"
	case in.Waiters:
		return "the AMI user may not list channels (write = reporting): talks that began while it was not connected are not seen"
	}
	return ""
}

// contentOf is the listing without what changes by itself, for comparison, and
// apart from it the queues without their figures: these change with every reset.
func contentOf(in callmodel.MirrorListing) (content, queues []byte, err error) {
	settings := slices.Clone(in.Queues)
	for i := range settings {
		q := &settings[i]
		q.Answered, q.Abandoned, q.Hold, q.Talk = 0, 0, 0, 0
	}
	in.AsOf, in.Queues = 0, nil
	in.Callers = slices.Clone(in.Callers)
	for i := range in.Callers {
		in.Callers[i].Waited, in.Callers[i].Call = 0, callmodel.CallID{}
	}
	if content, err = json.Marshal(in); err == nil {
		queues, err = json.Marshal(settings)
	}
	return content, queues, fault.Wrap(fault.Internal, "queue mirror", string(in.Node), err)
}

// listing asks for everything.
func (m *Mirror) listing(ctx context.Context, c *ami.Client) (callmodel.MirrorListing, error) {
	in := callmodel.MirrorListing{Node: m.opt.Node, Kind: Kind, AsOf: m.feed.Now()}
	status, err := c.List(ctx, "QueueStatus")
	if err != nil {
		return in, err
	}
	for _, msg := range status {
		switch msg.Event() {
		case "QueueParams":
			if f := figures(msg); f.Name != "" {
				in.Queues = bounded(in.Queues, f, callmodel.MaxMirrorQueues, &in.Left)
			}
		case "QueueMember":
			if f := member(msg, "Location", "Name"); f.Queue != "" && f.Interface != "" {
				in.Members = bounded(in.Members, f, callmodel.MaxMirrorMembers, &in.Left)
			}
		case "QueueEntry":
			if f := m.entry(msg); f.Queue != "" && f.Channel != "" && f.Position > 0 {
				in.Callers = bounded(in.Callers, f, callmodel.MaxMirrorCalls, &in.Left)
			}
		}
	}
	channels, err := c.List(ctx, "CoreShowChannels")
	switch {
	case fault.Is(err, fault.Denied):
		in.Waiters = true
		return in, nil
	case err != nil:
		return in, err
	}
	m.talks(&in, channels)
	return in, nil
}

func figures(msg ami.Message) callmodel.MirrorFigures {
	return callmodel.MirrorFigures{
		Name: text(msg.Get("Queue"), maxName), Strategy: text(msg.Get("Strategy"), maxName), MaxWaiting: number(msg.Get("Max")),
		Priority: number(msg.Get("Weight")), Answered: uint64(number(msg.Get("Completed"))), Abandoned: uint64(number(msg.Get("Abandoned"))),
		Hold: wholeSeconds(msg.Get("Holdtime")), Talk: wholeSeconds(msg.Get("TalkTime")), Level: wholeSeconds(msg.Get("ServiceLevel")),
	}
}

func (m *Mirror) entry(msg ami.Message) callmodel.MirrorCallerFact {
	return callmodel.MirrorCallerFact{
		Queue: text(msg.Get("Queue"), maxName), Channel: channel(msg), Call: callmodel.CallID{ID: m.feed.NewID()},
		Caller: party(msg.Get("CallerIDNum")), CallerName: party(msg.Get("CallerIDName")),
		Position: number(msg.Get("Position")), Waited: wholeSeconds(msg.Get("Wait")),
	}
}

// What CoreShowChannels shows of app_queue's legs.
const (
	callerApp = "Queue"    // a caller, waiting or talking; the data begins with the queue's name
	memberApp = "AppQueue" // a member's leg
	stateUp   = "6"
)

// talks adds what the channels tell: whose phone rings for whom, and who talks.
// A talk is a caller's leg and a member's in one bridge.
func (m *Mirror) talks(in *callmodel.MirrorListing, channels []ami.Message) {
	waits := make(map[callmodel.ChannelID]int, len(in.Callers))
	for i := range in.Callers {
		waits[in.Callers[i].Channel] = i
		in.Callers[i].Rings = []string{} // from here on it is known who rings
	}
	members := membersOf(in.Members)
	inBridge, linked := map[string]ami.Message{}, map[string]callmodel.ChannelID{}
	for _, ch := range channels {
		switch ch.Get("Application") {
		case memberApp:
			if b := ch.Get("BridgeId"); b != "" {
				inBridge[b] = ch
			}
		case callerApp:
			linked[ch.Get("Linkedid")] = channel(ch)
		}
	}
	for _, ch := range channels {
		switch ch.Get("Application") {
		case memberApp:
			if i, ok := waits[linked[ch.Get("Linkedid")]]; ok && ch.Get("ChannelState") != stateUp {
				f := &in.Callers[i]
				if iface := members.find(f.Queue, ch.Get("Channel")); iface != "" && !slices.Contains(f.Rings, iface) {
					f.Rings = append(f.Rings, iface)
				}
			}
		case callerApp:
			queue, _, _ := strings.Cut(ch.Get("ApplicationData"), ",")
			f := callmodel.MirrorCallerFact{
				Queue: text(queue, maxName), Channel: channel(ch), Call: callmodel.CallID{ID: m.feed.NewID()},
				Caller: party(ch.Get("CallerIDNum")), CallerName: party(ch.Get("CallerIDName")),
			}
			if _, waiting := waits[f.Channel]; waiting || f.Channel == "" {
				continue
			}
			if b := ch.Get("BridgeId"); b != "" {
				f.Member = members.find(f.Queue, inBridge[b].Get("Channel"))
			}
			in.Callers = bounded(in.Callers, f, callmodel.MaxMirrorCalls, &in.Left)
		}
	}
}

// bounded appends to a list that has a limit, and counts what is left out.
func bounded[T any](list []T, v T, most int, left *int) []T {
	if len(list) >= most {
		*left++
		return list
	}
	return append(list, v)
}

// byLeg finds a queue's member by the name of a leg to it.
type byLeg map[[2]string]string

func membersOf(list []callmodel.MirrorMemberFact) byLeg {
	out := byLeg{}
	for _, f := range list {
		out[[2]string{f.Queue, bare(f.Interface)}] = f.Interface
	}
	return out
}

func (b byLeg) find(queue, leg string) string {
	i := strings.LastIndexByte(leg, '-')
	if i < 0 {
		return ""
	}
	return b[[2]string{queue, leg[:i]}]
}

// bare is an interface as the names of its legs have it: Local/1@x/n makes
// Local/1@x-0000001;1.
func bare(iface string) string {
	tech, rest, _ := strings.Cut(iface, "/")
	rest, _, _ = strings.Cut(rest, "/")
	return tech + "/" + rest
}
