package stat

// The generator is a module of its own in asm; CI runs go generate and compares.
//go:generate go run -C asm . -out ../kernels_amd64.s -stubs ../kernels_amd64.go -pkg stat
