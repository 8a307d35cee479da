"""Findings while one types: a language server (https://microsoft.github.io/language-server-protocol).

``server`` is the way in: ``serve()`` speaks over standard input and output. ``document`` turns
findings into the protocol's diagnostics, hovers and quick fixes, and knows no connection.
"""
