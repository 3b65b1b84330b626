-- How long a service is planned to take, in minutes. What was planned before is taken to last an hour.
ALTER TABLE streams ADD COLUMN planned_minutes BIGINT NOT NULL DEFAULT 60;
