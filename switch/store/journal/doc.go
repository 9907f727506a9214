// Package journal is the engine's truth on disk: an append-only log of
// numbered records in segment files, and the snapshots that let a restart
// begin near its end (DESIGN.md section 4, specs/reliability.md rows 38-41).
//
// # What it promises
//
//   - After [Journal.Flush] returned nil the records are in the kernel: kill -9
//     of this process loses none of them.
//   - After [Journal.WaitSynced] returned nil the record is on the disk: a power
//     failure loses none up to it.
//   - The shard loop never waits for a disk: Append and Flush never fsync,
//     never create a file and never wait for the goroutine that does. (The
//     kernel itself may delay a write(2) when its own page cache is full.)
//   - Nothing is dropped silently. What [Open] had to cut, move or leave out is
//     an [Incident] in the [RecoveryReport], and the bytes stay in the folder
//     "quarantine".
//
// # What it is not
//
// It does not know what a record means, and it is no database: lists, reports
// and configuration are in package store, fed from what is journaled here.
//
// # Files
//
// A folder of mode 0700 with files of mode 0600:
//
//	lock                       flock'ed by the controller that owns the folder
//	journal-0000000001.seg     segment: 32-byte header, then records
//	snapshot-<20 digits>.snap  snapshot of the state after that sequence number
//	quarantine/                copies of what recovery had to cut or move, at most 64 files
//
// A record is length u32, CRC-32C u32 (of seq and payload), seq u64, payload;
// all little-endian. Segments are numbered in the order of creation; the first
// sequence number is in the header, which is written together with the first
// records. A segment file of no bytes is a spare, made ahead of need so that
// changing segments costs the loop nothing.
//
// # A disk that fails
//
// A full disk (ENOSPC, EDQUOT on write) is a fault that can end: what was
// written of the batch is cut off again, records stay in memory up to
// [Options.PendingBytes], Flush returns fault.Unavailable and tries again at
// most every quarter second, and WaitSynced fails for what is not written. Once
// Flush returns nil again nothing has been lost. When the memory limit is
// reached, or the disk reports anything else (EIO, any failed fsync), the
// journal has failed for good: Append, Flush and WaitSynced return
// fault.Unavailable until the process is restarted. A failed fsync is never
// retried, because the kernel forgets the pages it could not write.
//
// # Goroutines
//
// [Open] starts one, the syncer; [Journal.Close] ends it. Append, Flush and
// Close belong to one goroutine (the shard loop); all other methods may be
// called from anywhere.
package journal
