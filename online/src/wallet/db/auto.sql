-- The rule by which requests are prepared while nobody is there.
CREATE TABLE auto_rule (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    max_price INTEGER NOT NULL,    -- the most that a ticket locks
    keep INTEGER NOT NULL,         -- what stays spendable
    tickets INTEGER NOT NULL,      -- in a price window, at most
    max_fees INTEGER NOT NULL,     -- the most that a request pays beside what it locks and what returns
    headroom INTEGER NOT NULL,     -- above the price, in hundredths of a percent
    voter BLOB,                    -- null: the voter of the account's own seed
    vsp TEXT,
    folder TEXT NOT NULL,          -- where requests and news of them are put
    since INTEGER NOT NULL
) STRICT;

-- What was prepared by it, one request in a price window.
CREATE TABLE auto_requests (
    request BLOB PRIMARY KEY REFERENCES purchases (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    price_window INTEGER NOT NULL UNIQUE,
    file TEXT NOT NULL,            -- where the request belongs
    written INTEGER NOT NULL,      -- 1 once it was there
    told INTEGER NOT NULL,         -- 1 once somebody was told
    failures INTEGER NOT NULL      -- of telling
) STRICT, WITHOUT ROWID;
