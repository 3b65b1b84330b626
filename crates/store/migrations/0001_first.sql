-- One dialect for SQLite and PostgreSQL: ids, hashes and documents are text, moments are Unix milliseconds.

CREATE TABLE users (
    id TEXT PRIMARY KEY NOT NULL,
    email TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

-- A session's token is known to the browser alone; here is its SHA-256.
CREATE TABLE sessions (
    token_hash TEXT PRIMARY KEY NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE TABLE memorials (
    id TEXT PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    born TEXT,
    died TEXT,
    time_zone TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    archived_at BIGINT
);

-- `facts` is the stream's life (domain::stream::StreamFacts) as JSON; `version` counts its changes, so that two
-- writers merge instead of overwriting each other.
CREATE TABLE streams (
    id TEXT PRIMARY KEY NOT NULL,
    memorial_id TEXT NOT NULL REFERENCES memorials (id),
    slug TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    description TEXT NOT NULL,
    scheduled_start BIGINT,
    time_zone TEXT NOT NULL,
    method TEXT NOT NULL,
    route TEXT NOT NULL,
    link_generation BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    facts TEXT NOT NULL,
    version BIGINT NOT NULL
);
CREATE INDEX streams_by_memorial ON streams (memorial_id);

CREATE TABLE recordings (
    id TEXT PRIMARY KEY NOT NULL,
    stream_id TEXT NOT NULL REFERENCES streams (id) ON DELETE CASCADE,
    source TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    facts TEXT NOT NULL,
    version BIGINT NOT NULL,
    UNIQUE (stream_id, source)
);
