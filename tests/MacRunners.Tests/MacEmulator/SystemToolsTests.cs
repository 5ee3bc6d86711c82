using System.Diagnostics;
using MacRunners.MacEmulator.Root;
using MacRunners.Platform;
using MacRunners.Tests.Platform;

namespace MacRunners.Tests.MacEmulator;

/// <summary>Rows of the contract with the commands about processes, disks and the machine.</summary>
[Collection(AccountsCollection.Name)]
public sealed class SystemToolsTests(EmulatedCommands mac) : IClassFixture<EmulatedCommands>
{
    private static readonly ToolResult Silent = new(0, "", "");

    [Fact, Trait("certainty", "S"), Trait("row", "Q1-Q5")]
    public async Task Processes_are_found_and_killed_by_number_and_unknown_names_refused()
    {
        var uid = TestNumbers.Next();
        using var sleeper = Process.Start("/usr/bin/setpriv", [$"--reuid={uid}", $"--regid={uid}", "--clear-groups", "/bin/sleep", "300"]);
        while ((await mac.RunAsync("/bin/ps", "-U", $"{uid}", "-o", "pid=")).Output.Trim() != $"{sleeper.Id}")
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        Assert.Equal(Silent, await mac.RunAsync("/usr/bin/pkill", "-9", "-U", $"{uid}"));
        await sleeper.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(1, (await mac.RunAsync("/usr/bin/pkill", "-9", "-U", $"{uid}")).ExitCode);
        Assert.Equal(1, (await mac.RunAsync("/bin/ps", "-U", $"{uid}", "-o", "pid=")).ExitCode);
        Assert.Equal(new ToolResult(2, "", "pkill: Unknown user `mr-nobody'\n"), await mac.RunAsync("/usr/bin/pkill", "-U", "mr-nobody"));
    }

    [Fact, Trait("certainty", "U"), Trait("row", "L9")]
    public async Task A_domain_is_printed_while_it_is_live()
    {
        var uid = TestNumbers.Next();
        Assert.Equal(new ToolResult(112, "", $"Could not find domain for user/{uid}\n"), await mac.RunAsync("/bin/launchctl", "print", $"user/{uid}"));

        await mac.RunAsync("/bin/launchctl", "asuser", $"{uid}", "/bin/true");

        Assert.StartsWith($"user/{uid} = {{\n", (await mac.RunAsync("/bin/launchctl", "print", $"user/{uid}")).Output, StringComparison.Ordinal);
    }

    [Fact, Trait("certainty", "U"), Trait("row", "M1-M2")]
    public async Task No_image_is_attached_and_none_can_be_detached()
    {
        Assert.Contains("<key>images</key>", (await mac.RunAsync("/usr/bin/hdiutil", "info", "-plist")).Output);
        Assert.Equal(new ToolResult(1, "", "hdiutil: detach failed - No such file or directory\n"), await mac.RunAsync("/usr/bin/hdiutil", "detach", "-force", "/dev/disk987"));
    }

    [Fact, Trait("certainty", "C"), Trait("row", "T1-T4")]
    public async Task Snapshots_and_exclusions_of_Time_Machine()
    {
        mac.Control.Describe(new Machine { Snapshots = ["2026-11-26-101500"] });

        Assert.Equal(new ToolResult(0, "Snapshots for disk /:\ncom.apple.TimeMachine.2026-11-26-101500.local\n", ""), await mac.RunAsync("/usr/bin/tmutil", "listlocalsnapshots", "/"));
        Assert.Equal(new ToolResult(0, "Deleted local snapshot '2026-11-26-101500'\n", ""), await mac.RunAsync("/usr/bin/tmutil", "deletelocalsnapshots", "2026-11-26-101500"));
        Assert.Equal(new ToolResult(0, "Snapshots for disk /:\n", ""), await mac.RunAsync("/usr/bin/tmutil", "listlocalsnapshots", "/"));
        Assert.StartsWith("[Included] ", (await mac.RunAsync("/usr/bin/tmutil", "isexcluded", "/x/y")).Output, StringComparison.Ordinal);
        Assert.Equal(Silent, await mac.RunAsync("/usr/bin/tmutil", "addexclusion", "-p", "/x"));
        Assert.StartsWith("[Excluded] ", (await mac.RunAsync("/usr/bin/tmutil", "isexcluded", "/x/y")).Output, StringComparison.Ordinal);
        Assert.Equal(80, (await mac.RunAsUserAsync(TestNumbers.Next(), "/usr/bin/tmutil", "addexclusion", "-p", "/x")).ExitCode);
    }

    [Fact, Trait("certainty", "U"), Trait("row", "S1")]
    public async Task Spotlight_is_switched_off_by_root()
    {
        mac.Control.Describe(new Machine { IsIndexed = true });

        Assert.Equal(1, (await mac.RunAsUserAsync(TestNumbers.Next(), "/usr/bin/mdutil", "-i", "off", "/")).ExitCode);
        Assert.Contains("Indexing enabled", (await mac.RunAsUserAsync(TestNumbers.Next(), "/usr/bin/mdutil", "-s", "/")).Output);
        Assert.Equal(new ToolResult(0, "/:\n\tIndexing disabled.\n", ""), await mac.RunAsync("/usr/bin/mdutil", "-i", "off", "/"));
        Assert.Equal(new ToolResult(0, "/:\n\tIndexing disabled.\n", ""), await mac.RunAsync("/usr/bin/mdutil", "-a", "-s"));
    }

    [Fact, Trait("certainty", "C"), Trait("row", "O1-O2")]
    public async Task Figures_of_the_machine()
    {
        Assert.Matches(@"^\d{8,}\n$", (await mac.RunAsync("/usr/sbin/sysctl", "-n", "hw.memsize")).Output);
        Assert.Equal(1, (await mac.RunAsync("/usr/sbin/sysctl", "-n", "no.such.name")).ExitCode);
        Assert.Equal(Silent, await mac.RunAsync("/usr/sbin/sysctl", "-in", "no.such.name"));
        Assert.Matches(@"^Mach Virtual Memory Statistics: \(page size of 16384 bytes\)\nPages free: +\d+\.\n", (await mac.RunAsync("/usr/bin/vm_stat")).Output);
    }
}
