-- Services that were deleted, and the link that they had at last: a phone that still holds a copy of one may forget it, when it
-- comes with that link. A service that is only unknown, as after a backup from before it was restored, is not here.
CREATE TABLE deleted_streams (
    id TEXT PRIMARY KEY,
    link_generation BIGINT NOT NULL
);
