package rehearse

import (
	"github.com/lbgen/lbgen/internal/lab"
	"github.com/lbgen/lbgen/internal/model"
)

func dialogue(h model.Health) []lab.Line { return nil }
