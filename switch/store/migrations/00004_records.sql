-- What happened within calls and shifts. Times are microseconds UTC, 0 where
-- there is none; a row with ended_us = 0 goes on.
CREATE TABLE segments (
	id TEXT NOT NULL PRIMARY KEY,
	shard TEXT NOT NULL,
	seq INTEGER NOT NULL,
	conn_id TEXT NOT NULL,
	began INTEGER NOT NULL,
	part INTEGER NOT NULL,
	call_id TEXT NOT NULL,
	kind TEXT NOT NULL,
	role TEXT NOT NULL,
	party TEXT NOT NULL,
	agent_id TEXT NOT NULL,
	trunk TEXT NOT NULL,
	state TEXT NOT NULL,
	queue_id TEXT NOT NULL,
	at_us INTEGER NOT NULL,
	started_us INTEGER NOT NULL,
	ended_us INTEGER NOT NULL,
	length_us INTEGER NOT NULL,
	end_reason TEXT NOT NULL,
	cause INTEGER NOT NULL,
	passed_by TEXT NOT NULL,
	passed_to TEXT NOT NULL,
	offered_us INTEGER NOT NULL,
	fact_us INTEGER NOT NULL,
	target_us INTEGER NOT NULL,
	position INTEGER NOT NULL,
	last_position INTEGER NOT NULL,
	rule TEXT NOT NULL,
	lost_from_us INTEGER NOT NULL
);
CREATE INDEX segments_started ON segments (started_us, id);
CREATE INDEX segments_fact ON segments (fact_us);
CREATE INDEX segments_open ON segments (shard) WHERE ended_us = 0;
CREATE INDEX segments_call ON segments (call_id);

CREATE TABLE agent_states (
	id TEXT NOT NULL PRIMARY KEY,
	shard TEXT NOT NULL,
	seq INTEGER NOT NULL,
	agent_id TEXT NOT NULL,
	began INTEGER NOT NULL,
	state TEXT NOT NULL,
	reason TEXT NOT NULL,
	station TEXT NOT NULL,
	queues TEXT NOT NULL,
	login_us INTEGER NOT NULL,
	call_id TEXT NOT NULL,
	at_us INTEGER NOT NULL,
	started_us INTEGER NOT NULL,
	ended_us INTEGER NOT NULL,
	length_us INTEGER NOT NULL,
	logout INTEGER NOT NULL,
	lost_from_us INTEGER NOT NULL
);
CREATE INDEX agent_states_started ON agent_states (started_us, id);
CREATE INDEX agent_states_ended ON agent_states (ended_us);

CREATE TABLE attempts (
	id TEXT NOT NULL PRIMARY KEY,
	shard TEXT NOT NULL,
	seq INTEGER NOT NULL,
	call_id TEXT NOT NULL,
	callback_id TEXT NOT NULL,
	number TEXT NOT NULL,
	trunk TEXT NOT NULL,
	shown TEXT NOT NULL,
	queue_id TEXT NOT NULL,
	agent_id TEXT NOT NULL,
	started_us INTEGER NOT NULL,
	ringing_us INTEGER NOT NULL,
	answered_us INTEGER NOT NULL,
	ended_us INTEGER NOT NULL,
	ring_us INTEGER NOT NULL,
	talk_us INTEGER NOT NULL,
	cause INTEGER NOT NULL,
	tech_cause INTEGER NOT NULL,
	outcome TEXT NOT NULL
);
CREATE INDEX attempts_started ON attempts (started_us, id);

CREATE TABLE dispositions (
	id TEXT NOT NULL PRIMARY KEY,
	shard TEXT NOT NULL,
	seq INTEGER NOT NULL,
	conn_id TEXT NOT NULL,
	n INTEGER NOT NULL,
	call_id TEXT NOT NULL,
	queue_id TEXT NOT NULL,
	agent_id TEXT NOT NULL,
	code TEXT NOT NULL,
	success INTEGER NOT NULL,
	started_us INTEGER NOT NULL,
	offered_us INTEGER NOT NULL,
	fact_us INTEGER NOT NULL
);
CREATE INDEX dispositions_started ON dispositions (started_us, id);
CREATE INDEX dispositions_fact ON dispositions (fact_us);
CREATE INDEX dispositions_conn ON dispositions (conn_id);

-- The end of a call that nobody saw lies between this and ended_us.
ALTER TABLE calls ADD COLUMN lost_from_us INTEGER NOT NULL DEFAULT 0;
CREATE INDEX calls_by_start ON calls (started_us, id);
