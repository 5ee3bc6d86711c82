using MacRunners.Platform;
using MacRunners.Settings;
using Microsoft.Extensions.Logging.Abstractions;
using NSubstitute;

namespace MacRunners.Tests.Platform;

public class PlatformFactoryTests
{
    [Fact]
    public void The_running_system_is_chosen_by_itself()
    {
        var platform = Create(PlatformKind.Auto, "");

        Assert.Equal("linux", platform.Name);
        Assert.Equal(File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim(), platform.BootId);
        Assert.Equal("/var/lib/macrunners/homes", platform.Places.Homes);
    }

    [Fact]
    public void The_macOS_code_elsewhere_needs_a_root() =>
        Assert.Contains("Platform:Root", Assert.Throws<PlatformNotSupportedException>(() => Create(PlatformKind.MacOS, "")).Message, StringComparison.Ordinal);

    [Fact]
    public void The_root_stands_before_every_macOS_path()
    {
        var platform = Create(PlatformKind.MacOS, "/mac/");

        Assert.Equal("macos", platform.Name);
        Assert.Contains("/mac/private/tmp", platform.Places.SharedPlaces);
        Assert.All([.. platform.Places.SharedPlaces, .. platform.Places.AccountFiles, .. platform.Places.Protected, .. platform.Places.Volumes], path => Assert.StartsWith("/mac", path, StringComparison.Ordinal));
        Assert.Equal("/mac/Users", platform.Places.Homes);
        Assert.Equal("/mac/private/var/run/macrunners", platform.Places.Run);
        Assert.Equal(["/mac/bin/launchctl", "asuser", "700001"], platform.Domains.EnterCommand(700001));
        Assert.Equal("bk-0190fdd5-a1b2-4c3d-8e9f-0a1b2c3d4e5f", platform.Accounts.NameFor(Guid.Parse("0190FDD5-A1B2-4C3D-8E9F-0A1B2C3D4E5F")));
    }

    private static IPlatform Create(PlatformKind kind, string root) => PlatformFactory.Create(
        new PlatformOptions { Kind = kind, Root = root }, Substitute.For<ITool>(), TimeSpan.FromSeconds(30), TimeProvider.System, NullLoggerFactory.Instance);
}
