package main

import (
	"fmt"
	"os"
	"reflect"
	"unicode/utf8"

	"github.com/alecthomas/kong"
)

// verbatim reads a word of the command line as it is. Kong takes words through JSON, which replaces
// what is not UTF-8, and the name of a file may be any bytes. name is kong's of the type, "" of plain strings.
func verbatim(name string) kong.MapperFunc {
	usual := kong.NewRegistry().RegisterDefaults().ForNamedType(name, reflect.TypeFor[string]())
	return func(ctx *kong.DecodeContext, target reflect.Value) error {
		s, ok := ctx.Scan.Peek().Value.(string)
		if !ok || utf8.ValidString(s) || target.Kind() != reflect.String {
			return usual.Decode(ctx, target)
		}
		if _, err := ctx.Scan.PopValue("string"); err != nil {
			return err
		}
		if name != "" {
			s = kong.ExpandPath(s)
		}
		if name == "existingfile" || name == "existingdir" {
			info, err := os.Stat(s)
			if err != nil {
				return err
			}
			if info.IsDir() != (name == "existingdir") {
				return fmt.Errorf("%s is no %s", s, map[bool]string{true: "folder", false: "file"}[name == "existingdir"])
			}
		}
		target.SetString(s)
		return nil
	}
}

// anyBytes has every word read verbatim.
func anyBytes() kong.Option {
	return kong.OptionFunc(func(k *kong.Kong) error {
		for _, o := range []kong.Option{
			kong.KindMapper(reflect.String, verbatim("")), kong.NamedMapper("path", verbatim("path")),
			kong.NamedMapper("existingfile", verbatim("existingfile")), kong.NamedMapper("existingdir", verbatim("existingdir")),
		} {
			if err := o.Apply(k); err != nil {
				return err
			}
		}
		return nil
	})
}
