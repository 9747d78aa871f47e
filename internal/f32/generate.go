package f32

// The generator is a module of its own in asm; CI runs go generate and
// compares (git diff --exit-code internal/f32).
//go:generate go run -C asm . -out ../kernels_amd64.s -stubs ../kernels_amd64.go -pkg f32
//go:generate go run -C asm ./neon -out ../kernels_arm64.s -stubs ../kernels_arm64.go
