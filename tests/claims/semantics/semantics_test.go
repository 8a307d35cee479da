// What docs/claims.md says of Go's maps, run on the installed toolchain.
package semantics

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

func TestReadingNilAndEmptyMapsIsTheSame(t *testing.T) {
	var none map[string]int
	empty := make(map[string]int)
	for name, m := range map[string]map[string]int{"nil": none, "empty": empty} {
		if value, ok := m["x"]; ok || value != 0 || len(m) != 0 {
			t.Errorf("%s map: value %d, ok %v, len %d", name, value, ok, len(m))
		}
		delete(m, "x")
		for range m {
			t.Errorf("%s map: something to range over", name)
		}
	}
}

func TestWritingToANilMapPanicsAndCanBeRecovered(t *testing.T) {
	defer func() {
		if reason := recover(); reason == nil || !strings.Contains(reason.(error).Error(), "nil map") {
			t.Errorf("recovered %v", reason)
		}
	}()
	var none map[string]int
	none["x"] = 1
}

type watcher struct{}

func TestAStoredNilPointerIsThereButEqualsNil(t *testing.T) {
	watchers := map[int]*watcher{7: (*watcher)(nil)}
	if watchers[7] != nil {
		t.Error("a stored nil pointer compares unequal to nil")
	}
	if _, ok := watchers[7]; !ok {
		t.Error("comma-ok does not find a stored nil pointer")
	}
	if len(watchers) != 1 {
		t.Error("a stored nil pointer takes no entry")
	}
}

func TestATypedNilInAnInterfaceMapIsUnequalToNil(t *testing.T) {
	stored := map[int]any{7: (*watcher)(nil)}
	if stored[7] == nil {
		t.Error("a typed nil in an interface compares equal to nil")
	}
}

func TestAGrowingMapNeverHidesAKeyFromItsOwnGoroutine(t *testing.T) {
	m := map[int]int{}
	for i := range 300_000 {
		m[i] = i
		if _, ok := m[i/2]; !ok {
			t.Fatalf("key %d is missing at size %d", i/2, len(m))
		}
	}
}

func TestConcurrentReadAndWriteIsFatalAndCannotBeRecovered(t *testing.T) {
	if os.Getenv("COMMAOK_RACE") == "1" {
		race()
	}
	child := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	child.Env = append(os.Environ(), "COMMAOK_RACE=1", "GOMAXPROCS=4")
	output, err := child.CombinedOutput()
	if err == nil || !strings.Contains(string(output), "fatal error: concurrent map") {
		t.Skipf("the runtime did not notice the race this time: %v", err)
	}
	if strings.Contains(string(output), "recovered") {
		t.Error("the fatal error was recovered")
	}
}

func race() {
	defer func() { println("recovered", recover()) }()
	m := map[int]int{}
	go func() {
		for i := 0; ; i++ {
			m[i%9] = i
		}
	}()
	for i := 0; i < 1<<31; i++ {
		_ = m[i%9]
	}
}
