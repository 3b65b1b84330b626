-- The second step at sign-in: a code of an authenticator app.

-- `secret` is encrypted (service::sealed), bound to the user. Not confirmed, it is asked for by nobody yet. A step's code
-- is used once: `last_step` only grows.
CREATE TABLE second_factors (
    user_id TEXT PRIMARY KEY NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    secret TEXT NOT NULL,
    confirmed_at BIGINT,
    last_step BIGINT NOT NULL
);

-- What is left of the codes for whoever lost their phone, by their SHA-256.
CREATE TABLE recovery_codes (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    code_hash TEXT NOT NULL,
    PRIMARY KEY (user_id, code_hash)
);

-- 1: the password was right, and the code is still to come. Such a session opens nothing.
ALTER TABLE sessions ADD COLUMN waiting BIGINT NOT NULL DEFAULT 0;
