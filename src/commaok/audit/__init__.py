"""The measuring device: what was due to each watcher, what came, and what is missing.

``truth``    records what really happened: a watch of the whole keyspace, straight at the server
``history``  what one observation leaves behind: truth, deliveries, faults, as columns
``measure``  the way in: history -> loss, duplicates, order and recovery, per subject
``checks``   the definitions, relational, one function each
``trend``    is a count of running watchers steady, dropping or growing?
"""
