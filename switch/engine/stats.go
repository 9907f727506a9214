package engine

import "sync/atomic"

// counters are the engine's live figures.
type counters struct {
	inputs, commands, commandsRefused, factsBlocked, timersFired         atomic.Uint64
	effectsDone, effectsFailed, effectsUnknown, effectsShed, effectsLost atomic.Uint64
	events, overruns, snapshots, snapshotsFailed, replayed, panics       atomic.Uint64
	mismatches                                                           atomic.Uint64
	effectsWaiting, effectsGated, subscribers                            atomic.Int64
	snapshotting, journalFailed                                          atomic.Int64
}

// Stats is a reading of the engine's figures; counters count from the start of the process.
type Stats struct {
	Inputs, Commands, CommandsRefused, FactsBlocked, TimersFired         uint64
	EffectsDone, EffectsFailed, EffectsUnknown, EffectsShed, EffectsLost uint64
	Events, Overruns, Snapshots, SnapshotsFailed, Replayed, Panics       uint64
	Mismatches                                                           uint64
	EffectsWaiting, EffectsGated, Subscribers                            int64
	FactsWaiting, CommandsWaiting                                        int
	FactsLimit                                                           int // how many may wait
	JournalFailed                                                        bool
}

// Stats returns the figures of this moment.
func (e *Engine) Stats() Stats {
	c := &e.stats
	return Stats{
		Inputs: c.inputs.Load(), Commands: c.commands.Load(), CommandsRefused: c.commandsRefused.Load(),
		FactsBlocked: c.factsBlocked.Load(), TimersFired: c.timersFired.Load(),
		EffectsDone: c.effectsDone.Load(), EffectsFailed: c.effectsFailed.Load(),
		EffectsUnknown: c.effectsUnknown.Load(), EffectsShed: c.effectsShed.Load(), EffectsLost: c.effectsLost.Load(),
		Events: c.events.Load(), Overruns: c.overruns.Load(), Snapshots: c.snapshots.Load(),
		SnapshotsFailed: c.snapshotsFailed.Load(), Replayed: c.replayed.Load(), Panics: c.panics.Load(),
		Mismatches: c.mismatches.Load(), EffectsWaiting: c.effectsWaiting.Load(), EffectsGated: c.effectsGated.Load(), Subscribers: c.subscribers.Load(),
		FactsWaiting: len(e.facts), FactsLimit: cap(e.facts), CommandsWaiting: len(e.commands), JournalFailed: c.journalFailed.Load() != 0,
	}
}
