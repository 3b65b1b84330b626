-- The picture of the person who is remembered: a small JPEG, in base64, which both databases keep alike. `id` changes with
-- the picture.
CREATE TABLE portraits (
    memorial_id TEXT PRIMARY KEY NOT NULL REFERENCES memorials (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    jpeg TEXT NOT NULL
);
