-- Who may see what. A role is `administrator`, `director:{home}`, `assistant:{home}` or `family` (domain::access::Role).

CREATE TABLE homes (
    id TEXT PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

-- Without a role somebody sees nothing. Whoever has an account already is an administrator.
ALTER TABLE users ADD COLUMN role TEXT NOT NULL DEFAULT 'family';
UPDATE users SET role = 'administrator';
CREATE INDEX users_by_role ON users (role);

-- Whose staff look after it; without one administrators only do.
ALTER TABLE memorials ADD COLUMN home_id TEXT REFERENCES homes (id);
CREATE INDEX memorials_by_home ON memorials (home_id);

-- The family of a memorial.
CREATE TABLE members (
    memorial_id TEXT NOT NULL REFERENCES memorials (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (memorial_id, user_id)
);
CREATE INDEX members_by_user ON members (user_id);

-- `all` or `home:{home}`; what says neither opens nothing.
ALTER TABLE api_tokens ADD COLUMN scope TEXT NOT NULL DEFAULT 'none';
UPDATE api_tokens SET scope = 'all';

-- Which browser, in a few words.
ALTER TABLE sessions ADD COLUMN agent TEXT NOT NULL DEFAULT '';
CREATE INDEX sessions_by_user ON sessions (user_id);

-- Links that are used once. `gives` is a domain::access::Grant. The token is in the link alone; here is its SHA-256.
CREATE TABLE invitations (
    id TEXT PRIMARY KEY NOT NULL,
    token_hash TEXT NOT NULL UNIQUE,
    gives TEXT NOT NULL,
    label TEXT NOT NULL,
    invited_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    withdrawn_at BIGINT
);
CREATE INDEX invitations_by_gives ON invitations (gives);

-- Grows and never changes: triggers refuse anything else (store::audit).
CREATE TABLE audit (
    id TEXT PRIMARY KEY NOT NULL,
    at BIGINT NOT NULL,
    who TEXT NOT NULL,
    deed TEXT NOT NULL,
    what TEXT NOT NULL
);
