package sweep

import (
	"os"
	"strings"
)

// bootID is drawn by the kernel when the machine starts; "" where it cannot be read.
func bootID() string {
	b, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}
