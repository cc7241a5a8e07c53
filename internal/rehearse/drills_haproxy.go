package rehearse

import "github.com/lbgen/lbgen/internal/model"

func reloadDrills(site *model.Site) []Drill { return nil }
func serverDrills(site *model.Site) []Drill { return nil }
func stickyDrills(site *model.Site) []Drill { return nil }
