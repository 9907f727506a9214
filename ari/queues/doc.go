// Package queues mirrors the queues of app_queue, Asterisk's own queue
// application, into the switch: their members, callers, waiting times and
// talks, read-only, over AMI, because ARI does not tell of them.
//
//	AMI event             fact
//	QueueCallerJoin       MirrorCallerJoined
//	AgentCalled           MirrorCallerMoved rings
//	AgentRingNoAnswer     MirrorCallerMoved no-answer
//	QueueCallerAbandon    MirrorCallerMoved abandoned (app_queue says so of a timeout, too)
//	QueueCallerLeave      MirrorCallerMoved left
//	AgentConnect          MirrorCallerMoved talks
//	AgentComplete         MirrorCallerMoved over
//	QueueMember*          MirrorMemberSeen, MirrorMemberRemoved
//	QueueStatus,          MirrorListing: at each connect, as a drift check, and
//	CoreShowChannels      whenever something could not be read
//
// What it needs of the AMI account: read = agent for the events, write =
// reporting for CoreShowChannels, which tells who talks to whom (without it,
// talks that began out of sight are not seen). QueueStatus asks for no right.
//
// There is no apply: nothing here gives an order. Losing AMI is shown as a
// degraded mirror (Info.Trouble, MirrorDown) and stops no call. A session that
// is cut, half open or slow is dialled anew, with a growing pause, and begins
// with a listing; app_queue tells how long each caller has waited, so waiting
// times outlive both ends.
//
// Goroutine: one per Mirror, and those of its ami.Client; all end in Stop.
package queues
