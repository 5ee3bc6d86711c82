namespace MacRunners.Platform.MacOS;

/// <summary>
/// Keychains through <c>security -i</c>, which reads its commands from standard input: passwords never stand in arguments, which every account of
/// the machine can read.
/// </summary>
/// <param name="tool">Runs programs. It gives them no <c>HOME</c>: the home is then the account record's, which a job's is.</param>
/// <param name="root">Above <c>/usr/bin</c>; empty on a Mac.</param>
internal sealed class Keychains(ITool tool, string root) : IKeychains
{
    // errSecInteractionNotAllowed, errSecDuplicateKeychain: the exit code is the lowest byte of the status.
    private const int InteractionNotAllowed = 36;
    private const int Exists = 48;

    // What security takes in as one command.
    private const int LongestCommand = 4096 - 1;

    // Signing tools that may use a key; everything of Apple's, and what is signed, may then do so without a dialogue.
    private const string Partitions = "apple-tool:,apple:,codesign:";
    private static readonly string[] SigningTools = ["/usr/bin/codesign", "/usr/bin/productbuild", "/usr/bin/pkgbuild", "/usr/bin/productsign", "/usr/bin/security"];

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    public async Task CreateAsync(string path, string password, IReadOnlyList<Identity> identities, CancellationToken cancellationToken)
    {
        await RunAsync(["create-keychain", "-p", password, path], cancellationToken);
        try
        {
            // Without options: no time after which it locks itself, and none when the machine sleeps.
            await RunAsync(["set-keychain-settings", path], cancellationToken);
            await RunAsync(["unlock-keychain", "-p", password, path], cancellationToken);
            await RunAsync(["list-keychains", "-d", "user", "-s", path], cancellationToken);
            await RunAsync(["default-keychain", "-d", "user", "-s", path], cancellationToken);
            foreach (var identity in identities)
            {
                await RunAsync(
                    ["import", identity.File, "-k", path, "-f", "pkcs12", "-P", identity.Passphrase, .. SigningTools.SelectMany(signer => new[] { "-T", signer })], cancellationToken);
            }

            if (identities.Count > 0)
            {
                await RunAsync(["set-key-partition-list", "-S", Partitions, "-s", "-k", password, path], cancellationToken);
            }

            await VerifyAsync(path, cancellationToken);
        }
        catch (KeychainException)
        {
            _ = await AskAsync(["delete-keychain", path], cancellationToken);
            throw;
        }
    }

    /// <summary>Whether an interactive <c>security</c> tells failures by its exit code is nobody's promise: what counts is what it then says.</summary>
    private async Task VerifyAsync(string path, CancellationToken cancellationToken)
    {
        foreach (var question in new[] { "list-keychains", "default-keychain" })
        {
            var answer = await AskAsync([question, "-d", "user"], cancellationToken);
            if (!answer.Output.Contains($"\"{path}\"", StringComparison.Ordinal))
            {
                throw Refused($"{question} does not name {path}", answer);
            }
        }

        var settings = await AskAsync(["show-keychain-info", path], cancellationToken);
        if (settings.ExitCode != 0 || !settings.Error.Contains("no-timeout", StringComparison.Ordinal))
        {
            throw Refused($"{path} is locked or locks itself", settings);
        }
    }

    private async Task RunAsync(IReadOnlyList<string> command, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(command, cancellationToken);
        if (answer.ExitCode != 0 || answer.Error.Split('\n').Any(line => line.StartsWith("security: ", StringComparison.Ordinal)))
        {
            throw Refused(command[0], answer);
        }
    }

    private async Task<ToolResult> AskAsync(IReadOnlyList<string> command, CancellationToken cancellationToken)
    {
        var line = string.Join(' ', command.Select(Quoted));
        if (line.Length > LongestCommand || line.Any(char.IsControl))
        {
            throw new KeychainException($"security {command[0]}: a path or passphrase is too long, or holds a control character");
        }

        try
        {
            return await tool.RunAsync(root + "/usr/bin/security", ["-i"], line + "\n", Limit, cancellationToken);
        }
        catch (ToolException e)
        {
            throw new KeychainException(e.Message, e);
        }
    }

    private static string Quoted(string argument) =>
        $"\"{argument.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    // Standard output may name keys, and is left out; no command repeats a password.
    private static KeychainException Refused(string what, ToolResult answer) => new(
        $"security {what}: exit code {answer.ExitCode}: {answer.Error.Trim().ReplaceLineEndings(" / ")}" + answer.ExitCode switch
        {
            InteractionNotAllowed => ". It works only in the account's own launchd domain: call it from an agent hook or a step of the job, not over ssh or by sudo",
            Exists => ". Once per job is enough: later hooks and steps find the keychain that is there",
            _ => "",
        });
}
