using System.Diagnostics;
using System.Text.RegularExpressions;
using MacRunners.MacEmulator.Faults;
using MacRunners.Tests.MacEmulator;
using MacRunners.Tests.Platform;

namespace MacRunners.Tests.Packaging;

/// <summary>The probe for a real Mac, over the emulated one: what it believes is what the emulator does, and it sees when that is not so.</summary>
[Collection(AccountsCollection.Name)]
public sealed partial class ProbeScriptTests(EmulatedCommands mac) : IClassFixture<EmulatedCommands>
{
    [Fact]
    public async Task Every_contract_that_is_emulated_is_found_as_stated_and_nothing_is_left()
    {
        mac.Control.Clear();
        var (exitCode, report, error) = await ProbeAsync();

        Assert.DoesNotContain("| **differs** |", report);
        Assert.Equal((0, ""), (exitCode, error));
        Assert.True(int.Parse(Closing().Match(report).Groups[1].Value, null) > 55, report[^200..]);
        Assert.Equal(11, VolumeRow().Count(report));
        Assert.Matches(@"\| 11 \|.* made in \d+ ms, mounted in \d+ ms, owners before they are asked for: false, deleted in \d+ ms after 0 refusals \|", report);
        Assert.DoesNotContain("mr-probe", (await mac.RunAsync("/usr/sbin/diskutil", "apfs", "list", "-plist")).Output);
        Assert.Empty(Directory.EnumerateFileSystemEntries($"{mac.Root}/Volumes"));
        Assert.DoesNotContain("mr-probe", (await mac.DsclAsync("-list", "/Users")).Output);
        Assert.DoesNotContain("mr-probe", (await mac.DsclAsync("-list", "/Groups")).Output);
        Assert.Null(EmulatedCommands.HostUser("mr-probe-790000"));
    }

    [Fact]
    public async Task A_refused_deletion_is_a_difference_and_the_answer_to_the_first_open_point_and_one_of_a_volume_is_repeated()
    {
        mac.Control.Inject(new FaultRule { Tool = "dscl", Verb = "delete", TccDenied = true }, new FaultRule { DeleteVolumeBusy = 2 });
        try
        {
            var (exitCode, report, _) = await ProbeAsync();

            Assert.Equal(1, exitCode);
            Assert.Matches(@"\| D20 .*\| 40 .*\*\*differs\*\*", report);
            Assert.Matches(@"\| V4 .*\| 1 \|.*Unmounting disk3s\d+ .*-69888", report);
            Assert.Matches(@"\| 11 \|.*after 2 refusals \|", report);
            Assert.Matches(@"\| 1 \|.*Full Disk Access is missing", report);
        }
        finally
        {
            mac.Control.Clear();
            foreach (var name in (await mac.DsclAsync("-list", "/Users")).Output.Split('\n').Where(name => name.StartsWith("mr-probe", StringComparison.Ordinal)))
            {
                await mac.DsclAsync("-delete", $"/Users/{name}");
            }
        }
    }

    private async Task<(int ExitCode, string Report, string Error)> ProbeAsync()
    {
        var start = new ProcessStartInfo("/bin/bash", [RepositoryRoot.PathOf("packaging", "macos", "probe.sh"), "--volumes", "--root", mac.Root]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var probe = Process.Start(start)!;
        var error = probe.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var report = await probe.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await probe.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (probe.ExitCode, report, await error);
    }

    [GeneratedRegex(@"^\| V\d[a-e]? \|.*\| as stated \|$", RegexOptions.CultureInvariant | RegexOptions.Multiline)]
    private static partial Regex VolumeRow();

    [GeneratedRegex(@"(\d+) as stated, \d+ differ, \d+ answers, \d+ not here\s*$", RegexOptions.CultureInvariant)]
    private static partial Regex Closing();
}
