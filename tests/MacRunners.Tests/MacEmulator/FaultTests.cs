using System.Diagnostics;
using MacRunners.MacEmulator.Faults;
using MacRunners.Platform;
using MacRunners.Tests.Platform;

namespace MacRunners.Tests.MacEmulator;

/// <summary>Faults happen where the control file says, and only there.</summary>
[Collection(AccountsCollection.Name)]
public sealed class FaultTests(EmulatedCommands mac) : IClassFixture<EmulatedCommands>, IDisposable
{
    private const string Flaky = "<main> attribute status: eNotYetImplemented\n<dscl_cmd> DS Error: -14988 (eNotYetImplemented)\n";
    private const int Killed = 137;

    public void Dispose() => mac.Control.Clear();

    [Fact, Trait("certainty", "C"), Trait("row", "D11")]
    public async Task The_spurious_failure_happens_as_often_as_asked_and_applies_nothing()
    {
        var name = EmulatedCommands.NewName();
        mac.Control.Inject(new FaultRule { Tool = "dscl", Verb = "create", Flake140 = 2 });

        Assert.Equal(new ToolResult(140, "", Flaky), await mac.DsclAsync("-create", $"/Users/{name}"));
        Assert.Equal(56, (await mac.DsclAsync("-read", $"/Users/{name}")).ExitCode);
        Assert.Equal(140, (await mac.DsclAsync("-create", $"/Users/{name}")).ExitCode);
        Assert.Equal(0, (await mac.DsclAsync("-create", $"/Users/{name}")).ExitCode);
    }

    [Fact, Trait("certainty", "U"), Trait("row", "D11")]
    public async Task The_spurious_failure_may_apply_what_it_denies()
    {
        var (name, uid) = (EmulatedCommands.NewName(), TestNumbers.Next());
        mac.Control.Inject(new FaultRule { Flake140Applied = 1 });

        Assert.Equal(new ToolResult(140, "", Flaky), await mac.DsclAsync("-create", $"/Users/{name}", "UniqueID", $"{uid}"));
        Assert.NotNull(EmulatedCommands.HostUser(name));
    }

    [Fact, Trait("certainty", "C"), Trait("row", "D12")]
    public async Task A_command_is_killed_only_for_the_argument_named()
    {
        var (name, _) = await mac.CreateUserAsync();
        mac.Control.Inject(new FaultRule { Tool = "dscl", Argument = "IsHidden", Sigkill = 1 });

        Assert.Equal(0, (await mac.DsclAsync("-create", $"/Users/{name}", "Comment", "x")).ExitCode);
        Assert.Equal(Killed, (await mac.DsclAsync("-create", $"/Users/{name}", "IsHidden", "1")).ExitCode);
        Assert.Equal(0, (await mac.DsclAsync("-create", $"/Users/{name}", "IsHidden", "1")).ExitCode);
        Assert.Contains(mac.Control.Calls(), call => call.Rc is null && call.Argv.Contains("IsHidden"));
    }

    [Fact]
    public async Task A_command_may_be_killed_after_its_work()
    {
        var (name, uid) = (EmulatedCommands.NewName(), TestNumbers.Next());
        mac.Control.Inject(new FaultRule { SigkillApplied = 1 });

        Assert.Equal(Killed, (await mac.DsclAsync("-create", $"/Users/{name}", "UniqueID", $"{uid}")).ExitCode);
        Assert.NotNull(EmulatedCommands.HostUser(name));
    }

    [Fact, Trait("certainty", "C"), Trait("row", "D22")]
    public async Task Without_full_disk_access_users_stay_and_their_number_and_home_cannot_be_changed()
    {
        var (name, _) = await mac.CreateUserAsync();
        mac.Control.Inject(new FaultRule { TccDenied = true });

        Assert.Equal(
            new ToolResult(40, "", "<main> delete status: eDSPermissionError\n<dscl_cmd> DS Error: -14120 (eDSPermissionError)\n"),
            await mac.DsclAsync("-delete", $"/Users/{name}"));
        Assert.NotNull(EmulatedCommands.HostUser(name));
        Assert.Equal(40, (await mac.DsclAsync("-create", $"/Users/{name}", "UniqueID", $"{TestNumbers.Next()}")).ExitCode);
        Assert.Equal(0, (await mac.DsclAsync("-create", $"/Users/{name}", "NFSHomeDirectory", "/first")).ExitCode);
        Assert.Equal(40, (await mac.DsclAsync("-create", $"/Users/{name}", "NFSHomeDirectory", "/second")).ExitCode);
    }

    [Fact]
    public async Task Who_answers_for_itself_has_nothing_of_what_was_granted_to_the_daemon()
    {
        const string disclaim = "import ctypes, os, sys; ctypes.CDLL(None).prctl(41, 1, 0, 0, 0); os.execv(sys.argv[1], sys.argv[1:])";
        var (name, _) = await mac.CreateUserAsync();

        var refused = await new Tool(TimeProvider.System).RunAsync(
            "/usr/bin/python3", ["-c", disclaim, mac.Root + "/usr/bin/dscl", ".", "-delete", $"/Users/{name}"], TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);

        Assert.Equal(40, refused.ExitCode);
        Assert.Contains("-14120 (eDSPermissionError)", refused.Error, StringComparison.Ordinal);
        Assert.Equal(0, (await mac.DsclAsync("-delete", $"/Users/{name}")).ExitCode);
    }

    [Fact, Trait("certainty", "C"), Trait("row", "D26")]
    public async Task Without_full_disk_access_even_a_change_of_nothing_is_refused()
    {
        mac.Control.Inject(new FaultRule { TccDenied = true });

        Assert.Equal(40, (await mac.DsclAsync("-change", "/Users/nobody", "NFSHomeDirectory", "/var/empty", "/var/empty")).ExitCode);
    }

    [Fact]
    public async Task Numbers_can_count_as_taken()
    {
        var uid = TestNumbers.Next();
        mac.Control.Inject(new FaultRule { UidTaken = [uid] });

        Assert.Equal(55, (await mac.DsclAsync("-create", $"/Users/{EmulatedCommands.NewName()}", "UniqueID", $"{uid}")).ExitCode);
    }

    [Fact(Timeout = 60_000)]
    public async Task An_account_becomes_visible_after_the_lag()
    {
        mac.Control.Inject(new FaultRule { LookupLagMs = 1500 });

        var (name, _) = await mac.CreateUserAsync();

        Assert.Null(EmulatedCommands.HostUser(name));
        Assert.Equal(0, (await mac.DsclAsync("-read", $"/Users/{name}")).ExitCode);
        while (EmulatedCommands.HostUser(name) is null)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task Noise_and_foreign_line_ends_do_not_change_the_result()
    {
        var (name, uid) = await mac.CreateUserAsync();
        mac.Control.Inject(new FaultRule { StderrNoise = ["objc[1]: Class X is implemented in both"], Crlf = true });

        Assert.Equal(
            new ToolResult(0, $"UniqueID: {uid}\r\n", "objc[1]: Class X is implemented in both\r\n"),
            await mac.DsclAsync("-read", $"/Users/{name}", "UniqueID"));
    }

    [Fact]
    public async Task A_delayed_command_takes_its_time()
    {
        mac.Control.Inject(new FaultRule { Tool = "dscacheutil", DelayMs = 300 });

        Assert.Equal(0, (await mac.RunAsync("/usr/bin/dscacheutil", "-flushcache")).ExitCode);

        // Timers may be early by a tick of the kernel's clock.
        Assert.InRange(mac.Control.Calls().Last(call => call.Tool == "dscacheutil").Ms, 280, int.MaxValue);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_hanging_command_ends_only_when_killed()
    {
        mac.Control.Inject(new FaultRule { Tool = "dscl", Verb = "list", Hang = true });
        using var process = Process.Start(new ProcessStartInfo($"{mac.Root}/usr/bin/dscl", [".", "-list", "/Users"]) { RedirectStandardOutput = true })!;
        try
        {
            while (!mac.Control.Calls().Any(call => call.Pid == process.Id))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, TestContext.Current.CancellationToken);
            }

            Assert.False(process.HasExited);
        }
        finally
        {
            process.Kill();
        }

        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal("", await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken));
    }

    [Fact, Trait("certainty", "C"), Trait("row", "L3")]
    public async Task Bootout_can_be_made_to_fail_and_the_domain_lives_on()
    {
        var uid = TestNumbers.Next();
        await mac.RunAsync("/bin/launchctl", "asuser", $"{uid}", "/bin/true");
        mac.Control.Inject(new FaultRule { Tool = "launchctl", Verb = "bootout", BootoutRc = 36 });

        Assert.Equal(new ToolResult(36, "", "Boot-out failed: 36: Operation now in progress\n"), await mac.RunAsync("/bin/launchctl", "bootout", $"user/{uid}"));
        mac.Control.Clear();
        Assert.Equal(0, (await mac.RunAsync("/bin/launchctl", "bootout", $"user/{uid}")).ExitCode);
    }

    [Fact, Trait("certainty", "S"), Trait("row", "Q2")]
    public async Task Without_its_service_there_is_no_list_of_processes_to_kill_from()
    {
        var uid = TestNumbers.Next();
        using var sleeper = Process.Start("/usr/bin/setpriv", [$"--reuid={uid}", $"--regid={uid}", "--clear-groups", "/bin/sleep", "300"]);
        mac.Control.Inject(new FaultRule { SysmondDown = true });
        try
        {
            Assert.Equal(
                new ToolResult(3, "", "sysmon request failed with error: sysmond service not found\npkill: Cannot get process list\n"),
                await mac.RunAsync("/usr/bin/pkill", "-9", "-U", $"{uid}"));
            Assert.False(sleeper.HasExited);
            Assert.Contains($"{sleeper.Id}", (await mac.RunAsync("/bin/ps", "-axo", "pid=")).Output, StringComparison.Ordinal);
        }
        finally
        {
            sleeper.Kill();
        }
    }

    [Fact, Trait("certainty", "C"), Trait("row", "H2")]
    public async Task No_home_is_made_and_that_is_called_a_success()
    {
        var (user, _) = await mac.CreateUserAsync();
        var home = $"{mac.Root}/Users/{user}";
        await mac.DsclAsync("-create", $"/Users/{user}", "NFSHomeDirectory", home);
        mac.Control.Inject(new FaultRule { Tool = "createhomedir", CreatehomedirNoop = true });

        Assert.Equal(new ToolResult(0, "", ""), await mac.RunAsync("/usr/sbin/createhomedir", "-c", "-u", user));
        Assert.False(Path.Exists(home));
        mac.Control.Clear();
        Assert.EndsWith($"created ({home})\n", (await mac.RunAsync("/usr/sbin/createhomedir", "-c", "-u", user)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_call_is_logged_with_its_arguments_and_result()
    {
        var name = EmulatedCommands.NewName();
        await mac.DsclAsync("-delete", $"/Users/{name}");

        var call = Assert.Single(mac.Control.Calls(), call => call.Argv.Contains($"/Users/{name}"));
        Assert.Equal(("dscl", 185, 0u), (call.Tool, call.Rc, call.Uid));
        Assert.Equal([".", "-delete", $"/Users/{name}"], call.Argv);
    }
}
