-- One wallet file watches one spending account.
CREATE TABLE wallet (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    network INTEGER NOT NULL,
    export BLOB NOT NULL,          -- the watch export as it was imported
    birthday INTEGER NOT NULL,     -- no coin of the account is in a block below
    created INTEGER NOT NULL
) STRICT;

-- How far the chain was followed.
CREATE TABLE sync (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    scanned INTEGER NOT NULL,      -- every block up to this height was searched for coins
    anchor_time INTEGER,           -- time of the block that the proof of work target is counted from
    old_filters_proven INTEGER NOT NULL DEFAULT 0 -- 1 once those from before header commitments were found right
) STRICT;

-- The main chain as the source tells it, from a little below the birthday.
CREATE TABLE chain (
    height INTEGER PRIMARY KEY,
    hash BLOB NOT NULL,
    header BLOB NOT NULL,
    filter BLOB                    -- null until fetched and checked against the header
) STRICT;

-- What filters are searched for: own key hashes, and where tickets of ours pay others.
CREATE TABLE scripts (
    hash BLOB NOT NULL,
    is_script INTEGER NOT NULL,
    branch INTEGER,                -- null for what is not ours
    idx INTEGER,
    tested INTEGER NOT NULL,       -- 0 until the filters scanned before it was added were searched again
    PRIMARY KEY (hash, is_script)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX scripts_path ON scripts (branch, idx) WHERE branch IS NOT NULL;
CREATE INDEX scripts_untested ON scripts (tested) WHERE tested = 0;

-- Addresses handed out, so that the next request for one gets another.
CREATE TABLE issued (
    idx INTEGER PRIMARY KEY,
    at INTEGER NOT NULL
) STRICT;

-- Transactions that concern the account.
CREATE TABLE txs (
    id BLOB PRIMARY KEY,
    kind INTEGER NOT NULL,
    raw BLOB NOT NULL,             -- full serialisation
    height INTEGER,                -- null while not mined
    position INTEGER,              -- place in its tree of the block
    own INTEGER NOT NULL           -- 1 when this wallet sent it
) STRICT, WITHOUT ROWID;
CREATE INDEX txs_height ON txs (height);

-- Outputs that keys of the account can spend, now or later.
CREATE TABLE coins (
    tx BLOB NOT NULL REFERENCES txs (id) ON DELETE CASCADE,
    output INTEGER NOT NULL,
    tree INTEGER NOT NULL,
    atoms INTEGER NOT NULL,
    tag INTEGER,                   -- stake opcode in front of the script
    branch INTEGER NOT NULL,
    idx INTEGER NOT NULL,
    maturity INTEGER NOT NULL,     -- blocks after its own before it can be spent
    PRIMARY KEY (tx, output)
) STRICT, WITHOUT ROWID;
CREATE INDEX coins_path ON coins (branch, idx);

-- Which transaction spends a coin or the voting output of a ticket.
CREATE TABLE spends (
    spender BLOB NOT NULL REFERENCES txs (id) ON DELETE CASCADE,
    input INTEGER NOT NULL,
    tx BLOB NOT NULL,
    output INTEGER NOT NULL,
    PRIMARY KEY (spender, input)
) STRICT, WITHOUT ROWID;
CREATE INDEX spends_outpoint ON spends (tx, output);

-- Tickets that the account paid for or that pay the account.
CREATE TABLE tickets (
    tx BLOB PRIMARY KEY REFERENCES txs (id) ON DELETE CASCADE,
    price INTEGER NOT NULL,
    voting_hash BLOB NOT NULL,
    voting_is_script INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Whom the vote or the revocation of such a ticket pays.
CREATE TABLE commitments (
    tx BLOB NOT NULL REFERENCES tickets (tx) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    hash BLOB NOT NULL,
    is_script INTEGER NOT NULL,
    atoms INTEGER NOT NULL,
    branch INTEGER,                -- null when it pays somebody else
    idx INTEGER,
    PRIMARY KEY (tx, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX commitments_path ON commitments (branch, idx) WHERE branch IS NOT NULL;

-- Requests made, and what became of them.
CREATE TABLE purchases (
    id BLOB PRIMARY KEY,           -- id of the request
    state INTEGER NOT NULL,
    request BLOB NOT NULL,
    answer BLOB,
    tickets INTEGER NOT NULL,
    amount INTEGER NOT NULL,
    expiry INTEGER NOT NULL,
    first_internal INTEGER NOT NULL,
    last_internal INTEGER NOT NULL,
    voter BLOB,
    first_voter INTEGER,
    created INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The coins that a request spends; nobody else may take them while it can still be carried out.
CREATE TABLE purchase_inputs (
    purchase BLOB NOT NULL REFERENCES purchases (id) ON DELETE CASCADE,
    tx BLOB NOT NULL,
    output INTEGER NOT NULL,
    PRIMARY KEY (purchase, tx, output)
) STRICT, WITHOUT ROWID;
CREATE INDEX purchase_inputs_coin ON purchase_inputs (tx, output);

-- The transactions of a request: position 0 is the split, the tickets count from 1.
CREATE TABLE purchase_txs (
    purchase BLOB NOT NULL REFERENCES purchases (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    tx BLOB NOT NULL,
    raw BLOB,                      -- signed; null until the answer is there
    PRIMARY KEY (purchase, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX purchase_txs_tx ON purchase_txs (tx);

-- Every step of a purchase, written down before it is done.
CREATE TABLE purchase_steps (
    number INTEGER PRIMARY KEY,
    purchase BLOB NOT NULL REFERENCES purchases (id) ON DELETE CASCADE,
    step TEXT NOT NULL,
    detail TEXT,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX purchase_steps_purchase ON purchase_steps (purchase);

-- Voters whose public keys are known here besides the account's own one.
CREATE TABLE voters (
    fingerprint BLOB PRIMARY KEY,
    export BLOB NOT NULL,
    added INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
