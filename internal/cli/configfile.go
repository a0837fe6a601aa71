package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"ocsso/internal/config"
)

// ConfigFile is the path of the configuration file.
type ConfigFile string

// AddFlag adds the flag --config to command.
func (f *ConfigFile) AddFlag(command *cobra.Command) {
	command.Flags().StringVar((*string)(f), "config", "config.yaml", "the configuration `file`")
}

// Load reads the configuration.
func (f ConfigFile) Load(term Terminal) (config.Config, error) {
	data, err := os.ReadFile(string(f))
	if errors.Is(err, fs.ErrPermission) && os.Getuid() >= 0 { // not on Windows
		return config.Config{}, Usage(err, fmt.Sprintf("this process runs as user %d, who must be able to read it: sudo chown %[1]d %s", os.Getuid(), f))
	}
	if err != nil {
		return config.Config{}, Usage(err, "make one with ocsso config init, or name another with --config")
	}
	return config.Load(string(f), data, term.Environ(), os.ReadFile)
}
