package journal

import "time"

// IncidentKind says what recovery met.
type IncidentKind string

// The kinds of incident in a [RecoveryReport].
const (
	// TornTail: the last write did not end; its bytes were cut off.
	TornTail IncidentKind = "torn tail"
	// Damaged: records in the middle cannot be read; the file was copied to quarantine.
	Damaged IncidentKind = "damaged records"
	// Missing: a segment is not there.
	Missing IncidentKind = "missing records"
	// Unusable: good records were moved to quarantine because what comes before them is lost.
	Unusable IncidentKind = "unusable records"
	// SnapshotDamaged: a snapshot cannot be read; the one before it is used.
	SnapshotDamaged IncidentKind = "damaged snapshot"
	// BehindSnapshot: the journal ends before the newest snapshot does.
	BehindSnapshot IncidentKind = "journal behind snapshot"
)

// Incident is one thing that recovery had to repair or leave out. It is meant
// for the incident table and for a person.
type Incident struct {
	Kind    IncidentKind
	File    string // base name; may be empty
	Text    string // what happened and what was done
	Bytes   int64  // cut off or moved away
	Records uint64 // known to be lost to the replay, good ones in quarantine included; a torn tail counts none
	Covered bool   // the newest snapshot holds their effect: no fact is lost
}

// RecoveryReport is what [Open] found.
type RecoveryReport struct {
	First        uint64 // oldest record in the folder; 0 when none
	Last         uint64 // the journal goes on after this one
	SnapshotSeq  uint64 // newest valid snapshot; 0 when none
	Segments     int
	Records      uint64 // read and checked
	Bytes        int64  // read and checked
	DroppedBytes int64  // cut off or moved to quarantine
	Incidents    []Incident
	Took         time.Duration
}
