package sets

type Empty struct{}

type String map[string]Empty

type Int map[int]Empty

type Set[T comparable] map[T]Empty

func New[T comparable](items ...T) Set[T]
func NewString(items ...string) String

func (s String) Has(item string) bool
func (s String) Len() int
func (s String) List() []string
func (s Set[T]) Has(item T) bool
func (s Set[T]) Len() int
func (s Set[T]) UnsortedList() []T
