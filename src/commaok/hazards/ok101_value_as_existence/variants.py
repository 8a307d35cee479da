"""The manager before the fix, with the comma-ok judgement, and with resume: two lines apart."""

from commaok.hazards.ok101_value_as_existence.manager import Client, WatchManager
from commaok.watch.events import Position, WatchId


class BeforeTheFix(WatchManager):
    """Judges by the value: a broken watcher, left as None, is taken for absent."""

    def holds(self, watch_id: WatchId) -> bool:
        return self.watchers.get(watch_id) is not None

    def resume_at(self, client: Client) -> Position | None:
        return None


class CommaOk(WatchManager):
    """Judges by membership; a watcher starts again from now."""

    def holds(self, watch_id: WatchId) -> bool:
        return watch_id in self.watchers

    def resume_at(self, client: Client) -> Position | None:
        return None


class CommaOkAndResume(WatchManager):
    """Judges by membership; a watcher goes on behind the last event it delivered."""

    def holds(self, watch_id: WatchId) -> bool:
        return watch_id in self.watchers

    def resume_at(self, client: Client) -> Position | None:
        return client.position
