package os

import (
	"io/fs"
)

type File struct{}

type FileInfo = fs.FileInfo

type FileMode = fs.FileMode

type DirEntry = fs.DirEntry

type Signal interface {
	String() string
	Signal()
}

var (
	Args   []string
	Stdin  *File
	Stdout *File
	Stderr *File
)

func Create(name string) (*File, error)
func Environ() []string
func Expand(s string, mapping func(string) string) string
func ExpandEnv(s string) string
func Getenv(key string) string
func Getpid() int
func Getwd() (dir string, err error)
func Hostname() (name string, err error)
func IsExist(err error) bool
func IsNotExist(err error) bool
func LookupEnv(key string) (string, bool)
func Lstat(name string) (FileInfo, error)
func Open(name string) (*File, error)
func OpenFile(name string, flag int, perm FileMode) (*File, error)
func ReadDir(name string) ([]DirEntry, error)
func ReadFile(name string) ([]byte, error)
func Readlink(name string) (string, error)
func Stat(name string) (FileInfo, error)
func TempDir() string

func (f *File) Fd() uintptr
func (f *File) Name() string
func (f *File) ReadDir(n int) ([]DirEntry, error)
func (f *File) Readdir(n int) ([]FileInfo, error)
func (f *File) Readdirnames(n int) (names []string, err error)
func (f *File) Stat() (FileInfo, error)
