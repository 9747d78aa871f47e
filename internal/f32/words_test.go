package f32

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// armText is what an instruction of the arm64 kernels does, read from its number as the Arm
// Architecture Reference Manual (C7.2) lays it out: fields first, then the name.
func armText(w uint32) string {
	d, n, m := w&31, w>>5&31, w>>16&31
	if w&0xffc0f400 == 0x4f801000 { // FMLA by element: L is bit 21, H bit 11
		return fmt.Sprintf("fmla v%d.4s, v%d.4s, v%d.s[%d]", d, n, m, w>>11&1<<1|w>>21&1)
	}
	three := map[uint32]string{
		0x4e20cc00: "fmla", 0x4ea0cc00: "fmls", 0x4e20d400: "fadd", 0x4ea0d400: "fsub", 0x6e20dc00: "fmul", 0x6e20fc00: "fdiv",
		0x4ea0f400: "fmin", 0x4e20f400: "fmax", 0x4ea08400: "add", 0x6ea08400: "sub",
	}
	if name, ok := three[w&0xffe0fc00]; ok {
		return fmt.Sprintf("%s v%d.4s, v%d.4s, v%d.4s", name, d, n, m)
	}
	shift := w >> 16 & 127 // immh:immb, of 32-bit elements: 01xx:xxx
	switch {
	case w&0xfffffc00 == 0x6ea0f800:
		return fmt.Sprintf("fneg v%d.4s, v%d.4s", d, n)
	case w&0xff80fc00 == 0x4f005400 && shift&0x60 == 0x20:
		return fmt.Sprintf("shl v%d.4s, v%d.4s, #%d", d, n, shift-32)
	case w&0xff80fc00 == 0x4f000400 && shift&0x60 == 0x20:
		return fmt.Sprintf("sshr v%d.4s, v%d.4s, #%d", d, n, 64-shift)
	}
	return "unknown"
}

func armSource(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile("kernels_arm64.s")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestWords holds every instruction that is written as a number against what stands beside it.
func TestWords(t *testing.T) {
	words := regexp.MustCompile(`WORD \$0x([0-9a-f]{8}) // (.+)`).FindAllStringSubmatch(armSource(t), -1)
	if len(words) < 1000 {
		t.Fatalf("%d words", len(words))
	}
	for _, w := range words {
		n, err := strconv.ParseUint(w[1], 16, 32)
		if err != nil {
			t.Fatal(err)
		}
		if got := armText(uint32(n)); got != w[2] {
			t.Errorf("%s is %q, beside it stands %q", w[1], got, w[2])
		}
	}
}

// TestArmInstructionsAFlop counts the inner loops of the tallest arm64 micro-kernels: four k of
// 5 rows and 16 columns. A multiply-add of four lanes alone is .125 instructions a FLOP.
func TestArmInstructionsAFlop(t *testing.T) {
	const flops = 5 * 16 * 4 * 2
	for _, name := range []string{"gemmRow5xNEON", "gemmK5xNEON"} {
		_, code, _ := strings.Cut(armSource(t), "TEXT ·"+name+"(SB)")
		_, loop, _ := strings.Cut(code, "unrolled:\n")
		loop, _, found := strings.Cut(loop, "BGE unrolled\n")
		if !found {
			t.Fatalf("%s has no loop", name)
		}
		got := float64(strings.Count(loop, "\n")+1) / flops
		t.Logf("%s: %.4f instructions a FLOP", name, got)
		if got > .18 || got < .125 {
			t.Errorf("%s: %.4f instructions a FLOP", name, got)
		}
	}
}
