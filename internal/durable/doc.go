// Package durable reads and writes files so that nothing is lost and nothing is
// believed: a file is written whole or not at all (WriteFile), what killed writers
// left behind is found and removed (RemoveUnfinished), one process holds a lock that
// ends with it (TryLock), and a file that comes from anywhere is read up to a limit
// that is checked before memory is taken (ReadFile).
package durable
