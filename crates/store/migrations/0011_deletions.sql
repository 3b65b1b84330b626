-- Services that are being deleted for good (domain::deletion::DeletionFacts): what of them was seen to be gone. No foreign
-- key: the service's own row is gone first. A row goes when its receipt is in the audit log.
CREATE TABLE deletions (
    id TEXT PRIMARY KEY NOT NULL,
    -- The service in words, as the audit log has it.
    what TEXT NOT NULL,
    memorial_id TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    facts TEXT NOT NULL,
    version BIGINT NOT NULL
);

-- The memorial that a line of the log belongs to. No foreign key: the log outlives it.
ALTER TABLE audit ADD COLUMN memorial_id TEXT;
CREATE INDEX audit_by_memorial ON audit (memorial_id);
