-- What became of a take (store::TakeFate). Of those that there are already nobody noted it. They count as taken into
-- account, with a file that is kept: one whose file is gone is asked for again if its phone still has it, and the
-- copy that was made of it is not made anew without it. Bytes that are sent twice cost less than bytes that are
-- believed to be here.
ALTER TABLE uploads ADD COLUMN fate TEXT NOT NULL DEFAULT 'kept';

-- When the file of a copy begins, on the server's clock. Known of those that are made of takes.
ALTER TABLE recordings ADD COLUMN starts_at BIGINT;
