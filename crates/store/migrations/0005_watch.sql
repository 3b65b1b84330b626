-- Who may watch a service, and until when (domain::privacy::Privacy).

-- The passcode that mourners are asked for, as a keyed hash; none where the link is enough.
ALTER TABLE streams ADD COLUMN passcode_hash TEXT;
-- Whether the recording waits for somebody to approve it, and when that was done.
ALTER TABLE streams ADD COLUMN needs_approval BIGINT NOT NULL DEFAULT 0;
ALTER TABLE streams ADD COLUMN approved_at BIGINT;
-- Until when it can be watched, where staff chose a day; else it follows from the end of the service.
ALTER TABLE streams ADD COLUMN available_until BIGINT;
-- Whether those who watch may keep the recording.
ALTER TABLE streams ADD COLUMN downloads BIGINT NOT NULL DEFAULT 0;
-- Whether the pages of the memorial's other services lead here.
ALTER TABLE streams ADD COLUMN listed BIGINT NOT NULL DEFAULT 0;

-- What those who watch are shown of a recording whose beginning and end were taken off (domain::recording::Cut), as JSON.
ALTER TABLE recordings ADD COLUMN cut TEXT;
