-- What is in force: one row per configuration object.
CREATE TABLE objects (
    kind    TEXT    NOT NULL,
    id      TEXT    NOT NULL,
    body    TEXT    NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (kind, id)
);

-- One row per change: who, when and what.
CREATE TABLE object_versions (
    version INTEGER NOT NULL PRIMARY KEY,
    time_us INTEGER NOT NULL,
    made_by TEXT    NOT NULL,
    diff    TEXT    NOT NULL
);

-- What an object was made by each version; NULL = removed.
CREATE TABLE object_history (
    version INTEGER NOT NULL,
    kind    TEXT    NOT NULL,
    id      TEXT    NOT NULL,
    body    TEXT,
    PRIMARY KEY (version, kind, id)
);
CREATE INDEX object_history_by_id ON object_history (kind, id, version);
