-- Providers of recordings.

-- Whether a second, independent copy was asked for.
ALTER TABLE streams ADD COLUMN backup BIGINT NOT NULL DEFAULT 0;
-- Chosen by whoever submits, so that a form that is sent twice makes one stream.
ALTER TABLE streams ADD COLUMN submission TEXT;
CREATE UNIQUE INDEX streams_by_submission ON streams (submission);

-- What each provider holds for each stream (domain::provision::ProvisionFacts). No foreign key: what a provider holds is
-- removed there after the stream is deleted here, and must not be forgotten until it is.
CREATE TABLE provisions (
    id TEXT PRIMARY KEY NOT NULL,
    stream_id TEXT NOT NULL,
    provider TEXT NOT NULL,
    title TEXT NOT NULL,
    facts TEXT NOT NULL,
    version BIGINT NOT NULL,
    UNIQUE (stream_id, provider)
);

-- What providers told us: stored before it is answered, applied once. `event_key` is what makes two deliveries one.
CREATE TABLE webhook_inbox (
    provider TEXT NOT NULL,
    event_key TEXT NOT NULL,
    kind TEXT NOT NULL,
    -- The provider's id of what it is about, if it says.
    object TEXT,
    received_at BIGINT NOT NULL,
    applied_at BIGINT,
    PRIMARY KEY (provider, event_key)
);
CREATE INDEX webhook_inbox_waiting ON webhook_inbox (applied_at, received_at);

-- For programs that create streams. The token is known to its holder alone; here is its SHA-256.
CREATE TABLE api_tokens (
    token_hash TEXT PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    revoked_at BIGINT
);
