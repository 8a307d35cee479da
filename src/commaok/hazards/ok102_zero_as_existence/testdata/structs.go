package positions

type position struct{ line, column int }

var starts = map[string]position{"root": position{}}

func forget(name string) {
	if starts[name] != (position{}) { // want OK102 error
		delete(starts, name)
	}
}
