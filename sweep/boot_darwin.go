package sweep

import "syscall"

// bootID is drawn by the kernel when the machine starts; "" where it cannot be read.
func bootID() string {
	id, err := syscall.Sysctl("kern.bootsessionuuid")
	if err != nil {
		return ""
	}
	return id
}
