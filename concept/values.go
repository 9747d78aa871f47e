package concept

import (
	"fmt"
	"slices"
	"strings"
)

// valueName is the name of a value of a category; names are those met in the text.
func (c Concept) valueName(y int32, names map[int32]string) string {
	if kinds, fixed := kindNames[c.Name]; fixed {
		if y < 1 || int(y) > len(kinds) {
			return ""
		}
		return kinds[y-1]
	}
	return names[y]
}

// valueOf is the value that a name stands for, 0 for none.
func (c Concept) valueOf(name string) int32 {
	if kinds, fixed := kindNames[c.Name]; fixed {
		return int32(slices.Index(kinds, name) + 1)
	}
	if name == "" {
		return 0
	}
	return NameID(name)
}

// Value is the concept that a category has one of its values: "bracket-top:square"
// is on where a square bracket is the innermost one open. Errors match ErrUnknown.
func (c Concept) Value(name string) (Concept, error) {
	y := c.valueOf(name)
	if c.Kind != Category || y == 0 {
		return Concept{}, fmt.Errorf("%w %q: %s has no such value", ErrUnknown, c.Name+":"+name, c.Name)
	}
	fresh := c.New
	out := c
	out.Name, out.Kind = c.Name+":"+name, Binary
	out.Definition = "The value is " + name + ": " + c.Definition
	out.title = [2]string{c.Title("en") + ": " + name, c.Title("zh") + "：" + name}
	out.plain = [2]string{strings.TrimSuffix(c.Plain("en"), ".") + ": it is " + name + ".", strings.TrimSuffix(c.Plain("zh"), "。") + "：是 " + name + "。"}
	out.New = func() Labeler { return &valueLabeler{of: fresh(), on: func(got int32) bool { return got == y }} }
	return out, nil
}

// Above is the binary concept that a depth or a quantity is greater than n, as a survey
// cuts it (Admission.Above). Its name and its definition stay.
func (c Concept) Above(n int32) Concept {
	out := c
	out.Kind = Binary
	out.New = func() Labeler { return &valueLabeler{of: c.New(), on: func(got int32) bool { return got > n }} }
	return out
}

// valueLabeler is on where another labeler gives one of the values asked for.
type valueLabeler struct {
	of  Labeler
	on  func(y int32) bool
	buf []Label
	gaps
}

// Write implements Labeler.
func (l *valueLabeler) Write(dst []Label, src []rune) []Label {
	l.buf = l.of.Write(l.buf[:0], src)
	return l.carry(dst)
}

// Flush implements Labeler.
func (l *valueLabeler) Flush(dst []Label) []Label {
	l.buf = l.of.Flush(l.buf[:0])
	dst = l.carry(dst)
	l.gaps = gaps{}
	return dst
}

func (l *valueLabeler) carry(dst []Label) []Label {
	for _, got := range l.buf {
		dst = append(dst, l.label(one(l.on(got.Y)), got.Valid))
	}
	return dst
}
