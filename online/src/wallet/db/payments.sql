-- Requests that pay somebody, beside those that buy: they have no tickets and no expiry.
ALTER TABLE purchases ADD COLUMN kind INTEGER NOT NULL DEFAULT 1;   -- as containers number them: 1 purchase, 2 payment
ALTER TABLE purchases ADD COLUMN label TEXT;                        -- what the request is called
