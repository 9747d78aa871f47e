package run

import (
	"runtime/debug"
	"sync"
)

// release is the version of a released program, set by the linker (-X); empty otherwise.
var release string

// Version is the version of this program: that of its release, else as the Go toolchain recorded it: the
// module version, or the commit with "+dirty" when files were changed, or "devel".
var Version = sync.OnceValue(func() string {
	if release != "" {
		return release
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "devel"
	}
	return version(info)
})

func version(info *debug.BuildInfo) string {
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	if r := revision(info); r != "" {
		return "devel-" + r
	}
	return "devel"
}

// commit is the commit of a released program, set by the linker (-X); empty otherwise.
var commit string

// Commit is the first twelve digits of the commit this program was built from, with "+dirty" when files were
// changed since; empty where neither the release nor the Go toolchain recorded one.
func Commit() string {
	if commit != "" {
		return commit[:min(12, len(commit))]
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	return revision(info)
}

func revision(info *debug.BuildInfo) string {
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	r := settings["vcs.revision"]
	if len(r) > 12 {
		r = r[:12]
	}
	if r != "" && settings["vcs.modified"] == "true" {
		r += "+dirty"
	}
	return r
}
