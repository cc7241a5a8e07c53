package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/fsnotify/fsnotify"
	"github.com/spf13/cobra"
)

// saving is how long an editor may take for one save: it truncates, writes, renames.
const saving = 100 * time.Millisecond

// used are the files that a command has read.
type used struct {
	mu    sync.Mutex
	names map[string]bool
}

// uses notes that the result depends on a file, whether it is there or not.
func (a *app) uses(name string) {
	if a.used == nil {
		return
	}
	a.used.mu.Lock()
	defer a.used.mu.Unlock()
	for _, n := range []string{name, resolved(name)} {
		if abs, err := filepath.Abs(n); err == nil {
			a.used.names[abs] = true
		}
	}
}

// resolved is the file that a link leads to.
func resolved(name string) string {
	if to, err := filepath.EvalSymlinks(name); err == nil {
		return to
	}
	return name
}

// addWatch adds --watch: the command is run again whenever a file that it read is saved.
// It comes before orSitesHere.
func (a *app) addWatch(c *cobra.Command) {
	var on bool
	c.Flags().BoolVarP(&on, "watch", "w", false,
		"run again whenever a file of the site is saved; Ctrl-C ends it with the exit code of the last run")
	run := c.RunE
	c.RunE = func(c *cobra.Command, args []string) error {
		if !on {
			return run(c, args)
		}
		if slices.Contains(args, "-") {
			return usagef("standard input cannot be watched: name the file")
		}
		return a.repeat(a.watch(c.Context()), args, func() error { return run(c, args) })
	}
}

// repeat runs a command, and once more after each save, until the context ends. It
// returns what the last run did.
func (a *app) repeat(ctx context.Context, args []string, run func() error) error {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return fmt.Errorf("--watch: %w", err)
	}
	defer w.Close() //nolint:errcheck // the process ends
	for {
		a.used = &used{names: map[string]bool{}}
		for _, name := range args {
			a.uses(name)
		}
		if err := a.follow(w); err != nil { // before it is read: no save is missed
			return err
		}
		a.clear()
		last := run()
		if last != nil && !errors.Is(last, errFindings) {
			fmt.Fprintf(a.Err, "lbgen: %v\n", last)
			last = said{last}
		}
		if err := a.follow(w); err != nil {
			return err
		}
		fmt.Fprintf(a.Err, "watching %s\n", strings.Join(args, ", "))
		if err := a.saved(ctx, w); err != nil || ctx.Err() != nil {
			return errors.Join(err, last)
		}
	}
}

// said is an error that has been printed already.
type said struct{ error }

func (s said) Unwrap() error { return s.error }

// clear gives each run a clear terminal.
func (a *app) clear() {
	if a.onTerminal(a.Out) {
		fmt.Fprint(a.Out, "\x1b[H\x1b[2J")
	}
}

// follow watches the folders of the files that were read. A file itself is no use: most
// editors put a new one in its place.
func (a *app) follow(w *fsnotify.Watcher) error {
	a.used.mu.Lock()
	defer a.used.mu.Unlock()
	for _, name := range slices.Sorted(maps.Keys(a.used.names)) {
		for _, dir := range foldersOf(name) {
			if slices.Contains(w.WatchList(), dir) {
				continue
			}
			if err := w.Add(dir); err != nil {
				return fmt.Errorf("--watch: %s: %w", dir, err)
			}
		}
	}
	return nil
}

// foldersOf are the folders to watch for a file: the nearest that is there; of a folder
// itself, all that are in it.
func foldersOf(name string) []string {
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		var all []string
		_ = filepath.WalkDir(name, func(p string, d fs.DirEntry, err error) error { // what cannot be read was said by the run
			if err == nil && d.IsDir() {
				all = append(all, p)
			}
			return nil
		})
		return all
	}
	dir := filepath.Dir(name)
	for {
		if info, err := os.Stat(dir); err == nil && info.IsDir() || dir == filepath.Dir(dir) {
			return []string{dir}
		}
		dir = filepath.Dir(dir)
	}
}

// saved waits until one of the files is saved, and for a moment more.
func (a *app) saved(ctx context.Context, w *fsnotify.Watcher) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-w.Errors:
			return fmt.Errorf("--watch: %w", err)
		case e := <-w.Events:
			if !e.Has(fsnotify.Chmod) && a.concerns(e.Name) {
				return settle(ctx, w)
			}
		}
	}
}

// concerns says whether a file is one of those that were read, or in a folder that was,
// or a folder in which one is missing.
func (a *app) concerns(name string) bool {
	for used := range a.used.names {
		if used == name || strings.HasPrefix(name, used+string(filepath.Separator)) || strings.HasPrefix(used, name+string(filepath.Separator)) {
			return true
		}
	}
	return false
}

// settle waits until nothing has happened for a moment.
func settle(ctx context.Context, w *fsnotify.Watcher) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-w.Errors:
			return fmt.Errorf("--watch: %w", err)
		case <-w.Events:
		case <-time.After(saving):
			return nil
		}
	}
}
