package sim

import (
	"time"

	"strowger/switch/callmodel"
)

// recording draws a rule: mostly none, so that the other one counts.
func (c *siteConfig) recording() callmodel.RecordRule {
	return callmodel.RecordRule{
		Mode:     pick(c.rng, "", "", callmodel.RecordOnDemand, callmodel.RecordAlways),
		Channels: pick(c.rng, "", callmodel.RecordMono, callmodel.RecordStereo), Percent: pick(c.rng, 0, 0, 50), PauseMax: c.some(3 * time.Second),
	}
}

// keepFiles is what whoever keeps the files does: it tells what has become of
// them, and now and then that there is no room.
func (h *harness) keepFiles() {
	if h.rng.IntN(10) > 0 {
		return
	}
	v := h.st.View()
	for _, r := range v.Recordings {
		if r.Over() && h.rng.IntN(2) == 0 {
			h.step(callmodel.RecordingSaved{Recording: r.ID, File: callmodel.RecordFile{State: pick(h.rng, "saved", "lost")}})
		}
	}
	if h.rng.IntN(10) == 0 {
		h.step(callmodel.StorageState{Full: v.StorageFull == "", Reason: pick(h.rng, "", "full")})
	}
}

// silentNow compares sure pauses with what the exchange records.
func (h *harness) silentNow() error {
	for _, r := range h.view.Recordings {
		if r.Silent() && r.StoppedAt == 0 {
			return checkSilent(h.view, h.inventory())
		}
	}
	return nil
}

// recordCommand is about a recording: mostly what makes sense now.
func (h *harness) recordCommand(op string, c *callmodel.Call, p *callmodel.Connection) callmodel.Input {
	conn, boss, sense := p.ID, callmodel.Cmd{By: "boss"}, h.rng.IntN(4) > 0
	switch {
	case op == "start-recording" && p.Recorded == sense && h.rng.IntN(3) == 0:
		return callmodel.StopRecording{Cmd: boss, Call: c.ID}
	case op == "start-recording" && p.Recorded == sense:
		return callmodel.StopRecording{Conn: conn}
	case op == "start-recording":
		return callmodel.StartRecording{Conn: conn, Channels: pick(h.rng, "", callmodel.RecordStereo)}
	case p.RecordPaused == sense:
		return callmodel.ResumeRecording{Conn: conn}
	}
	return pick[callmodel.Input](h.rng, callmodel.PauseRecording{Conn: conn, ResumeAfter: pick(h.rng, 0, 2*time.Second)},
		callmodel.PauseRecording{Call: c.ID, Cmd: boss, Reason: "card"})
}
