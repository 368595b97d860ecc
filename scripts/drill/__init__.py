"""Rehearse changes of the spec: `edits` has the changes, `__main__` makes each in a clone of the repository."""
