using MacRunners.Agent;
using MacRunners.Hosting;
using MacRunners.Platform;
using MacRunners.Settings;
using MacRunners.Tests.Teardown;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using NSubstitute;

namespace MacRunners.Tests.Agent;

public sealed class AgentLauncherTests : IDisposable
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;
    private readonly TestMachine _machine = new();
    private readonly BuildkiteOptions _buildkite = new() { AllowAgentTokenFallback = true };
    private readonly IAgentToken _token = Substitute.For<IAgentToken>();
    private readonly Guid _job = Guid.NewGuid();

    public AgentLauncherTests()
    {
        _token.Current().Returns("bkct_secret");
        Directory.CreateDirectory(_machine["run"]);
        Directory.CreateDirectory(_machine["logs/jobs"]);
    }

    public void Dispose()
    {
        JobProcess.KillAll(_machine.Id);
        _machine.Dispose();
    }

    private string TokenFolder => _machine["run/token"];

    private string TokenFile => Path.Combine(TokenFolder, $"{_job}");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void At_its_start_it_removes_token_pipes_except_those_that_a_living_agent_may_still_read(bool allowed)
    {
        _buildkite.AllowAgentTokenFallback = allowed;
        var launcher = Launcher();
        launcher.Prepare(new HashSet<Guid>());
        Assert.Equal((UnixFileMode)0b111_001_001, File.GetUnixFileMode(TokenFolder));
        TokenPipe.Make(_machine.Platform.Files, TokenFile, _machine.Id);
        TokenPipe.Make(_machine.Platform.Files, Path.Combine(TokenFolder, $"{Guid.NewGuid()}"), _machine.Id);

        launcher.Prepare(new HashSet<Guid> { _job });

        Assert.Equal(allowed ? [TokenFile] : [], Directory.EnumerateFiles(TokenFolder));
    }

    [Fact]
    public async Task An_adopted_agent_that_still_waits_for_its_token_gets_it()
    {
        var launcher = Launcher();
        launcher.Prepare(new HashSet<Guid>());
        TokenPipe.Make(_machine.Platform.Files, TokenFile, _machine.Id);
        using var process = JobProcess.Running(_machine.Id, $"print('ready', flush=True)\nprint(open('{TokenFile}').read(), end='', flush=True)");

        using var agent = launcher.Adopt(_job, Run(process.Id, TimeProvider.System.GetTimestamp()));

        Assert.Equal("token=\"bkct_secret\"", await process.StandardOutput.ReadLineAsync(Cancel));
        _ = await agent.Ended;
        Assert.False(File.Exists(TokenFile));
    }

    [Fact]
    public async Task An_adopted_agent_beyond_its_start_deadline_does_not_get_it_any_more()
    {
        var launcher = Launcher();
        launcher.Prepare(new HashSet<Guid>());
        TokenPipe.Make(_machine.Platform.Files, TokenFile, _machine.Id);
        using var process = JobProcess.Sleeping(_machine.Id);
        var deadline = new JobsOptions().StartDeadline;

        using var agent = launcher.Adopt(_job, Run(process.Id, TimeProvider.System.GetTimestamp() - (long)(deadline.TotalSeconds * TimeProvider.System.TimestampFrequency)));
        process.Kill();
        _ = await agent.Ended;

        Assert.False(File.Exists(TokenFile));
        _ = _token.DidNotReceive().Current();
    }

    private AgentRun Run(int pid, long startedAt) => new(_machine.Platform.Processes.Find(pid)!.Identity, startedAt);

    private AgentLauncher Launcher()
    {
        var agent = Options.Create(new AgentOptions { Path = "/usr/bin/buildkite-agent" });
        return new AgentLauncher(
            _machine.Platform,
            new HelperCommand(Options.Create(new PlatformOptions())),
            new AgentBinary(new HelperTool(), agent, Options.Create(_buildkite)),
            agent,
            Options.Create(new AccountsOptions()),
            Options.Create(new JobsOptions()),
            Options.Create(_buildkite),
            Options.Create(new PathsOptions { Run = _machine["run"], Logs = _machine["logs"] }),
            _token,
            new CurrentAgentLog(Options.Create(new PathsOptions { Logs = _machine["logs"] }), NullLogger<CurrentAgentLog>.Instance),
            TimeProvider.System,
            NullLogger<AgentLauncher>.Instance);
    }
}
