"""The measuring device."""
