-- From version 1 on: votes know the time and the target of their block. Older ones have no target and forbid nothing.
ALTER TABLE votes ADD COLUMN time INTEGER NOT NULL DEFAULT 0;
ALTER TABLE votes ADD COLUMN bits INTEGER NOT NULL DEFAULT 0;
