package ici

import "strowger/switch/watch"

// watchName is how our subscription appears in the switch's figures, and how
// the configuration's section is called.
const watchName = "ici"

// newFollower reads the switch's events for the board, which tells the CRM.
// What happened while they were not read is told as far as it still shows.
func (s *Server) newFollower() *watch.Follower {
	return &watch.Follower{
		Switch: s.sw, Name: watchName, Log: s.log,
		Apply: s.board.apply, Configured: s.board.directory, Sync: s.board.sync,
	}
}
