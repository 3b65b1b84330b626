-- What the success metrics are made of (domain::success::Measured). Nothing here is of a person, a service or an address:
-- `at` is a day, and `software` a browser's and a system's family and major version, of closed lists.
CREATE TABLE measurements (
    at BIGINT NOT NULL,
    -- `creation`, `connection` (milliseconds) or `minute` (1: it worked).
    kind TEXT NOT NULL,
    value BIGINT NOT NULL,
    software TEXT
);
CREATE INDEX measurements_by_day ON measurements (kind, at);
