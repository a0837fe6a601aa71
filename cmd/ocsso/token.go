package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ocsso/internal/contract"
)

func newTokenCommand(term terminal) *cobra.Command {
	command := &cobra.Command{
		Use:   "token",
		Short: "Make a token as the vendor does, or find out what is wrong with one",
		RunE:  func(command *cobra.Command, _ []string) error { return command.Help() },
	}
	command.AddCommand(newTokenSignCommand(term), newTokenExplainCommand(term))
	return command
}

// keyVariable is the environment variable with the organization key. The key is never an argument,
// because other users of the machine can read arguments.
const keyVariable = "OCSSO_HELP_CENTER_ORGANIZATION_KEY"

// tokenCommand holds the flags that `ocsso token sign` and `ocsso token explain` share. The fields
// are not checked.
type tokenCommand struct {
	fields              contract.Fields
	time                int64 // milliseconds since the Unix epoch
	organizationKeyFile string
}

func (c *tokenCommand) addFlags(command *cobra.Command, timeUsage string) {
	flags := command.Flags()
	flags.StringVar(&c.fields.Service, "service", "", "the `id` of the service (required)")
	flags.StringVar(&c.fields.UserCode, "usercode", "", "the member's `id` (required)")
	flags.StringVar(&c.fields.UserName, "username", "", "the member's `name`")
	flags.StringVar(&c.fields.Email, "email", "", "the member's email `address`")
	flags.StringVar(&c.fields.Phone, "phone", "", "the member's phone `number`")
	flags.StringVar(&c.fields.MemberNo, "memberno", "", "the member's `number`")
	flags.StringVar(&c.fields.ReturnURL, "return-url", "", "the returnUrl that a form sends; an api call and a link have no such `URL`")
	flags.Int64Var(&c.time, "time", 0, timeUsage)
	flags.StringVar(&c.organizationKeyFile, "organization-key-file", "", "the `file` with the organization key, instead of the environment variable "+keyVariable)
}

// complete checks that the required flags are given and not empty, and returns the organization
// key. A line break at the end of the key's file is not part of the key.
func (c *tokenCommand) complete(term terminal, command *cobra.Command, required ...string) (contract.Key, error) {
	var missing []string
	for _, name := range required {
		if flag := command.Flags().Lookup(name); !flag.Changed || flag.Value.String() == "" {
			missing = append(missing, "--"+name)
		}
	}
	if len(missing) > 0 {
		return "", usage(fmt.Errorf("missing %s", strings.Join(missing, ", ")), command.CommandPath()+" --help lists the flags")
	}
	c.fields.Time = strconv.FormatInt(c.time, 10)
	if c.organizationKeyFile == "" {
		key, err := term.secret(keyVariable, "set it to the organization key, or name a file with --organization-key-file")
		return contract.Key(key), err
	}
	const hint = "--organization-key-file names a file that has nothing but the key"
	data, err := os.ReadFile(c.organizationKeyFile)
	if err != nil {
		return "", usage(fmt.Errorf("read the organization key: %w", err), hint)
	}
	key := strings.TrimSuffix(strings.TrimSuffix(string(data), "\n"), "\r")
	if key == "" {
		return "", usage(fmt.Errorf("%s is empty", c.organizationKeyFile), hint)
	}
	return contract.Key(key), nil
}

func newTokenSignCommand(term terminal) *cobra.Command {
	var c tokenCommand
	command := &cobra.Command{
		Use:   "sign",
		Short: "Print the message and the token of a member's fields",
		Example: "  $ export " + keyVariable + "=7cf2828608274a49a3f06152b2188927\n" +
			"  $ ocsso token sign --service hangame --usercode alice --time 1660095873001\n" +
			"  message  hangame&alice&1660095873001\n" +
			"  token    Sh/8sq7JPB8FYL4/86BZyRzqKjNsVbzXcVxS3OwA8/c=",
	}
	c.addFlags(command, "now, in `milliseconds` since the epoch (default: the clock's)")
	command.RunE = func(command *cobra.Command, _ []string) error {
		if !command.Flags().Changed("time") {
			c.time = time.Now().UnixMilli()
		}
		key, err := c.complete(term, command, "service", "usercode")
		if err != nil {
			return err
		}
		// Without a returnUrl, an api call and a link have the same message as a form.
		message := contract.Message(contract.CallForm, c.fields)
		_, err = fmt.Fprintf(term.stdout, "message  %s\ntoken    %s\n", message, contract.Sign(key, message))
		return err
	}
	return command
}

func newTokenExplainCommand(term terminal) *cobra.Command {
	var c tokenCommand
	handoff := "form"
	command := &cobra.Command{
		Use:   "explain",
		Short: "Say whether a token is right, or which mistakes its signer made",
		Long: "Say whether a token is right, or which mistakes its signer made, one or two of them.\n\n" +
			"Give the fields as the help center gets them. The exit code is 0 for a right token, 1 for a wrong one.",
		Example: "  $ export " + keyVariable + "=7cf2828608274a49a3f06152b2188927\n" +
			"  $ ocsso token explain --service hangame --usercode alice --time 1660095873001 \\\n" +
			"      --token HGoyTfMvETpYySQM1hg4Wy1yd5H0JmyhOIDZYq/t5/g=\n" +
			"  wrong             seconds for milliseconds\n" +
			"  should be signed  hangame&alice&1660095873001\n" +
			"  was signed        hangame&alice&1660095873\n" +
			"                                            ^ first difference, at byte 24",
	}
	c.addFlags(command, "the time that was sent, in `milliseconds` since the epoch (required)")
	flags := command.Flags()
	flags.StringVar(&c.fields.Token, "token", "", "the `token` to explain (required)")
	flags.Var(choice{&handoff, []string{"form", "api", "link"}}, "handoff", "how the fields travel; a form signs its returnUrl, the others none")
	command.RunE = func(command *cobra.Command, _ []string) error {
		key, err := c.complete(term, command, "service", "usercode", "time", "token")
		if err != nil {
			return err
		}
		explanation := contract.Explain(contract.Call(handoff), key, c.fields)
		if _, err := fmt.Fprint(term.stdout, explanation); err != nil {
			return err
		}
		if !explanation.Right() {
			return &commandError{errors.New("the token is wrong"), explanation.Hint(), exitFailed}
		}
		return nil
	}
	return command
}
