-- From here on an entry `stamped` of the history also says what each row held and what became of it, so that the register
-- can be built again from its history: `whole` has all members of a row that is new or as it was found, `change` each member
-- that changed, as it was and as it is. Rows of earlier releases that fit their history are told whole, by the program, in
-- the same transaction.

-- Where findings may go, as a person approved it: stamped. It stood in the record of the newest cycle, which is not.
CREATE TABLE mapping (
    name TEXT PRIMARY KEY,
    data TEXT NOT NULL
);
