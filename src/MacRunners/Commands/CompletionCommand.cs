using System.CommandLine;

namespace MacRunners.Commands;

/// <summary>Verb <c>completion</c>: scripts that make a shell ask this program what could come next, so they never grow stale.</summary>
internal static class CompletionCommand
{
    private const string Bash = """
        # Bash completion of macrunners. Put this into /etc/bash_completion.d/macrunners, or: source <(macrunners completion bash)
        _macrunners() {
            local IFS=$'\n'
            COMPREPLY=($(compgen -W "$(macrunners "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
        }
        complete -o default -F _macrunners macrunners
        """;

    private const string Zsh = """
        #compdef macrunners
        #compdef macrunners
        # Zsh completion of macrunners. Put this into a folder of $fpath as _macrunners, or: source <(macrunners completion zsh)
        _macrunners() {
            local -a suggestions
            suggestions=("${(@f)$(macrunners "[suggest:${CURSOR}]" "${BUFFER}" 2>/dev/null)}")
            compadd -a suggestions || _files
        }
        # A file of $fpath is the function's first call, which is then to be made good; sourced, it is to be announced.
        if [ "$funcstack[1]" = "_macrunners" ]; then
            _macrunners "$@"
        else
            compdef _macrunners macrunners
        fi
        """;

    private const string Fish = """
        # Fish completion of macrunners. Put this into ~/.config/fish/completions/macrunners.fish
        complete -c macrunners -a '(macrunners "[suggest:"(string length -- (commandline -cp))"]" (commandline -cp) 2>/dev/null)'
        """;

    private static readonly Dictionary<string, string> Scripts = new() { ["bash"] = Bash, ["zsh"] = Zsh, ["fish"] = Fish };

    /// <summary>The verb.</summary>
    public static Command Create()
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh or fish" };
        shell.AcceptOnlyFromAmong([.. Scripts.Keys]);
        var command = new Command("completion", "Writes the script that completes verbs and flags of macrunners in a shell.")
        {
            shell,
        };
        command.SetAction(parsed =>
        {
            Console.WriteLine(Scripts[parsed.GetRequiredValue(shell)]);
            return ExitCodes.Success;
        });
        return command;
    }
}
