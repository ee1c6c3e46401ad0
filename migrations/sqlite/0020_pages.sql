-- Lists and reports read the register in parts: which findings are in a state, in the order of keys or of deadlines, is asked of
-- an index. Nothing here is decided.

CREATE INDEX finding_by_state ON finding (state, key);
CREATE INDEX finding_by_due ON finding (state, due, key);
