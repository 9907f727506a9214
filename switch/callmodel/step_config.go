package callmodel

import "slices"

// configLoaded brings a version into force. Calls keep the version that they
// started with; agents and queues follow at once, and what was removed goes
// when nothing uses it any more.
func (s *State) configLoaded(cfg *Config) {
	if cfg == nil || cfg.Validate() != nil {
		s.incident("", "a configuration that does not validate was refused; the old one stays in force")
		return
	}
	cfg.prepare()
	s.config = cfg
	s.configs[cfg.Version] = cfg
	for i := range cfg.Queues {
		q := &cfg.Queues[i]
		if s.queues[q.ID] == nil {
			s.queues[q.ID] = &Queue{ID: q.ID, gen: s.gen}
		}
		live := s.editQueue(q.ID)
		live.Number, live.Name, live.Address = q.Number, q.Name, q.Address
	}
	named := map[QueueID]bool{} // by a call: its queue stays until the next version
	for _, c := range s.calls {
		named[c.Queue] = true
	}
	for _, cb := range s.callbacks {
		named[cb.Queue] = named[cb.Queue] || cb.State != CallbackDone
	}
	for id := range s.queues {
		if cfg.Queue(id) == nil && !named[id] {
			delete(s.queues, id)
		}
	}
	for i := range cfg.Agents {
		s.configureAgent(&cfg.Agents[i])
	}
	for _, a := range s.agentsInOrder() {
		if cfg.Agent(a.ID) == nil {
			s.removeAgent(a.ID)
		}
	}
	s.dropConfigs()
	s.emit(Event{Kind: EvConfigChanged})
	s.watchService()
	for _, n := range cfg.Nodes {
		s.watchPhones(n.ID)
	}
	for _, a := range s.agentsInOrder() {
		s.needStanding(a.ID)
	}
	s.sessions()
	s.serveAll()
}

func (s *State) configureAgent(cfg *AgentConfig) {
	if s.agents[cfg.ID] == nil {
		s.agents[cfg.ID] = &Agent{ID: cfg.ID, State: LoggedOut, Since: s.now, gen: s.gen}
	}
	a := s.editAgent(cfg.ID)
	a.Number, a.Name, a.Line, a.Queues, a.Removed = cfg.Number, cfg.Name, cfg.Line, slices.Clone(cfg.Queues), false
	a.Off = keepOff(a.Off, cfg.Queues)
	if a.State == LoggedOut {
		a.Station = cfg.Station // a shift keeps the station that it began at
	}
}

// removeAgent forgets an agent that the configuration no longer has, after
// their current call.
func (s *State) removeAgent(id AgentID) {
	if s.agents[id].Removed {
		return // its last call goes on
	}
	a := s.editAgent(id)
	if a.busy() {
		a.Removed, a.Pending, a.PendingReason = true, LoggedOut, ""
		s.cancelAgentTimer(TimerStation, id)
		s.emitAgent(id)
		return
	}
	if len(a.Items) > 0 {
		a.Removed = true
		s.cancelAgentTimer(TimerStation, id)
		s.workOn(id, LoggedOut, "")
		return
	}
	if a.State != LoggedOut {
		a.State, a.Reason, a.Since = LoggedOut, "", s.now
		s.emitAgent(id)
	}
	s.endEntering(id, PasscodeOver, CauseNormal)
	s.dropStanding(id)
	s.leaveSeat(id)
	delete(s.agents, id)
}

// dropConfigs forgets versions that nothing pins any more.
func (s *State) dropConfigs() {
	used := map[uint64]bool{s.config.Version: true}
	for _, c := range s.calls {
		used[c.Config] = true
	}
	for v := range s.configs {
		if !used[v] {
			delete(s.configs, v)
		}
	}
}
