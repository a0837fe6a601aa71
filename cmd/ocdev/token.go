package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ocsso/internal/cli"
	"ocsso/internal/devtools/signing"
	"ocsso/internal/paste"
)

func newTokenCommand(term cli.Terminal) *cobra.Command {
	command := &cobra.Command{Use: "token", Short: "Make a token as the vendor does, or find out why one is wrong", RunE: cli.ShowHelp}
	command.AddCommand(newTokenSignCommand(term), newTokenExplainCommand(term))
	return command
}

// keyVariable is the environment variable with the organization key. The key is never an argument,
// because other users of the machine can read arguments.
const keyVariable = "OCSSO_HELP_CENTER_ORGANIZATION_KEY"

// tokenCommand holds the flags that `ocdev token sign` and `ocdev token explain` share. The fields
// are not checked.
type tokenCommand struct {
	fields              signing.Fields
	organizationKeyFile string
}

func (c *tokenCommand) addFlags(command *cobra.Command) {
	flags := command.Flags()
	flags.StringVar(&c.fields.Service, "service", "", "the `id` of the service (required)")
	flags.StringVar(&c.fields.UserCode, "usercode", "", "the member's `id` (required)")
	flags.StringVar(&c.fields.UserName, "username", "", "the member's `name`")
	flags.StringVar(&c.fields.Email, "email", "", "the member's email `address`")
	flags.StringVar(&c.fields.Phone, "phone", "", "the member's phone `number`")
	flags.StringVar(&c.fields.MemberNo, "memberno", "", "the member's `number`")
	flags.StringVar(&c.fields.ReturnURL, "return-url", "", "the `URL` that a form sends as returnUrl, or that your code may have signed in an api call or a link, which have none")
	flags.StringVar(&c.organizationKeyFile, "organization-key-file", "", "the `file` with the organization key, instead of the environment variable "+keyVariable)
}

// complete checks that the required flags are given and not empty, and returns the organization
// key. A line break at the end of the key's file is not part of the key.
func (c *tokenCommand) complete(term cli.Terminal, command *cobra.Command, required ...string) (signing.Key, error) {
	var missing []string
	for _, name := range required {
		if flag := command.Flags().Lookup(name); !flag.Changed || flag.Value.String() == "" {
			missing = append(missing, "--"+name)
		}
	}
	if len(missing) > 0 {
		return "", cli.Usage(fmt.Errorf("missing %s", strings.Join(missing, ", ")), command.CommandPath()+" --help lists the flags")
	}
	if c.organizationKeyFile == "" {
		key, err := term.Secret(keyVariable, "set it to the organization key, or name a file with --organization-key-file", paste.Key)
		return signing.Key(key), err
	}
	return readKey("--organization-key-file", c.organizationKeyFile)
}

// readKey reads the organization key from the file that a flag names.
func readKey(flag, file string) (signing.Key, error) {
	hint := flag + " names a file that has nothing but the key"
	data, err := os.ReadFile(file)
	if err != nil {
		return "", cli.Usage(fmt.Errorf("read the organization key: %w", err), hint)
	}
	key := strings.TrimSuffix(strings.TrimSuffix(string(data), "\n"), "\r")
	if key == "" {
		return "", cli.Usage(fmt.Errorf("%s is empty", file), hint)
	}
	if fault, hint := paste.Key(key); fault != "" {
		return "", cli.Usage(fmt.Errorf("%s %s", file, fault), hint)
	}
	return signing.Key(key), nil
}

func newTokenSignCommand(term cli.Terminal) *cobra.Command {
	var c tokenCommand
	var milliseconds int64
	command := &cobra.Command{
		Use:   "sign",
		Short: "Print the message and the token of a member's fields",
		Example: "  $ export " + keyVariable + "=7cf2828608274a49a3f06152b2188927\n" +
			"  $ ocdev token sign --service hangame --usercode alice --time 1660095873001\n" +
			"  message  hangame&alice&1660095873001\n" +
			"  token    Sh/8sq7JPB8FYL4/86BZyRzqKjNsVbzXcVxS3OwA8/c=",
	}
	c.addFlags(command)
	command.Flags().Int64Var(&milliseconds, "time", 0, "now, in `milliseconds` since the epoch (default: the clock's)")
	command.RunE = func(command *cobra.Command, _ []string) error {
		if !command.Flags().Changed("time") {
			milliseconds = time.Now().UnixMilli()
		}
		c.fields.Time = strconv.FormatInt(milliseconds, 10)
		key, err := c.complete(term, command, "service", "usercode")
		if err != nil {
			return err
		}
		// Without a returnUrl, an api call and a link have the same message as a form.
		message := signing.Message(signing.CallForm, c.fields)
		_, err = fmt.Fprintf(term.Stdout, "message  %s\ntoken    %s\n", message, signing.Sign(key, message))
		return err
	}
	return command
}

func newTokenExplainCommand(term cli.Terminal) *cobra.Command {
	var c tokenCommand
	var otherKeyFiles []string
	handoff, lang := "form", ""
	command := &cobra.Command{
		Use:   "explain",
		Short: "Say whether a token is right, or which mistakes its signer made",
		Long: "Say what is odd about the values, and whether a token is right, or which\n" +
			"mistakes its signer made, one or two of them.\n\n" +
			"Give the fields as the help center gets them. The exit code is 0 for a right\n" +
			"token, 1 for a wrong one.",
		Example: "  $ export " + keyVariable + "=7cf2828608274a49a3f06152b2188927\n" +
			"  $ ocdev token explain --service hangame --usercode alice \\\n" +
			"      --time 1660095873001 --token HGoyTfMvETpYySQM1hg4Wy1yd5H0JmyhOIDZYq/t5/g=\n" +
			"  wrong             seconds for milliseconds\n" +
			"  should be signed  hangame&alice&1660095873001\n" +
			"  was signed        hangame&alice&1660095873\n" +
			"                                            ^ first difference, at byte 24",
	}
	c.addFlags(command)
	flags := command.Flags()
	flags.StringVar(&c.fields.Time, "time", "", "the `time` as it was sent, milliseconds since the epoch if it is right (required)")
	flags.StringVar(&c.fields.Token, "token", "", "the `token` to explain (required)")
	flags.Var(cli.Choice{Value: &handoff, Words: []string{"form", "api", "link"}}, "handoff", "how the fields travel; a form signs its returnUrl, the others none")
	flags.StringArrayVar(&otherKeyFiles, "also-key-file", nil, "a `file` with another key that may have been used, such as that of alpha; repeatable")
	flags.Var(cli.LangChoice(&lang), "lang", "the language of the explanation; without it the one of LC_ALL or LANG")
	command.RunE = func(command *cobra.Command, _ []string) error {
		key, err := c.complete(term, command, "service", "usercode", "time", "token")
		if err != nil {
			return err
		}
		question := signing.Case{Call: signing.Call(handoff), Key: key, Fields: c.fields}
		for _, file := range otherKeyFiles {
			other, err := readKey("--also-key-file", file)
			if err != nil {
				return err
			}
			question.OtherKeys = append(question.OtherKeys, signing.NamedKey{Name: file, Key: other})
		}
		explanation, lang := signing.Explain(command.Context(), question), signing.Lang(cmp.Or(lang, string(term.Lang())))
		if _, err := fmt.Fprint(term.Stdout, explanation.Text(lang)); err != nil {
			return err
		}
		if explanation.Right() {
			return nil
		}
		wrong, hint := "the token is wrong", explanation.Hint(lang)
		if lang == signing.Korean {
			wrong = "토큰이 올바르지 않습니다"
		}
		if explanation.Unknown() {
			hint += unseen(question, lang)
		}
		return cli.Failed(errors.New(wrong), hint)
	}
	return command
}

// unseen names what the signer may have used and the command was not given.
func unseen(question signing.Case, lang signing.Lang) (hints string) {
	hint := func(en, ko string) {
		if lang == signing.Korean {
			hints += ". " + ko
		} else {
			hints += "; " + en
		}
	}
	if question.Call != signing.CallForm && question.Fields.ReturnURL == "" {
		hint("the vendor's sample signs a returnUrl in an api call, too, which is wrong: name the one that your code signs with --return-url",
			"공식 샘플은 서버 호출에서도 returnUrl을 서명하며, 이는 잘못입니다. 코드가 서명하는 값을 --return-url로 지정하세요")
	}
	if len(question.OtherKeys) == 0 {
		hint("--also-key-file tries another key, such as that of alpha", "알파의 Key처럼 다른 Key는 --also-key-file로 대조할 수 있습니다")
	}
	return hints
}
