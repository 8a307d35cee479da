"""commaok: find, prove, reproduce and observe the loss of watch events.

The rooms of this house and who may import whom stand in ``pyproject.toml`` (the import contract);
each room's ``__init__`` says what lives there and the one way in.
"""
