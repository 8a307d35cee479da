"""The watch library: what follows a store and never loses an event silently.

``informer`` is the way in: ``Informer(source)`` keeps a copy of a source's objects and hands every
change to its consumers; ``hub`` fans one source out to thousands of watchers. ``etcd`` and
``memory`` have the sources, ``source`` says what one is; ``changes`` and ``errors`` are what a
consumer is told. ``events`` holds the words (revision, position, watch id, event).
``simulation`` runs all of it in virtual time.
"""
