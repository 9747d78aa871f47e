package f32

import "golang.org/x/sys/unix"

// adviseHuge asks for large pages. A system that has none refuses, which changes
// nothing but speed, so the error is dropped.
func adviseHuge(b []byte) { _ = unix.Madvise(b, unix.MADV_HUGEPAGE) }
