package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"golang.org/x/term"

	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/scaffold"
)

// asksBack says whether there is somebody to ask: input and talk are a terminal.
func (a *app) asksBack() bool {
	in, ok := a.In.(*os.File)
	return ok && term.IsTerminal(int(in.Fd())) && a.onTerminal(a.Err)
}

// question is one line of a dialogue.
type question struct {
	text     string
	fallback string                    // what an empty answer means
	more     bool                      // asked again until the answer is empty
	take     func(answer string) error // an error is said, and the question asked again
}

// ask asks for what the flags leave out. The terminal edits lines meanwhile, and is as
// before afterwards.
func (a *app) ask(o *initOptions, here machine) error {
	in := a.In.(*os.File)
	before, err := term.MakeRaw(int(in.Fd()))
	if err != nil {
		return fmt.Errorf("the terminal: %w", err)
	}
	defer func() { _ = term.Restore(int(in.Fd()), before) }() // nothing is left to do about it
	t := term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{in, a.Err}, "")
	for _, q := range o.questions(here) {
		if err := dialogue(t, q); err != nil {
			return err
		}
	}
	return nil
}

// dialogue asks until the answer is taken.
func dialogue(t *term.Terminal, q question) error {
	text := q.text
	if q.fallback != "" {
		text += " [" + q.fallback + "]"
	}
	t.SetPrompt(text + ": ")
	for taken := 0; ; {
		answer, err := t.ReadLine()
		if errors.Is(err, io.EOF) {
			return usagef("no answer: nothing was written")
		}
		if err != nil {
			return err
		}
		answer = strings.TrimSpace(answer)
		if answer == "" {
			answer = q.fallback
		}
		if answer == "" && q.more && taken > 0 {
			return nil
		}
		if err := q.take(answer); err != nil {
			fmt.Fprintf(t, "  %v\n", err)
			continue
		}
		if taken++; !q.more {
			return nil
		}
	}
}

// questions are those whose answers the flags do not have.
func (o *initOptions) questions(here machine) []question {
	var all []question
	platform := here.platform
	if o.platform == "" {
		all = append(all, question{"What the nodes run (" + strings.Join(model.PlatformNames(), ", ") + ")", platform, false,
			func(s string) error {
				if !slices.Contains(model.PlatformNames(), s) {
					return fmt.Errorf("%q is none of them", s)
				}
				o.platform = s
				return nil
			}})
	}
	if len(o.nodes) == 0 {
		all = append(all, question{"A node, as NAME=ADDRESS; the preferred master first, an empty line ends", "", true, func(s string) error {
			_, err := nodeOf(s)
			if err == nil {
				o.nodes = append(o.nodes, s)
			}
			return err
		}})
	}
	if o.vip == "" {
		all = append(all, question{"The virtual IP", "", false, func(s string) error {
			_, err := addressOf("the virtual IP", s)
			o.vip = s
			return err
		}})
	}
	if len(o.backends) == 0 {
		all = append(all, question{"A backend, as NAME=HOST:PORT,HOST:PORT; an empty line ends", "", true, func(s string) error {
			_, err := initOptions{backends: []string{s}, vip: "192.0.2.1", platform: "any"}.answers(machine{})
			if err == nil {
				o.backends = append(o.backends, s)
			}
			return err
		}})
	}
	return append(all, question{"The kind of site (" + kindNames() + ")", o.kind, false, func(s string) error {
		if !slices.ContainsFunc(scaffold.Kinds(), func(k scaffold.Kind) bool { return k.Name == s }) {
			return fmt.Errorf("%q is none of them", s)
		}
		o.kind = s
		return nil
	}})
}

func kindNames() string {
	var all []string
	for _, k := range scaffold.Kinds() {
		all = append(all, k.Name)
	}
	return strings.Join(all, ", ")
}
