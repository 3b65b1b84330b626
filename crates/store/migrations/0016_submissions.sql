-- What was asked for by a submission, as the installation's keyed hash, so that the same name with something else in it
-- is told from a repetition. From here on `submission` is such a hash, too, of the memorial and the name; the bare names
-- of before match nothing any more.
ALTER TABLE streams ADD COLUMN submitted TEXT;
