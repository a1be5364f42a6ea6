-- One form of a VSP's address, without the port that its scheme has anyway. Where both forms are pinned, both stay.
PRAGMA defer_foreign_keys = ON;
CREATE TEMP TABLE renamed AS
    SELECT address AS old, substr(address, 1, length(address) - 4) AS new FROM vsps WHERE address LIKE 'https://%:443'
    UNION ALL
    SELECT address, substr(address, 1, length(address) - 3) FROM vsps WHERE address LIKE 'http://%:80';
DELETE FROM renamed WHERE new IN (SELECT address FROM vsps);
UPDATE vsps SET address = (SELECT new FROM renamed WHERE old = address) WHERE address IN (SELECT old FROM renamed);
UPDATE purchases SET vsp = (SELECT new FROM renamed WHERE old = vsp) WHERE vsp IN (SELECT old FROM renamed);
UPDATE fee_payments SET vsp = (SELECT new FROM renamed WHERE old = vsp) WHERE vsp IN (SELECT old FROM renamed);
UPDATE vsp_tickets SET vsp = (SELECT new FROM renamed WHERE old = vsp) WHERE vsp IN (SELECT old FROM renamed);
UPDATE vsp_steps SET vsp = (SELECT new FROM renamed WHERE old = vsp) WHERE vsp IN (SELECT old FROM renamed);
UPDATE evidence SET vsp = (SELECT new FROM renamed WHERE old = vsp) WHERE vsp IN (SELECT old FROM renamed);
DROP TABLE renamed;
