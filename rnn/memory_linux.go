package rnn

import "syscall"

// physicalMemory is the machine's memory in bytes, 0 when unknown.
func physicalMemory() float64 {
	var s syscall.Sysinfo_t
	if syscall.Sysinfo(&s) != nil {
		return 0
	}
	return float64(s.Totalram) * float64(s.Unit)
}
