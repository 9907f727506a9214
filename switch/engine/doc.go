// Package engine runs the switch: one goroutine (the shard loop) owns a
// callmodel.State and feeds it facts, timers and commands from three lanes.
//
// Each batch goes the same way: Step for every input, records to the journal
// (write(2), so kill -9 loses nothing), then effects to the lanes of their
// calls, events to the subscribers, verdicts to the callers. The loop never
// waits for a disk, for a telephony server or for a reader: facts block their
// producer, commands are refused as busy, slow readers are cut off (DESIGN.md
// 1.6 and 4).
//
// Goroutines and their owners: the loop, and one encoder for snapshots, belong
// to the Engine; one worker per call with orders under way belongs to the
// effect lanes; subscriptions have none. Stop waits for all of them.
//
// It knows no telephony server and no protocol: it drives port.Effector and
// serves port.Switch and port.Feed.
package engine
