"""Reading Go: mirrors ``src/commaok/golang``; ``snippets`` and ``oracle`` are Go modules."""
