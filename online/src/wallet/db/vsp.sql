-- The purse of a voter: keys whose coins pay VSP fees. They are watched beside the account; no request spends them.
ALTER TABLE scripts ADD COLUMN voter BLOB;       -- of a purse key: the fingerprint of its voter
ALTER TABLE scripts ADD COLUMN purse INTEGER;    -- and its index
CREATE UNIQUE INDEX scripts_purse ON scripts (voter, purse) WHERE voter IS NOT NULL;

CREATE TABLE purse_coins (
    tx BLOB NOT NULL REFERENCES txs (id) ON DELETE CASCADE,
    output INTEGER NOT NULL,
    atoms INTEGER NOT NULL,
    voter BLOB NOT NULL,
    idx INTEGER NOT NULL,
    maturity INTEGER NOT NULL,     -- blocks after its own before it can be spent
    PRIMARY KEY (tx, output)
) STRICT, WITHOUT ROWID;
CREATE INDEX purse_coins_key ON purse_coins (voter, idx);

-- What a purchase pays to the purse, and which VSP its tickets are meant for.
ALTER TABLE purchases ADD COLUMN purse_atoms INTEGER;
ALTER TABLE purchases ADD COLUMN purse_index INTEGER;
ALTER TABLE purchases ADD COLUMN vsp TEXT;

-- VSPs that a person decided to deal with.
CREATE TABLE vsps (
    address TEXT PRIMARY KEY,
    key TEXT NOT NULL,             -- pinned at first use
    fee INTEGER NOT NULL,          -- accepted, hundredths of a percent
    chosen INTEGER NOT NULL,       -- 1 for the one that purchases are meant for
    added INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX vsps_chosen ON vsps (chosen) WHERE chosen = 1;

-- Messages signed by the cold side that name the key which deals with VSPs for a ticket.
CREATE TABLE registrations (
    ticket BLOB NOT NULL,
    voter BLOB NOT NULL,
    idx INTEGER NOT NULL,          -- of the voter's alt-sign key
    body TEXT NOT NULL,
    signature BLOB NOT NULL,
    PRIMARY KEY (ticket, voter, idx)
) STRICT, WITHOUT ROWID;

-- Requests for such messages, for tickets that were bought without.
CREATE TABLE registration_requests (
    id BLOB PRIMARY KEY,
    request BLOB NOT NULL,
    voter BLOB NOT NULL,
    first_voter INTEGER NOT NULL,
    tickets INTEGER NOT NULL,
    answered INTEGER NOT NULL,     -- 1 when the messages are in `registrations`
    created INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Fee transactions. A VSP sends them, when its ticket is mined deep enough; we never do.
CREATE TABLE fee_payments (
    tx BLOB PRIMARY KEY,
    vsp TEXT NOT NULL REFERENCES vsps (address),
    voter BLOB NOT NULL,           -- whose purse pays
    raw BLOB NOT NULL,
    change INTEGER,                -- index of the purse key that gets the change
    released INTEGER NOT NULL,     -- 1 when it will never be mined, and its coins are free
    created INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE fee_inputs (
    payment BLOB NOT NULL REFERENCES fee_payments (tx) ON DELETE CASCADE,
    tx BLOB NOT NULL,
    output INTEGER NOT NULL,
    PRIMARY KEY (payment, tx, output)
) STRICT, WITHOUT ROWID;
CREATE INDEX fee_inputs_coin ON fee_inputs (tx, output);

-- The tickets whose fees they were made for, whatever became of them since.
CREATE TABLE fee_tickets (
    payment BLOB NOT NULL REFERENCES fee_payments (tx) ON DELETE CASCADE,
    ticket BLOB NOT NULL,
    PRIMARY KEY (payment, ticket)
) STRICT, WITHOUT ROWID;
CREATE INDEX fee_tickets_ticket ON fee_tickets (ticket);

-- Fee transactions that can never be mined: a block holds another one that spends a coin of theirs.
CREATE VIEW replaced_payments AS
    SELECT DISTINCT fee_inputs.payment AS tx FROM fee_inputs
    JOIN spends ON spends.tx = fee_inputs.tx AND spends.output = fee_inputs.output
    JOIN txs ON txs.id = spends.spender
    WHERE txs.height IS NOT NULL AND txs.id <> fee_inputs.payment;

-- How far a ticket is with a VSP.
CREATE TABLE vsp_tickets (
    ticket BLOB NOT NULL,
    vsp TEXT NOT NULL REFERENCES vsps (address),
    voter BLOB NOT NULL,           -- whose alt-sign key deals with this VSP for the ticket
    idx INTEGER NOT NULL,
    state INTEGER NOT NULL,
    fee_address TEXT,
    fee_atoms INTEGER,
    fee_expires INTEGER,
    payment BLOB REFERENCES fee_payments (tx),
    reported TEXT,                 -- state of the fee as the VSP said it last
    last_time INTEGER NOT NULL,    -- the highest timestamp of a change sent so far
    failures INTEGER NOT NULL,     -- in a row
    retry_at INTEGER,              -- null: nothing failed, or only a person can help
    trouble TEXT,                  -- why it does not go on
    voting TEXT,                   -- what it will vote, as the VSP said it last
    PRIMARY KEY (ticket, vsp)
) STRICT, WITHOUT ROWID;
CREATE INDEX vsp_tickets_payment ON vsp_tickets (payment);

-- Every step with a VSP, written down before it is done.
CREATE TABLE vsp_steps (
    number INTEGER PRIMARY KEY,
    ticket BLOB NOT NULL,
    vsp TEXT NOT NULL,
    step TEXT NOT NULL,
    detail TEXT,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX vsp_steps_ticket ON vsp_steps (ticket, vsp);

-- Signed exchanges. Voting keys are cut out; an export puts them in again from the hot file.
CREATE TABLE evidence (
    number INTEGER PRIMARY KEY,
    ticket BLOB NOT NULL,
    vsp TEXT NOT NULL,
    exchange TEXT NOT NULL
) STRICT;
CREATE INDEX evidence_ticket ON evidence (ticket);

-- What is to be voted: for one ticket, or for all that have nothing of their own.
CREATE TABLE choices (
    ticket BLOB NOT NULL,          -- empty for all
    kind INTEGER NOT NULL,         -- 0 agenda, 1 treasury key, 2 treasury spend
    name TEXT NOT NULL,
    choice TEXT NOT NULL,
    PRIMARY KEY (ticket, kind, name)
) STRICT, WITHOUT ROWID;
