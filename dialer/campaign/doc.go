// Package campaign keeps what a running campaign is bound by: how many people
// may still be dropped, how many lines a trunk group takes, and whose turn an
// agent is who serves several campaigns.
//
//   - [Ledger] counts, minute by minute, people who were connected, who were
//     dropped and who were taken for machines, and says how much of the legal
//     budget is used, how it will stand by close, and what share the pacer may aim at.
//   - [Guard] is the stop when the budget is gone: first a line per free agent,
//     then none. Nobody goes past it but by an [Override] that has a name, a
//     reason and an end.
//   - [Breaker] stops dialling into trunks that fail, and tries them again.
//   - [Tokens] keep a trunk group's calls and calls per second.
//   - [Share] lends agents to the campaigns that they serve, by weight.
//
// It is pure: no clock, no goroutine, no I/O; instants come in. Each value
// belongs to one goroutine. It knows no lead, no call and no trunk's name.
//
// # What counts
//
// A campaign's rate is (dropped + false machines) / (dropped + false machines +
// connected). Who has hung up before anybody could be there is in neither, and is
// shown by itself. False machines are people whom the detector took for
// machines. They cannot be counted, so they are estimated: a sample of what was
// taken for a machine is listened to and labelled; of n labelled, k of them people,
// the share is (k + 1/2) / (n + 1), and before 20 are labelled a share that
// was configured. The pacer's target is the limit minus their part in the answers.
package campaign
