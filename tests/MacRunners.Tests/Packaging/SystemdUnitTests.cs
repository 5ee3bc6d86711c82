using System.Diagnostics;
using MacRunners.Commands;
using MacRunners.Hosting.Http;
using MacRunners.Jobs;
using MacRunners.Settings;
using MacRunners.Tests.Platform;

namespace MacRunners.Tests.Packaging;

/// <summary>The units, as systemd reads them, and what jobs need of them.</summary>
public sealed class SystemdUnitTests
{
    // Jobs inherit all of this; the unit says why each must stay away.
    private static readonly string[] Inherited =
    [
        "PrivateTmp", "ProtectSystem", "ProtectHome", "ReadOnlyPaths", "NoNewPrivileges", "RestrictSUIDSGID", "CapabilityBoundingSet", "RestrictNamespaces",
        "SystemCallFilter", "MemoryDenyWriteExecute", "PrivateDevices", "ProtectProc", "OOMScoreAdjust", "Nice", "MemoryMax", "CPUQuota", "RuntimeDirectory",
    ];

    private static readonly string Service = RepositoryRoot.PathOf("packaging", "linux", "macrunners.service");
    private static readonly string Socket = RepositoryRoot.PathOf("packaging", "linux", "macrunners.socket");
    private static readonly ILookup<string, string> Keys = File.ReadLines(Service)
        .Where(line => line.Contains('=') && !line.StartsWith('#'))
        .Select(line => line.Split('=', 2))
        .ToLookup(pair => pair[0], pair => pair[1]);

    [Fact]
    public void Systemd_finds_nothing_wrong_with_them()
    {
        using var folder = new Scratch();

        // The program is not on this machine.
        File.WriteAllText(folder["macrunners.service"], File.ReadAllText(Service).Replace("/opt/macrunners/bin/macrunners", "/bin/true", StringComparison.Ordinal));
        File.Copy(Socket, folder["macrunners.socket"]);
        using var verify = Process.Start(new ProcessStartInfo("systemd-analyze", ["verify", "--man=no", folder["macrunners.service"], folder["macrunners.socket"]])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var text = verify.StandardError.ReadToEnd() + verify.StandardOutput.ReadToEnd();
        verify.WaitForExit();

        Assert.Equal((0, ""), (verify.ExitCode, text));
    }

    [Fact]
    public void Jobs_outlive_the_daemon_and_are_not_limited_together()
    {
        Assert.Equal("process", Keys["KillMode"].Single());
        Assert.Equal("yes", Keys["Delegate"].Single());
        Assert.Equal("continue", Keys["OOMPolicy"].Single());
        Assert.Equal("infinity", Keys["TasksMax"].Single());
        Assert.All(Inherited, key => Assert.Empty(Keys[key]));
    }

    [Fact]
    public void A_stop_leaves_time_for_draining_and_cancelling() => Assert.True(
        TimeSpan.FromSeconds(int.Parse(Keys["TimeoutStopSec"].Single(), System.Globalization.CultureInfo.InvariantCulture)) > JobServices.LongestStop(new LifecycleOptions(), new JobsOptions()));

    [Fact]
    public void A_planned_restart_is_no_failure_and_is_followed_by_a_start()
    {
        var planned = $"{ExitCodes.Restart}";

        Assert.Equal(planned, Keys["RestartForceExitStatus"].Single());
        Assert.Equal(planned, Keys["SuccessExitStatus"].Single());
        Assert.Equal("on-failure", Keys["Restart"].Single());
        Assert.Equal("0", Keys["StartLimitIntervalSec"].Single());
    }

    [Fact]
    public void Both_address_families_are_held_under_the_name_that_the_daemon_asks_for()
    {
        var lines = File.ReadAllLines(Socket);

        Assert.Contains($"FileDescriptorName={HttpSockets.HeldName}", lines);
        Assert.Contains($"ListenStream=0.0.0.0:{new HttpOptions().Port}", lines);
        Assert.Contains($"ListenStream=[::]:{new HttpOptions().Port}", lines);
        Assert.Contains("BindIPv6Only=ipv6-only", lines);
    }
}
