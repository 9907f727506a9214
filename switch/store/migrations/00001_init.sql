CREATE TABLE calls (
    id             TEXT    NOT NULL PRIMARY KEY,
    shard          TEXT    NOT NULL,
    seq            INTEGER NOT NULL,
    number         INTEGER NOT NULL,
    node           TEXT    NOT NULL,
    dialled        TEXT    NOT NULL,
    caller         TEXT    NOT NULL,
    queue_id       TEXT    NOT NULL,
    agent_id       TEXT    NOT NULL,
    started_us     INTEGER NOT NULL,
    answered_us    INTEGER NOT NULL,
    ended_us       INTEGER NOT NULL,
    outcome        TEXT    NOT NULL,
    hangup_cause   INTEGER NOT NULL,
    wait_ms        INTEGER NOT NULL,
    talk_ms        INTEGER NOT NULL,
    wrap_ms        INTEGER NOT NULL,
    config_version INTEGER NOT NULL
);
CREATE INDEX calls_by_end ON calls (ended_us, id);
CREATE INDEX calls_by_seq ON calls (shard, seq);

CREATE TABLE projections (
    shard TEXT    NOT NULL PRIMARY KEY,
    seq   INTEGER NOT NULL
);

CREATE TABLE config_versions (
    version    INTEGER NOT NULL PRIMARY KEY,
    created_us INTEGER NOT NULL,
    sha256     TEXT    NOT NULL,
    yaml       TEXT    NOT NULL
);

CREATE TABLE incidents (
    id      AUTOID,
    time_us INTEGER NOT NULL,
    kind    TEXT    NOT NULL,
    text    TEXT    NOT NULL,
    counts  TEXT    NOT NULL
);

-- Rows are never deleted, so the largest number of a kind is never reused.
CREATE TABLE object_numbers (
    kind   TEXT    NOT NULL,
    id     TEXT    NOT NULL,
    number INTEGER NOT NULL CHECK (number > 0),
    PRIMARY KEY (kind, id),
    UNIQUE (kind, number)
);
