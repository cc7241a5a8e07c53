module github.com/lbgen/lbgen

go 1.26.0
