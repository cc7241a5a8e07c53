// Command empty does nothing: what a Go program costs at the least.
package main

func main() {}
