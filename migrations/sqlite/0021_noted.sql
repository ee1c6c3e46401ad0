-- How many notes of each kind stand, and the notes of one kind, are asked of an index: a cycle reads those of what it looks at.

CREATE INDEX note_by_code ON note (code, subject, name, which);
