-- One row per recording of a conversation. agents is a JSON list of ids; pauses and gaps are JSON lists of objects
-- with from and to (microseconds of wall time) and reason, a pause also by. file is relative to the folder of recordings.
CREATE TABLE recordings (
	id TEXT NOT NULL PRIMARY KEY,
	call_id TEXT NOT NULL,
	call_number INTEGER NOT NULL,
	node TEXT NOT NULL,
	queue_id TEXT NOT NULL,
	agents TEXT NOT NULL,
	caller TEXT NOT NULL,
	dialled TEXT NOT NULL,
	channels INTEGER NOT NULL,
	parts INTEGER NOT NULL,
	by_rule INTEGER NOT NULL,
	asked_by TEXT NOT NULL,
	started_us INTEGER NOT NULL,
	ended_us INTEGER NOT NULL,
	duration_ms INTEGER NOT NULL,
	bytes INTEGER NOT NULL,
	sha256 TEXT NOT NULL,
	file TEXT NOT NULL,
	state TEXT NOT NULL,
	reason TEXT NOT NULL,
	repaired INTEGER NOT NULL,
	pauses TEXT NOT NULL,
	gaps TEXT NOT NULL,
	stored_us INTEGER NOT NULL,
	keep_until_us INTEGER NOT NULL,
	deleted_us INTEGER NOT NULL
);
CREATE INDEX recordings_by_start ON recordings (started_us, id);
CREATE INDEX recordings_by_call ON recordings (call_id);
CREATE INDEX recordings_by_end_of_keep ON recordings (state, keep_until_us);
