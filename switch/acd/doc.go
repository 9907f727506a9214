// Package acd decides who gets a call: who may get it, the strategies, the
// choice among the queues of an agent who has become ready, skill needs that
// relax with waiting time, and the estimated wait. [Explain] puts a decision
// into words.
//
// It is pure and implements callmodel.Router. It holds no state, starts no
// goroutine, reads no clock, draws no random number and computes on integers,
// so that a replay decides the same. Results do not depend on the order in
// which agents are given. It does not offer calls, count them or keep queues:
// callmodel does.
//
// # Who may get a call
//
// Reasons against an agent are checked in this order, and the first one is the
// agent's verdict: logged out (or no longer configured), not ready, busy, phone
// not registered, has turned this call down, is a director, is not one of the
// required agents, lacks a skill, is not the preferred agent, on demand only.
//
//   - A director is an agent with that capability and neither of the others.
//   - Required agents hold until Call.RequiredTo, 0: for good. They need the
//     skills like everybody.
//   - While a call has waited for less than the queue's preferred_wait, only its
//     preferred agent gets it. That lapses at once where the preferred agent
//     could not get the call even if ready: logged out, does not serve the
//     queue, has turned the call down, is a director, is not among the required,
//     or lacks a skill that is needed now.
//   - On-demand agents get a call only where no standard agent may have it.
//
// # Formulas
//
// Skill needs: those of the step with the highest After <= waited; none before
// the first step. Needs of the call itself stand instead of all steps.
//
// Which call first: the highest queue priority + call priority, then the lowest
// order. A callback has the order of the call that it came from, which is how
// it keeps its place.
//
// Estimated wait: see [Router.Estimate].
//
// Service level: answered within the target * 1000 / (answered + abandoned -
// abandoned within the target), rounded down; 1000 where the divisor is 0
// (callmodel.Queue.ServiceLevel).
//
// testdata/expected.txt shows the arithmetic of all of them, and
// testdata/check.py computes it a second time.
package acd
