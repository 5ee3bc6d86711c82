using MacRunners.Platform;
using MacRunners.Platform.Linux;
using MacRunners.Platform.MacOS;
using NSubstitute;

namespace MacRunners.Tests.Platform;

/// <summary>What launchctl and systemctl print, and what is made of it.</summary>
public sealed class ServiceManagerTests
{
    private const string Loaded = """
        system/com.macrunners.daemon = {
        	active count = 0
        	path = /Library/LaunchDaemons/com.macrunners.daemon.plist
        	type = LaunchDaemon
        	state = not running

        	program = /opt/macrunners/bin/macrunners
        	last exit code = 78: EX_CONFIG
        }
        """;

    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;
    private readonly ITool _tool = Substitute.For<ITool>();

    [Theory]
    [InlineData(113, "", nameof(ServiceState.NotLoaded), "not loaded")]
    [InlineData(0, Loaded, nameof(ServiceState.Loaded), "loaded, not running, last exit code 78: EX_CONFIG")]
    [InlineData(0, "system/com.macrunners.daemon = {\n\tstate = running\n\tpid = 314\n}\n", nameof(ServiceState.Running), "running")]
    public async Task Launchd_is_understood(int exitCode, string output, string state, string detail)
    {
        Answers("/mac/bin/launchctl", "system/com.macrunners.daemon", new ToolResult(exitCode, output, ""));
        var launchd = new Launchd(_tool, "/mac");

        Assert.Equal(new ServiceLook(Enum.Parse<ServiceState>(state), HoldsPort: false, detail), await launchd.LookAsync(Cancel));
        Assert.Equal(["/mac/Library/LaunchDaemons/com.macrunners.daemon.plist"], launchd.Definitions);
    }

    [Fact]
    public async Task Launchd_that_holds_sockets_holds_the_port()
    {
        Answers("/mac/bin/launchctl", "system/com.macrunners.daemon", new ToolResult(0, Loaded + "\n\tsockets = {\n\t\t\"http\" = {\n", ""));

        Assert.True((await new Launchd(_tool, "/mac").LookAsync(Cancel)).HoldsPort);
    }

    [Fact]
    public async Task Launchd_that_does_not_answer_is_no_state()
    {
        Answers("/mac/bin/launchctl", "system/com.macrunners.daemon", new ToolResult(1, "", "Operation not permitted"));

        await Assert.ThrowsAsync<ToolException>(() => new Launchd(_tool, "/mac").LookAsync(Cancel));
    }

    [Theory]
    [InlineData("not-found", "inactive", "inactive", nameof(ServiceState.NotLoaded), false)]
    [InlineData("loaded", "failed", "active", nameof(ServiceState.Loaded), true)]
    [InlineData("loaded", "active", "active", nameof(ServiceState.Running), true)]
    [InlineData("loaded", "activating", "inactive", nameof(ServiceState.Running), false)]
    public async Task Systemd_is_understood(string load, string active, string socket, string state, bool holdsPort)
    {
        Answers("/usr/bin/systemctl", "macrunners.service", new ToolResult(0, $"LoadState={load}\nActiveState={active}\nUnitFileState=enabled\n", ""));
        Answers("/usr/bin/systemctl", "macrunners.socket", new ToolResult(0, $"LoadState={load}\nActiveState={socket}\nUnitFileState=enabled\n", ""));
        var look = await new Systemd(_tool) { Runs = () => true }.LookAsync(Cancel);

        Assert.Equal((Enum.Parse<ServiceState>(state), holdsPort, $"{load}, {active}, enabled"), (look.State, look.HoldsPort, look.Detail));
    }

    [Fact]
    public async Task Where_systemd_does_not_run_nobody_is_asked()
    {
        Assert.Equal(ServiceState.NoManager, (await new Systemd(_tool) { Runs = () => false }.LookAsync(Cancel)).State);
        Assert.Empty(_tool.ReceivedCalls());
    }

    private void Answers(string program, string lastArgument, ToolResult result) => _tool
        .RunAsync(program, Arg.Is<IReadOnlyList<string>>(arguments => arguments[arguments.Count - 1] == lastArgument), Arg.Any<TimeSpan>(), Arg.Any<CancellationToken>())
        .Returns(result);
}
