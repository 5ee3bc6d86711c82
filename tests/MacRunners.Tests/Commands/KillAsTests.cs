using System.Diagnostics;
using MacRunners.Commands;
using MacRunners.Platform.Linux;
using MacRunners.Platform.MacOS;
using MacRunners.Tests.Platform;
using MacRunners.Tests.Teardown;

namespace MacRunners.Tests.Commands;

public sealed class KillAsTests
{
    private readonly LinuxProcesses _processes = new();
    private readonly uint _id = TestNumbers.Next();

    [Theory]
    [InlineData(HelperPlatformChoice.Linux)]
    [InlineData(HelperPlatformChoice.MacOS)]
    public async Task A_detached_child_that_left_its_session_and_ignores_signals_is_killed(string platform)
    {
        const string daemonise = """
            import os, signal, sys, time
            uid = int(sys.argv[1])
            os.setresgid(uid, uid, uid); os.setresuid(uid, uid, uid)
            if os.fork(): os._exit(0)
            os.setsid()
            if os.fork(): os._exit(0)
            for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT): signal.signal(number, signal.SIG_IGN)
            print('ready', flush=True)
            time.sleep(600)
            """;
        using var process = Process.Start(new ProcessStartInfo("/usr/bin/python3", ["-c", daemonise, $"{_id}"]) { RedirectStandardOutput = true })!;
        Assert.Equal("ready", await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        var daemon = await JobProcess.LastOneAsync(_processes, _id);
        Assert.NotEqual(process.Id, daemon.Identity.Pid);

        Assert.Equal((KillAsCommand.ExitNothingLeft, ""), await KillAsync(_id, platform));

        Assert.Empty(_processes.OwnedBy(_id));
    }

    [Theory]
    [InlineData(HelperPlatformChoice.Linux)]
    [InlineData(HelperPlatformChoice.MacOS)]
    public async Task Nobody_to_kill_is_success(string platform) =>
        Assert.Equal((KillAsCommand.ExitNothingLeft, ""), await KillAsync(_id, platform));

    [Fact]
    public async Task Only_that_user_is_hit()
    {
        var other = TestNumbers.Next();
        using var bystander = Process.Start(new ProcessStartInfo("/usr/bin/setpriv", ["--reuid", $"{other}", "--clear-groups", "sleep", "600"]))!;
        while (_processes.OwnedBy(other).Count == 0)
        {
            await Task.Yield();
        }

        await KillAsync(_id);

        Assert.Single(_processes.OwnedBy(other));
        bystander.Kill();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1000)]
    [InlineData(59999)]
    public async Task Low_numbers_are_refused(uint uid)
    {
        var (code, error) = await KillAsync(uid);

        Assert.Equal(KillAsCommand.ExitFailed, code);
        Assert.Contains("only numbers from 60000 on", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_higher_floor_counts_and_a_lower_one_is_refused()
    {
        Assert.Contains(
            "only numbers from 900000 on",
            (await HelperVerb.RunAsync(new Dictionary<string, string>(), KillAsCommand.Verb, "--uid", $"{_id}", "--gid", $"{_id}", "--floor", "900000")).Error,
            StringComparison.Ordinal);
        Assert.Contains(
            "only numbers from 60000 on",
            (await HelperVerb.RunAsync(new Dictionary<string, string>(), KillAsCommand.Verb, "--uid", "5000", "--gid", "5000", "--floor", "5000")).Error,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Root_itself_never_signals_everything()
    {
        Assert.Throws<InvalidOperationException>(() => new LinuxProcessCalls(_processes, groups: null).KillEverythingElse());
        Assert.Throws<InvalidOperationException>(() => new MacProcessCalls().KillEverythingElse());
    }

    private static Task<(int ExitCode, string Error)> KillAsync(uint id, string platform = HelperPlatformChoice.Linux) =>
        HelperVerb.RunAsync(HelperPlatformChoice.Environment(platform), KillAsCommand.Verb, [.. HelperPlatformChoice.Options(platform), "--uid", $"{id}", "--gid", $"{id}"]);
}
