using MacRunners.Agent;
using MacRunners.Settings;
using MacRunners.Tests.Platform;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NSubstitute;

namespace MacRunners.Tests.Agent;

public sealed class CurrentAgentLogTests : IDisposable
{
    private readonly Scratch _scratch = new();
    private readonly ILogger<CurrentAgentLog> _logger = Substitute.For<ILogger<CurrentAgentLog>>();

    public CurrentAgentLogTests()
    {
        _logger.IsEnabled(LogLevel.Warning).Returns(true);
        Directory.CreateDirectory(_scratch["jobs"]);
    }

    private CurrentAgentLog Current => new(Options.Create(new PathsOptions { Logs = _scratch.Folder }), _logger);

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void It_leads_to_the_log_of_the_agent_that_was_started_last_and_outlives_the_removal_of_older_ones()
    {
        // Before the agent has said anything there is no file.
        Current.LeadTo(_scratch["jobs/1.agent.log"]);
        File.WriteAllText(_scratch["jobs/1.agent.log"], "first");
        Assert.Equal("first", File.ReadAllText(_scratch["agent.log"]));

        Current.LeadTo(_scratch["jobs/2.agent.log"]);
        File.WriteAllText(_scratch["jobs/2.agent.log"], "second");
        File.Delete(_scratch["jobs/1.agent.log"]);

        Assert.Equal("second", File.ReadAllText(_scratch["agent.log"]));
        Assert.Equal("jobs/2.agent.log", new FileInfo(_scratch["agent.log"]).LinkTarget);
        Assert.Equal(["agent.log", "jobs"], Directory.EnumerateFileSystemEntries(_scratch.Folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.DoesNotContain(_logger.ReceivedCalls(), call => call.GetMethodInfo().Name == nameof(ILogger.Log));
    }

    [Fact]
    public void A_file_that_is_in_its_place_is_replaced_and_what_an_interruption_left_is_no_hindrance()
    {
        File.WriteAllText(_scratch["agent.log"], "old");
        File.CreateSymbolicLink(_scratch["agent.log.new"], "nowhere");

        Current.LeadTo(_scratch["jobs/1.agent.log"]);

        Assert.Equal("jobs/1.agent.log", new FileInfo(_scratch["agent.log"]).LinkTarget);
    }

    [Fact]
    public void A_folder_that_refuses_costs_the_link_and_is_said()
    {
        Directory.CreateDirectory(_scratch["agent.log"]);

        Current.LeadTo(_scratch["jobs/1.agent.log"]);

        Assert.Single(_logger.ReceivedCalls(), call => call.GetMethodInfo().Name == nameof(ILogger.Log));
    }
}
