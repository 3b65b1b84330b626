-- Several instances of the program on one database. Those that run, and when each was last heard of, in Unix milliseconds by
-- the database's own clock.
CREATE TABLE instances (
    id TEXT PRIMARY KEY NOT NULL,
    address TEXT NOT NULL,
    seen_at BIGINT NOT NULL
);

-- Which instance has which stream. No foreign keys: a dead instance leaves its streams behind for others to take, and a
-- service that is being deleted has no row of its own any more.
CREATE TABLE stream_hosts (
    stream_id TEXT PRIMARY KEY NOT NULL,
    instance_id TEXT NOT NULL,
    since BIGINT NOT NULL,
    -- What it tells of the stream (domain::hosting::Pulse).
    pulse TEXT
);
CREATE INDEX stream_hosts_by_instance ON stream_hosts (instance_id);

-- Work that one instance at a time does, and until when it has it.
CREATE TABLE leases (
    name TEXT PRIMARY KEY NOT NULL,
    holder TEXT NOT NULL,
    until BIGINT NOT NULL
);
