// Package repo has the tests that guard this repository and not the product: its READMEs, its
// image, and the files that belong beside a checkout. A fork that has its own removes the folder.
package repo
