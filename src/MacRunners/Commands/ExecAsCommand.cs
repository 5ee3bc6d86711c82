using MacRunners.Platform;

namespace MacRunners.Commands;

/// <summary>
/// Hidden verb <c>exec-as</c>: turns a root process into a program of the job's user, with nothing of root left, and
/// replaces itself by that program, so that pid, exit code and signals are the program's own.
/// </summary>
/// <remarks>
/// The environment is passed on as it is: the daemon starts this verb with exactly the one the job shall have. Exit
/// codes besides the program's own: 125 refused or failed before, 126 cannot be executed, 127 not found. With
/// <c>--await stdin</c> it first waits for a byte there: the daemon notes which process this is before it lets it go, and if
/// the daemon is gone before that, so is this.
/// </remarks>
internal static class ExecAsCommand
{
    internal const string Verb = "exec-as";
    internal const int ExitFailed = 125;
    internal const int ExitCannotExecute = 126;
    internal const int ExitNotFound = 127;

    private const string AwaitOption = "--await";
    private const string FileSizeOption = "--file-size";
    private const string StandardInput = "stdin";
    private const string GrantsOption = "--grants";
    private const uint LowestUser = 1000;

    internal static int Run(IReadOnlyList<string> arguments)
    {
        try
        {
            Execute(arguments);
            return ExitFailed;
        }
        catch (ProgramException e)
        {
            return Complain(e.Message, e.Failure.Error is PosixError.NotFound ? ExitNotFound : ExitCannotExecute);
        }
        catch (Exception e) when (e is HelperUsageException or InvalidOperationException or IOException or UnauthorizedAccessException or PlatformNotSupportedException)
        {
            return Complain(e.Message, ExitFailed);
        }
    }

    private static void Execute(IReadOnlyList<string> arguments)
    {
        var options = new HelperArguments(
            arguments,
            "--name", "--uid", "--gid", "--cwd", "--output", "--open-files", "--processes", FileSizeOption, GrantsOption, AwaitOption, HelperPlatform.KindOption, HelperPlatform.RootOption);
        var name = options.Text("--name");
        var uid = options.Id("--uid", LowestUser);
        var gid = options.Id("--gid", LowestUser);
        var home = options.Text("--cwd");
        if (options.Rest is not [var program, ..] || !program.StartsWith('/'))
        {
            throw new HelperUsageException("behind -- the absolute path of a program is missing");
        }

        if (!Environment.IsPrivilegedProcess)
        {
            throw new HelperUsageException("only root can become another user");
        }

        if (options.Optional(AwaitOption) is { } source)
        {
            AwaitGo(source);
        }

        // Order matters: everything that needs root first, groups before user, and the home is entered as its owner.
        var self = HelperPlatform.Create(options).Self;
        if (Disclaims(options.Optional(GrantsOption)))
        {
            self.DisclaimGrants();
        }

        self.StartSession();
        self.Limit(ResourceLimit.OpenFiles, options.Number("--open-files"));
        self.Limit(ResourceLimit.Processes, options.Number("--processes"));
        self.Limit(ResourceLimit.CoreSize, 0);
        if (options.Optional(FileSizeOption) is not null)
        {
            self.Limit(ResourceLimit.FileSize, options.Number(FileSizeOption));
        }

        self.SetMask(UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
            | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute);
        self.RedirectTo(options.Text("--output"));
        self.Become(name, uid, gid);
        Environment.CurrentDirectory = home;
        try
        {
            self.Execute(program, [.. options.Rest.Skip(1)], OwnEnvironment());
        }
        catch (PosixException e)
        {
            throw new ProgramException(program, e);
        }
    }

    // Unless told otherwise, nothing that was granted to the daemon reaches the program.
    private static bool Disclaims(string? grants) => grants switch
    {
        null or "disclaim" => true,
        "inherit" => false,
        _ => throw new HelperUsageException($"{GrantsOption} '{grants}' is neither inherit nor disclaim"),
    };

    private static void AwaitGo(string source)
    {
        if (source != StandardInput)
        {
            throw new HelperUsageException($"{AwaitOption} '{source}' is not {StandardInput}");
        }

        using var input = Console.OpenStandardInput();
        if (input.ReadByte() < 0)
        {
            throw new IOException("the daemon ended before it let the agent go");
        }
    }

    private static Dictionary<string, string> OwnEnvironment() => Environment.GetEnvironmentVariables()
        .Cast<System.Collections.DictionaryEntry>()
        .ToDictionary(variable => (string)variable.Key, variable => (string?)variable.Value ?? "");

    private static int Complain(string message, int exitCode)
    {
        Console.Error.WriteLine($"macrunners {Verb}: {message}");
        return exitCode;
    }

    /// <summary>Everything went well but the program itself.</summary>
    private sealed class ProgramException(string program, PosixException failure) : Exception($"{program}: {failure.Message}", failure)
    {
        public PosixException Failure { get; } = failure;
    }
}
