"""Speed and memory, side by side with peers; ``bench/README.md`` holds what was measured."""
