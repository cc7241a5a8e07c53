package cli

import "github.com/spf13/cobra"

// builtins makes the commands that cobra brings as strict as our own: for a
// shell or a topic that there is not, cobra prints help and reports success.
func builtins(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		switch c.Name() {
		case "help":
			c.Run, c.RunE = nil, helpOn
		case "completion":
			c.Args = cobra.ArbitraryArgs
			c.RunE = completionFor
			for _, shell := range c.Commands() {
				shell.Args = nothing
			}
		}
	}
}

func helpOn(c *cobra.Command, args []string) error {
	topic, rest, err := c.Root().Find(args)
	if err != nil || len(rest) > 0 {
		return usagef("there is no command %q: lbgen --help lists them", args[0])
	}
	return topic.Help()
}

func completionFor(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("there is no completion for %q: lbgen completion --help lists the shells", args[0])
	}
	return c.Help()
}
