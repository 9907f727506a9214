-- What the dialer's attempts have beside every try to reach somebody outside. Their call_id is the id of the attempt.
-- version: of the configuration objects that it was made by; calls, which have it too, may be kept for a shorter time.
-- bridge_us: when customer and agent could talk. message: 0 none, 1 begun, 2 told to its end.
-- again_us, again_by, again_at: when the customer wants to be called again, by whom (empty: anybody) and at which number (empty: the same).
ALTER TABLE attempts ADD COLUMN campaign TEXT NOT NULL DEFAULT '';
ALTER TABLE attempts ADD COLUMN list TEXT NOT NULL DEFAULT '';
ALTER TABLE attempts ADD COLUMN lead TEXT NOT NULL DEFAULT '';
ALTER TABLE attempts ADD COLUMN mode TEXT NOT NULL DEFAULT '';
ALTER TABLE attempts ADD COLUMN verdict TEXT NOT NULL DEFAULT '';
ALTER TABLE attempts ADD COLUMN verdict_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE attempts ADD COLUMN greeting_us INTEGER NOT NULL DEFAULT 0;
ALTER TABLE attempts ADD COLUMN deadline_us INTEGER NOT NULL DEFAULT 0;
ALTER TABLE attempts ADD COLUMN bridge_us INTEGER NOT NULL DEFAULT 0;
ALTER TABLE attempts ADD COLUMN message INTEGER NOT NULL DEFAULT 0;
ALTER TABLE attempts ADD COLUMN dropped INTEGER NOT NULL DEFAULT 0;
ALTER TABLE attempts ADD COLUMN own_timer INTEGER NOT NULL DEFAULT 0;
ALTER TABLE attempts ADD COLUMN cut_short INTEGER NOT NULL DEFAULT 0;
ALTER TABLE attempts ADD COLUMN kept INTEGER NOT NULL DEFAULT 0;
ALTER TABLE attempts ADD COLUMN result TEXT NOT NULL DEFAULT '';
ALTER TABLE attempts ADD COLUMN version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE attempts ADD COLUMN do_not_call INTEGER NOT NULL DEFAULT 0;
ALTER TABLE attempts ADD COLUMN again_us INTEGER NOT NULL DEFAULT 0;
ALTER TABLE attempts ADD COLUMN again_by TEXT NOT NULL DEFAULT '';
ALTER TABLE attempts ADD COLUMN again_at TEXT NOT NULL DEFAULT '';
CREATE INDEX attempts_campaign ON attempts (campaign, started_us) WHERE campaign <> '';
CREATE INDEX attempts_dialer ON attempts (call_id) WHERE campaign <> '';
