package cli

import "github.com/spf13/cobra"

func (a *app) diff() *cobra.Command                             { return &cobra.Command{Use: "diff"} }
func (a *app) renderCheck(args []string, o renderOptions) error { return nil }
