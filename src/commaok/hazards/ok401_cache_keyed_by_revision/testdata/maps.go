package example

type object struct {
	ResourceVersion string
	Name            string
}

func (o *object) GetResourceVersion() string { return o.ResourceVersion }

type event struct {
	ModRevision int64
	Kv          *object
}

type store struct {
	byVersion  map[string]*object
	byRevision map[int64]event
	all        map[int64][]event
	seen       map[string]bool
	marks      map[int64]struct{}
	byName     map[string]*object
	byBoth     map[string]map[string]*object
	versions   []object
}

func (s *store) put(o *object, e event) {
	s.byVersion[o.GetResourceVersion()] = o // want OK401 error
	s.byRevision[e.ModRevision] = e         // want OK401 warning
}

func (s *store) get(version string) *object { return s.byVersion[version] }

// What keeps them all, or only a mark, or has another part in its key.
func (s *store) right(o *object, e event, revision int) {
	s.all[e.ModRevision] = append(s.all[e.ModRevision], e)
	s.seen[o.ResourceVersion] = true
	s.marks[e.ModRevision] = struct{}{}
	s.byName[o.Name] = o
	s.byName[o.Name+"/"+o.ResourceVersion] = o
	s.byBoth[o.Name][o.ResourceVersion] = o
	s.versions[revision] = *o
}
