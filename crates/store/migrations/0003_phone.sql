-- What a phone delivers after the service: one row for each take of its safety copy. How many bytes there are, the file
-- knows. `started_at` is on the server's clock; `take` is the phone's own name for it, so that a repeated request finds
-- the same upload.
CREATE TABLE uploads (
    id TEXT PRIMARY KEY NOT NULL,
    stream_id TEXT NOT NULL REFERENCES streams (id) ON DELETE CASCADE,
    take TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    length BIGINT,
    created_at BIGINT NOT NULL,
    UNIQUE (stream_id, take)
);

-- The latest rehearsal of a stream (domain::rehearsal::Rehearsal) as JSON.
CREATE TABLE rehearsals (
    stream_id TEXT PRIMARY KEY NOT NULL REFERENCES streams (id) ON DELETE CASCADE,
    rehearsal TEXT NOT NULL
);
