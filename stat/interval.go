package stat

import (
	"encoding/json"
	"fmt"
	"math"
)

// Z95 is the two-sided 95 % quantile of the standard normal distribution.
const Z95 = 1.959963984540054

// Interval is an estimate with its 95 % interval and the number of
// observations behind it. Lo and Hi are NaN when no interval is defined (one
// segment, say); Estimate is NaN when the figure itself is not. JSON writes NaN
// and infinities as null and reads null as NaN.
type Interval struct {
	Estimate float64 `json:"estimate"`
	Lo       float64 `json:"lo"`
	Hi       float64 `json:"hi"`
	N        int64   `json:"n"`
}

// Point is an estimate without an interval.
func Point(estimate float64, n int64) Interval {
	return Interval{Estimate: estimate, Lo: math.NaN(), Hi: math.NaN(), N: n}
}

// Above reports whether the whole interval lies above x; false when the
// interval is undefined.
func (i Interval) Above(x float64) bool { return i.Lo > x }

// Below reports whether the whole interval lies below x; false when the
// interval is undefined.
func (i Interval) Below(x float64) bool { return i.Hi < x }

// Defined reports whether the estimate and both bounds are finite.
func (i Interval) Defined() bool {
	return isFinite(i.Estimate) && isFinite(i.Lo) && isFinite(i.Hi)
}

// String gives "0.912 [0.874, 0.950] n=1200".
func (i Interval) String() string {
	return fmt.Sprintf("%.3f [%.3f, %.3f] n=%d", i.Estimate, i.Lo, i.Hi, i.N)
}

type intervalJSON struct {
	Estimate *float64 `json:"estimate"`
	Lo       *float64 `json:"lo"`
	Hi       *float64 `json:"hi"`
	N        int64    `json:"n"`
}

// MarshalJSON writes what is not finite as null: JSON has no NaN.
func (i Interval) MarshalJSON() ([]byte, error) {
	return json.Marshal(intervalJSON{finiteOrNil(i.Estimate), finiteOrNil(i.Lo), finiteOrNil(i.Hi), i.N})
}

// UnmarshalJSON reads null as NaN.
func (i *Interval) UnmarshalJSON(b []byte) error {
	var j intervalJSON
	if err := json.Unmarshal(b, &j); err != nil {
		return err
	}
	*i = Interval{orNaN(j.Estimate), orNaN(j.Lo), orNaN(j.Hi), j.N}
	return nil
}

// Wilson is the 95 % score interval of a share k/n (Wilson 1927). With n = 0
// the estimate is NaN and the interval [0, 1].
func Wilson(k, n int64) Interval {
	if k < 0 || k > n {
		panic(fmt.Sprintf("stat: Wilson of %d in %d", k, n))
	}
	if n == 0 {
		return Interval{Estimate: math.NaN(), Lo: 0, Hi: 1}
	}
	p, m, zz := float64(k)/float64(n), float64(n), Z95*Z95
	centre := (p + zz/(2*m)) / (1 + zz/m)
	half := Z95 * math.Sqrt(p*(1-p)/m+zz/(4*m*m)) / (1 + zz/m)
	return Interval{Estimate: p, Lo: max(0, centre-half), Hi: min(1, centre+half), N: n}
}

func isFinite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

func finiteOrNil(x float64) *float64 {
	if !isFinite(x) {
		return nil
	}
	return &x
}

func orNaN(p *float64) float64 {
	if p == nil {
		return math.NaN()
	}
	return *p
}

// Number is a figure that may be undefined: NaN, which JSON writes as null.
type Number float64

// Undefined is the Number that no data define.
func Undefined() Number { return Number(math.NaN()) }

// Defined reports whether the number is finite.
func (n Number) Defined() bool { return isFinite(float64(n)) }

// MarshalJSON writes what is not finite as null.
func (n Number) MarshalJSON() ([]byte, error) { return json.Marshal(finiteOrNil(float64(n))) }

// UnmarshalJSON reads null as NaN.
func (n *Number) UnmarshalJSON(b []byte) error {
	var p *float64
	if err := json.Unmarshal(b, &p); err != nil {
		return err
	}
	*n = Number(orNaN(p))
	return nil
}
