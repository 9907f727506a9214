package ici

import (
	"context"

	"strowger/switch/callmodel"
)

// maxKept is how many items may have data that is kept here.
const maxKept = 10_000

// keep holds back what a CRM has attached to an item until its call goes to
// somebody else (reference 4.3.1, OII.SetExtraData 0), and tells it to whoever
// follows the line. Without room it reports false.
func (b *board) keep(i *item, data []callmodel.AttachedData) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, have := b.dir.kept[i.id]; !have && len(b.dir.kept) >= maxKept {
		return false
	}
	b.dir.kept[i.id] = data
	if item := b.live[i.id]; item != nil {
		b.show(item.call, i.id)
	}
	return true
}

// release hands over what is kept for an agent's items, and forgets it.
func (b *board) release(agent callmodel.AgentID) map[callmodel.ConnID][]callmodel.AttachedData {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := map[callmodel.ConnID][]callmodel.AttachedData{}
	for id, data := range b.dir.kept {
		if item := b.live[id]; item != nil && item.call.Conn(id).Agent == agent {
			out[id] = data
			delete(b.dir.kept, id)
		}
	}
	return out
}

// movesOn reports whether a command takes a call to somebody else.
func movesOn(cmd callmodel.Command) bool {
	switch cmd.(type) {
	case callmodel.Transfer, callmodel.Consult, callmodel.Conference, callmodel.BlindTransfer, callmodel.Deflect:
		return true
	}
	return false
}

// bring writes what was kept for an agent's items into the switch, before a
// command that takes one of them on. What the switch refuses is lost: the
// command counts for more.
func (s *Server) bring(ctx context.Context, agent callmodel.AgentID, cmd callmodel.Command) {
	if !movesOn(cmd) {
		return
	}
	for id, data := range s.board.release(agent) {
		if err := s.sw.Do(ctx, callmodel.SetData{Cmd: callmodel.Cmd{By: "ici"}, Conn: id, Entries: data, Replace: true}); err != nil {
			s.log.Warn("ici: kept data of a call was not taken by the switch", "agent", agent, "error", err)
		}
	}
}
