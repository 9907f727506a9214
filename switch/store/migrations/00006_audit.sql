-- Forced actions. The id begins with the time; started_us is microseconds UTC.
CREATE TABLE audit (
	id TEXT NOT NULL PRIMARY KEY,
	started_us INTEGER NOT NULL,
	who TEXT NOT NULL,
	role TEXT NOT NULL,
	operation TEXT NOT NULL,
	subject TEXT NOT NULL,
	agent_id TEXT NOT NULL,
	detail TEXT NOT NULL,
	outcome TEXT NOT NULL,
	reason TEXT NOT NULL
);
CREATE INDEX audit_started ON audit (started_us, id);
CREATE INDEX audit_agent ON audit (agent_id, started_us);
