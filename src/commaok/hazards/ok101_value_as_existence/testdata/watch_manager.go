package apiserver

type Watcher struct {
	result chan string
}

func (w *Watcher) Close() {
	close(w.result)
}

type WatchManager struct {
	watchers map[int64]*Watcher
}

func (w *WatchManager) Reconnected(watchID int64, watcher *Watcher) {
	w.watchers[watchID] = watcher
}

func (w *WatchManager) Unregister(watchID int64) {
	if w.watchers[watchID] != nil { // want OK101 warning
		delete(w.watchers, watchID)
	}
}

func (w *WatchManager) UnregisterRight(watchID int64) {
	if watcher, ok := w.watchers[watchID]; ok {
		if watcher != nil {
			watcher.Close()
		}
		delete(w.watchers, watchID)
	}
}
