// Package recordings keeps the files of recordings.
//
// When a recording has ended, its tracks are fetched from the telephony server,
// made into one file (package media/record) below a folder of ours, year, month,
// day, and entered into the index (package switch/store); then they are removed
// at the server and the switch is told. Each of these steps may be done twice:
// the switch remembers a recording until it has been told, so that a controller
// that was killed in between goes on where it was.
//
// What no event tells is found by looking: tracks at a server that nobody
// fetched, files without a row, rows without a file. Files whose time is over
// are deleted, and the row says so. Where there is too little room on the disk
// the switch is told to start no more recordings, and when there is room again.
//
// Nobody else opens the files: [Keeper.Open] is for the HTTP interface, which
// knows who may hear them.
//
// Goroutines: one follows the events, one keeps files, one looks after the
// folder. All end in [Keeper.Stop].
package recordings
