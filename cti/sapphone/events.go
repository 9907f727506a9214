package sapphone

import "strowger/switch/watch"

// watchName is how our subscription appears in the switch's figures, and how
// the configuration's section is called.
const watchName = "sapphone"

// newFollower reads the switch's events for the board, of which waiting agents
// and SAP systems learn.
func (s *Server) newFollower() *watch.Follower {
	return &watch.Follower{
		Switch: s.sw, Name: watchName, Log: s.log,
		Apply: s.board.apply, Configured: s.board.configured, Sync: s.board.sync,
	}
}
