using MacRunners.Accounts;
using MacRunners.Agent;
using MacRunners.Settings;

namespace MacRunners.Tests.Agent;

public class AgentCommandLineTests
{
    private static readonly Guid Job = Guid.Parse("0190f5a4-1111-4222-8333-444455556666");
    private static readonly JobAccount Account = new("bk-x", 700001, "/homes/bk-x");

    private readonly AgentOptions _agent = new() { Path = "/usr/bin/buildkite-agent" };
    private readonly JobsOptions _jobs = new() { CancelGrace = TimeSpan.FromSeconds(60) };
    private readonly BuildkiteOptions _buildkite = new() { Queue = "mac", Tags = ["xcode=16", "os=15"] };

    [Fact]
    public void Version_3_87_gets_the_flags_it_knows_and_no_others()
    {
        var arguments = Arguments(new AgentVersion(3, 87, 0));

        Assert.Equal("start", arguments[0]);
        Assert.Equal(Job.ToString(), After(arguments, "--acquire-job"));
        Assert.Equal("queue=mac,xcode=16,os=15", After(arguments, "--tags"));
        Assert.Equal("60", After(arguments, "--cancel-grace-period"));
        Assert.Equal("59", After(arguments, "--signal-grace-period-seconds"));
        Assert.Equal("/homes/bk-x/workspace", After(arguments, "--build-path"));
        Assert.DoesNotContain("--ping-mode", arguments);
        Assert.DoesNotContain("--cancel-signal-timeout", arguments);
        Assert.DoesNotContain("--hooks-path", arguments);
    }

    [Fact]
    public void Later_versions_are_told_not_to_stream_pings() =>
        Assert.Equal("poll-only", After(Arguments(new AgentVersion(3, 119, 0)), "--ping-mode"));

    [Fact]
    public void Version_4_gets_its_new_names_for_the_graces()
    {
        var arguments = Arguments(new AgentVersion(4, 0, 0));

        Assert.Equal("59s", After(arguments, "--cancel-signal-timeout"));
        Assert.Equal("1s", After(arguments, "--cancel-cleanup-timeout"));
        Assert.DoesNotContain("--cancel-grace-period", arguments);
        Assert.DoesNotContain("--signal-grace-period-seconds", arguments);
    }

    [Fact]
    public void An_acquisition_token_is_in_the_environment_and_nowhere_on_the_command_line()
    {
        _agent.Environment["BUILDKITE_AGENT_TOKEN"] = "from the configuration";

        var environment = CommandLine().Environment(Account, new AgentCredential.Acquisition("bkjat_secret"));

        Assert.Equal("bkjat_secret", environment["BUILDKITE_AGENT_TOKEN"]);
        Assert.DoesNotContain(Arguments(new AgentVersion(3, 87, 0)), argument => argument.Contains("secret", StringComparison.Ordinal));
    }

    [Fact]
    public void The_agent_token_is_in_neither_and_the_agent_is_shown_its_configuration_file()
    {
        var environment = CommandLine().Environment(Account, new AgentCredential.AgentToken());

        Assert.DoesNotContain(environment.Keys, name => name.StartsWith("BUILDKITE", StringComparison.Ordinal));
        Assert.Equal("/run/agent.cfg", After(Arguments(new AgentVersion(3, 87, 0)), "--config"));
    }

    [Fact]
    public void A_credential_does_not_print_its_secret() =>
        Assert.DoesNotContain("secret", $"{new AgentCredential.Acquisition("bkjat_secret")}", StringComparison.Ordinal);

    [Fact]
    public void The_environment_is_exactly_the_documented_list_and_what_is_configured()
    {
        _agent.Environment["GIT_TRACE"] = "1";

        var environment = CommandLine().Environment(Account, new AgentCredential.Acquisition("bkjat_x"));

        Assert.Equal(
            ["BUILDKITE_AGENT_TOKEN", "GIT_TRACE", "HOME", "LANG", "LOGNAME", "PATH", "SHELL", "TMPDIR", "USER", "XDG_CACHE_HOME"],
            environment.Keys.Order(StringComparer.Ordinal));
        Assert.Equal("/homes/bk-x/tmp", environment["TMPDIR"]);
        Assert.Equal("/bin/zsh", environment["SHELL"]);
    }

    [Fact]
    public void Jobs_get_the_developer_folder_unless_something_else_is_configured()
    {
        Assert.Equal("/x/Developer", CommandLine("/x/Developer").Environment(Account, new AgentCredential.None())["DEVELOPER_DIR"]);

        _agent.Environment["DEVELOPER_DIR"] = "/y";

        Assert.Equal("/y", CommandLine("/x/Developer").Environment(Account, new AgentCredential.None())["DEVELOPER_DIR"]);
    }

    private AgentCommandLine CommandLine(string? developerFolder = null) =>
        new(_agent, _jobs, _buildkite, "/run/agent.cfg", "/bin/zsh", "/usr/bin:/bin", developerFolder);

    private IReadOnlyList<string> Arguments(AgentVersion version) => CommandLine().Arguments(version, Job, Account);

    private static string After(IReadOnlyList<string> arguments, string flag) => arguments[arguments.ToList().IndexOf(flag) + 1];
}
