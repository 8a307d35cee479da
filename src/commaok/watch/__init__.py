"""The events side's ground: the words of a watch, and a thin client of etcd's own API.

``commaok.watch.events`` holds the words (revision, position, watch id, event);
``commaok.watch.etcd`` is the way to a server.
"""
