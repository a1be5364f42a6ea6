-- What a person says of coins and addresses. It stays when a coin is gone: a reorganisation may bring it back.
CREATE TABLE frozen (
    tx BLOB NOT NULL,
    output INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (tx, output)
) STRICT, WITHOUT ROWID;

CREATE TABLE coin_labels (
    tx BLOB NOT NULL,
    output INTEGER NOT NULL,
    label TEXT NOT NULL,
    PRIMARY KEY (tx, output)
) STRICT, WITHOUT ROWID;

CREATE TABLE address_labels (
    branch INTEGER NOT NULL,
    idx INTEGER NOT NULL,
    label TEXT NOT NULL,
    PRIMARY KEY (branch, idx)
) STRICT, WITHOUT ROWID;
