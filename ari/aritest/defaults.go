package aritest

import (
	"cmp"
	"strings"
	"time"

	"strowger/ari/arispec"
)

// Version is the Asterisk that the fakes claim to be.
const Version = "22.10.1"

// defaultReply is what an idle Asterisk without any channel would say to a
// question, and a plausible success for an order.
func defaultReply(r Request) Reply {
	d, ok := arispec.Describe(r.Op)
	if !ok {
		return Error(404, "Resource not found")
	}
	now := arispec.Date{Time: time.Now().UTC()}
	switch {
	case r.Op == arispec.OpAsteriskPing:
		return Reply{Body: arispec.AsteriskPing{AsteriskID: "fake", Ping: "pong", Timestamp: now.Format("2006-01-02T15:04:05.000-0700")}}
	case r.Op == arispec.OpAsteriskGetInfo:
		return Reply{Body: arispec.AsteriskInfo{
			System: &arispec.SystemInfo{Version: Version, EntityID: "fake"},
			Status: &arispec.StatusInfo{StartupTime: now, LastReloadTime: now},
		}}
	case d.Result == "Variable":
		return Reply{Body: arispec.Variable{}}
	case r.Op == arispec.OpApplicationsGet:
		return Reply{Body: arispec.Application{Name: r.Arg("applicationName")}}
	case d.Result == "":
		return Reply{}
	case strings.HasPrefix(d.Result, "[]"):
		return Reply{Body: "[]"}
	case d.Method == "GET":
		return Error(404, d.Result+" not found")
	}
	return Reply{Body: created(d.Result, r, now)}
}

// created is the model that an order returns.
func created(model string, r Request, now arispec.Date) any {
	switch model {
	case "Channel":
		id := r.Arg("channelId")
		if r.Op == arispec.OpChannelsSnoopChannel || r.Op == arispec.OpChannelsSnoopChannelWithID {
			id = r.Arg("snoopId")
		}
		id = cmp.Or(id, "fake-channel")
		return arispec.Channel{ID: id, Name: r.Arg("endpoint") + "-" + id, State: "Down", Creationtime: now, Language: "en"}
	case "Bridge":
		return arispec.Bridge{ID: cmp.Or(r.Arg("bridgeId"), "fake-bridge"), Technology: "simple_bridge", BridgeType: "mixing", BridgeClass: "stasis", Creator: "Stasis", Name: r.Arg("name"), Creationtime: now}
	case "Playback":
		return arispec.Playback{ID: cmp.Or(r.Arg("playbackId"), "fake-playback"), MediaURI: r.Arg("media"), State: "queued"}
	case "LiveRecording":
		return arispec.LiveRecording{Name: r.Arg("name"), Format: r.Arg("format"), State: "queued"}
	case "StoredRecording":
		return arispec.StoredRecording{Name: cmp.Or(r.Arg("destinationRecordingName"), r.Arg("recordingName")), Format: "wav"}
	case "Application":
		return arispec.Application{Name: r.Arg("applicationName")}
	}
	return map[string]string{}
}
