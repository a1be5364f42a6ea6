-- A request may take the place of an earlier one: it spends what that one would have spent, so only one of both happens.
ALTER TABLE purchases ADD COLUMN replaces BLOB;
CREATE INDEX purchases_replaces ON purchases (replaces) WHERE replaces IS NOT NULL;
-- 1: signed, and sent when the price allows it, until its tickets expire.
ALTER TABLE purchases ADD COLUMN standing INTEGER NOT NULL DEFAULT 0;
