package time

type Duration int64

type Month int

type Time struct{}

type Timer struct {
	C <-chan Time
}

type Ticker struct {
	C <-chan Time
}

const (
	Nanosecond  Duration = 1
	Microsecond          = 1000 * Nanosecond
	Millisecond          = 1000 * Microsecond
	Second               = 1000 * Millisecond
	Minute               = 60 * Second
	Hour                 = 60 * Minute
)

func After(d Duration) <-chan Time
func NewTicker(d Duration) *Ticker
func NewTimer(d Duration) *Timer
func Now() Time
func ParseDuration(s string) (Duration, error)
func Since(t Time) Duration
func Unix(sec int64, nsec int64) Time

func (d Duration) Seconds() float64
func (d Duration) String() string
func (t Time) Add(d Duration) Time
func (t Time) After(u Time) bool
func (t Time) Before(u Time) bool
func (t Time) Format(layout string) string
func (t Time) IsZero() bool
func (t Time) Sub(u Time) Duration
func (t Time) Unix() int64
func (t Time) UnixNano() int64
