package net

type IP []byte

type IPMask []byte

type HardwareAddr []byte

type IPNet struct {
	IP   IP
	Mask IPMask
}

type Addr interface {
	Network() string
	String() string
}

type Interface struct {
	Index        int
	MTU          int
	Name         string
	HardwareAddr HardwareAddr
}

func (ip IP) String() string
func (ip IP) To16() IP
func (ip IP) To4() IP
func (ifi *Interface) Addrs() ([]Addr, error)

func InterfaceByName(name string) (*Interface, error)
func InterfaceAddrs() ([]Addr, error)
func Interfaces() ([]Interface, error)
func LookupHost(host string) (addrs []string, err error)
func LookupIP(host string) ([]IP, error)
func ParseCIDR(s string) (IP, *IPNet, error)
func ParseIP(s string) IP
func SplitHostPort(hostport string) (host, port string, err error)
