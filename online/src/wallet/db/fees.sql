-- What a fee transaction pays for each of its tickets, whatever becomes of the ticket with its VSP; null: not known.
ALTER TABLE fee_tickets ADD COLUMN atoms INTEGER;
UPDATE fee_tickets SET atoms = (
    SELECT fee_atoms FROM vsp_tickets
    WHERE vsp_tickets.ticket = fee_tickets.ticket AND vsp_tickets.payment = fee_tickets.payment);
