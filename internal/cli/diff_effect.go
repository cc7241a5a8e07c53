package cli

import (
	"fmt"
	"slices"

	"github.com/lbgen/lbgen/internal/adopt"
	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/pair"
	"github.com/lbgen/lbgen/internal/render"
	"github.com/lbgen/lbgen/internal/report"
)

// diffByEffect compares what two pairs or sites make their nodes do.
func (a *app) diffByEffect(args []string) error {
	if len(args) != 2 {
		return usagef("name two to compare: pairs, or site files")
	}
	before, known, err := a.effectOf(args[0])
	if err != nil {
		return err
	}
	after, alsoKnown, err := a.effectOf(args[1])
	if err != nil {
		return err
	}
	differences := adopt.Differences(before, after)
	if !known || !alsoKnown {
		fmt.Fprintln(a.Err, "passwords are not compared: those of the site file are not at hand")
		differences = slices.DeleteFunc(differences, adopt.Difference.OfSecret)
	}
	if a.format == "json" {
		if err := report.JSON(a.Out, nil, report.Member{Name: "differences", Value: differencesJSON(differences)}); err != nil {
			return err
		}
	} else {
		for _, d := range differences {
			if _, err := fmt.Fprintln(a.Out, d); err != nil {
				return err
			}
		}
	}
	if left(differences) > 0 {
		return errFindings
	}
	return nil
}

// effectOf is a pair as it is, or what a site file makes as one.
// known is false where it has passwords that are not at hand.
func (a *app) effectOf(word string) (p *pair.Pair, known bool, err error) {
	if isPair(word) {
		_, pairs := pairsOf([]string{word})
		l := &loaded{pair: pairs[0]}
		l.found = pairs[0].Found
		return pairs[0], true, a.refuse([]*loaded{l})
	}
	all, err := a.load([]string{word}, secretsOptional)
	if err != nil {
		return nil, false, err
	}
	if err := a.refuse(all); err != nil {
		return nil, false, err
	}
	if err := renderAll(all, render.New()); err != nil {
		return nil, false, err
	}
	known = !slices.ContainsFunc(all[0].sets, func(s artifact.Set) bool { return len(s.UnknownSecrets()) > 0 })
	return renderedPair(all[0].site.Name, all[0].sets), known, nil
}
