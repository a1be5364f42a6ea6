-- Voters that a person approved on the device that holds the account's keys, and the device's mark on each.
CREATE TABLE device_voters (
    fingerprint BLOB PRIMARY KEY,
    name TEXT NOT NULL,            -- as the device was shown it: the mark covers it
    mac BLOB NOT NULL,
    added INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
