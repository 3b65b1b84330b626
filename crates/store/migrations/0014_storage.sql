-- What object storage holds of each recording (domain::storage::Stored).
CREATE TABLE stored_files (
    recording_id TEXT NOT NULL REFERENCES recordings (id) ON DELETE CASCADE,
    -- 'whole', or 'shown': the part of it that those who watch are shown.
    piece TEXT NOT NULL,
    stored TEXT NOT NULL,
    PRIMARY KEY (recording_id, piece)
);
