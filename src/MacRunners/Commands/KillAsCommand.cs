namespace MacRunners.Commands;

/// <summary>
/// Hidden verb <c>kill-as</c>: becomes the job's user and kills everything that user may kill. Done by a process of that
/// user because one such call can neither miss a fork nor hit anybody else.
/// </summary>
/// <remarks>Exit codes: 0 nothing is left, 1 something was still there at the end, 125 refused or failed. Job processes can kill this one.</remarks>
internal static class KillAsCommand
{
    internal const string Verb = "kill-as";
    internal const int ExitNothingLeft = 0;
    internal const int ExitSomethingLeft = 1;
    internal const int ExitFailed = 125;

    private const uint LowestUser = 60000;
    private const int Rounds = 20;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(2);

    internal static async Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        try
        {
            return await KillAsync(arguments) ? ExitNothingLeft : ExitSomethingLeft;
        }
        catch (Exception e) when (e is HelperUsageException or InvalidOperationException or IOException or PlatformNotSupportedException)
        {
            await Console.Error.WriteLineAsync($"macrunners {Verb}: {e.Message}");
            return ExitFailed;
        }
    }

    private static async Task<bool> KillAsync(IReadOnlyList<string> arguments)
    {
        var options = new HelperArguments(arguments, "--uid", "--gid", "--floor", HelperPlatform.KindOption, HelperPlatform.RootOption);
        var floor = options.Optional("--floor") is null ? LowestUser : Math.Max(LowestUser, options.Id("--floor", LowestUser));
        var uid = options.Id("--uid", floor);
        var gid = options.Id("--gid", floor);
        if (!Environment.IsPrivilegedProcess)
        {
            throw new HelperUsageException("only root can become another user");
        }

        var self = HelperPlatform.Create(options).Self;
        self.Become(name: null, uid, gid);
        for (var round = 0; round < Rounds; round++)
        {
            if (!self.KillEverythingElse())
            {
                return true;
            }

            await Task.Delay(Pause, TimeProvider.System);
        }

        return false;
    }
}
