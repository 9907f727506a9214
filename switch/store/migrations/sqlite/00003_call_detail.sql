-- +goose Up
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

-- +goose Down
ALTER TABLE calls DROP COLUMN overflows;
ALTER TABLE calls DROP COLUMN priority;
ALTER TABLE calls DROP COLUMN estimate_ms;
ALTER TABLE calls DROP COLUMN root_id;
ALTER TABLE calls DROP COLUMN consult_of;
ALTER TABLE calls DROP COLUMN callback_id;
ALTER TABLE calls DROP COLUMN success;
ALTER TABLE calls DROP COLUMN dispositions;
ALTER TABLE calls DROP COLUMN agents;
ALTER TABLE calls DROP COLUMN queues;
ALTER TABLE calls DROP COLUMN dnis_label;
ALTER TABLE calls DROP COLUMN dnis_entry;
ALTER TABLE calls DROP COLUMN dnis_number;
ALTER TABLE calls DROP COLUMN kind;
