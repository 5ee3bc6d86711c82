using System.Diagnostics;
using MacRunners.Platform;
using MacRunners.Tests.Platform;

namespace MacRunners.Tests.MacEmulator;

/// <summary>Rows of the contract with the other commands.</summary>
[Collection(AccountsCollection.Name)]
public sealed class OtherToolsTests(EmulatedCommands mac) : IClassFixture<EmulatedCommands>
{
    private static readonly ToolResult Silent = new(0, "", "");

    [Fact, Trait("certainty", "C"), Trait("row", "C1")]
    public async Task Flushing_the_cache_says_nothing() => Assert.Equal(Silent, await mac.RunAsync("/usr/bin/dscacheutil", "-flushcache"));

    [Fact, Trait("certainty", "S"), Trait("row", "C2")]
    public async Task A_user_is_printed_as_look_ups_see_it_and_an_unknown_one_not_at_all()
    {
        var (name, uid) = await mac.CreateUserAsync();
        await mac.DsclAsync("-create", $"/Users/{name}", "NFSHomeDirectory", $"/Users/{name}");
        await mac.DsclAsync("-create", $"/Users/{name}", "UserShell", "/bin/bash");

        Assert.Equal(
            new ToolResult(0, $"name: {name}\npassword: ********\nuid: {uid}\ngid: 65534\ndir: /Users/{name}\nshell: /bin/bash\ngecos: \n\n", ""),
            await mac.RunAsync("/usr/bin/dscacheutil", "-q", "user", "-a", "name", name));
        Assert.Equal(Silent, await mac.RunAsync("/usr/bin/dscacheutil", "-q", "user", "-a", "name", EmulatedCommands.NewName()));
    }

    [Fact, Trait("certainty", "S"), Trait("row", "C3")]
    public async Task Flushing_memberships_says_nothing() => Assert.Equal(Silent, await mac.RunAsync("/usr/bin/dsmemberutil", "flushcache"));

    [Fact, Trait("certainty", "S"), Trait("row", "P1")]
    public async Task Id_prints_the_number_and_knows_who_is_unknown()
    {
        var (name, uid) = await mac.CreateUserAsync();
        var unknown = EmulatedCommands.NewName();

        Assert.Equal(new ToolResult(0, $"{uid}\n", ""), await mac.RunAsync("/usr/bin/id", "-u", name));
        Assert.Equal(new ToolResult(1, "", $"id: {unknown}: no such user\n"), await mac.RunAsync("/usr/bin/id", "-u", unknown));
    }

    [Fact, Trait("certainty", "S"), Trait("row", "P1")]
    public async Task Id_shows_the_groups_that_every_user_is_in()
    {
        var (name, uid) = await mac.CreateUserAsync();

        var line = (await mac.RunAsync("/usr/bin/id", name)).Output;

        Assert.StartsWith($"uid={uid}({name}) gid=65534(", line, StringComparison.Ordinal);
        Assert.EndsWith(",12(everyone),61(localaccounts)\n", line, StringComparison.Ordinal);
    }

    [Fact, Trait("certainty", "C"), Trait("row", "L1")]
    public async Task Asuser_executes_in_place_with_clean_signals_and_returns_the_exit_code()
    {
        var start = new ProcessStartInfo($"{mac.Root}/bin/launchctl", ["asuser", $"{TestNumbers.Next()}", "/bin/sh", "-c", "echo $$; grep -E 'Sig(Ign|Blk)' /proc/self/status; exit 7"])
        {
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        // Signals 32 and 33 are the C library's own, and stay as the parent (make, for one) left them.
        const ulong reserved = 0x180000000;
        var lines = output.Split('\n');
        Assert.Equal($"{process.Id}", lines[0]);
        Assert.Equal("SigBlk:\t0000000000000000", lines[1]);
        Assert.Equal(0UL, Convert.ToUInt64(lines[2]["SigIgn:\t".Length..], 16) & ~reserved);
        Assert.Equal(7, process.ExitCode);
    }

    [Fact, Trait("certainty", "U"), Trait("row", "L1")]
    public async Task Asuser_is_for_root_only()
    {
        var uid = TestNumbers.Next();

        var result = await mac.RunAsUserAsync(uid, "/bin/launchctl", "asuser", $"{uid}", "/bin/true");

        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith("Could not switch to audit session 0x", result.Error, StringComparison.Ordinal);
    }

    [Fact, Trait("certainty", "C"), Trait("row", "L2")]
    public async Task A_live_domain_is_booted_out_once()
    {
        var target = $"user/{TestNumbers.Next()}";
        await mac.RunAsync("/bin/launchctl", "asuser", target["user/".Length..], "/bin/true");

        Assert.Equal(Silent, await mac.RunAsync("/bin/launchctl", "bootout", target));
        Assert.Equal(125, (await mac.RunAsync("/bin/launchctl", "bootout", target)).ExitCode);
    }

    [Fact, Trait("certainty", "C"), Trait("row", "L3")]
    public async Task A_domain_that_never_was_cannot_be_booted_out() =>
        Assert.Equal(
            new ToolResult(125, "", "Boot-out failed: 125: Domain does not support specified action\n"),
            await mac.RunAsync("/bin/launchctl", "bootout", $"user/{TestNumbers.Next()}"));

    [Fact, Trait("certainty", "C"), Trait("row", "L4")]
    public async Task A_missing_service_cannot_be_printed() =>
        Assert.Equal(
            new ToolResult(113, "", "Could not find service \"org.example\" in domain for system\n"),
            await mac.RunAsync("/bin/launchctl", "print", "system/org.example"));

    [Fact, Trait("certainty", "C"), Trait("row", "L7")]
    public async Task A_missing_service_cannot_be_booted_out() =>
        Assert.Equal(new ToolResult(3, "", "Boot-out failed: 3: No such process\n"), await mac.RunAsync("/bin/launchctl", "bootout", "system/org.example"));

    [Fact]
    public async Task The_version_is_that_of_a_Mac()
    {
        Assert.Equal("macOS\n", (await mac.RunAsync("/usr/bin/sw_vers", "-productName")).Output);
        Assert.Equal("System\n", (await mac.RunAsync("/bin/launchctl", "managername")).Output);
    }
}
