-- What a call has been through. Rows from before have the defaults: not known.
ALTER TABLE calls ADD COLUMN kind TEXT NOT NULL DEFAULT '';
ALTER TABLE calls ADD COLUMN dnis_number TEXT NOT NULL DEFAULT '';
ALTER TABLE calls ADD COLUMN dnis_entry TEXT NOT NULL DEFAULT '';
ALTER TABLE calls ADD COLUMN dnis_label TEXT NOT NULL DEFAULT '';
-- JSON lists: objects with q, at, left (microseconds) and a; agent ids; disposition ids.
ALTER TABLE calls ADD COLUMN queues TEXT NOT NULL DEFAULT '[]';
ALTER TABLE calls ADD COLUMN agents TEXT NOT NULL DEFAULT '[]';
ALTER TABLE calls ADD COLUMN dispositions TEXT NOT NULL DEFAULT '[]';
ALTER TABLE calls ADD COLUMN success INTEGER NOT NULL DEFAULT 0;
ALTER TABLE calls ADD COLUMN callback_id TEXT NOT NULL DEFAULT '';
ALTER TABLE calls ADD COLUMN consult_of TEXT NOT NULL DEFAULT '';
ALTER TABLE calls ADD COLUMN root_id TEXT NOT NULL DEFAULT '';
ALTER TABLE calls ADD COLUMN estimate_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE calls ADD COLUMN priority INTEGER NOT NULL DEFAULT 0;
ALTER TABLE calls ADD COLUMN overflows INTEGER NOT NULL DEFAULT 0;
