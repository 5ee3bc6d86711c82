using MacRunners.Simulator.Bench.Work;

namespace MacRunners.Tests.Simulator;

public class BenchTimesTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch.AddSeconds(1_764_000_000);

    [Fact]
    public void The_agents_own_lines_are_found_between_others()
    {
        const string Output = """
            {"level":"notice","msg":"Starting buildkite-agent"}
            bench-agent 1764000000.250000 1764000001.000001
            bench-floor 1.0 2.0
            bench-agent 1764000002.500000 1764000002.750000
            """;

        var spans = AgentSpan.Find(Output);

        Assert.Equal(
            [new AgentSpan(Start.AddSeconds(0.25), Start.AddSeconds(1).AddMicroseconds(1)), new AgentSpan(Start.AddSeconds(2.5), Start.AddSeconds(2.75))],
            spans);
        Assert.Equal(750.001, spans[0].Milliseconds, 6);
    }

    [Fact]
    public void The_beginning_of_a_command_is_what_it_printed_not_what_the_agent_shows_of_it()
    {
        const string Log = "$ echo \"bench-command $EPOCHREALTIME\"; true\r\n\u001b_bk;t=1764000003000\u0007bench-command 1764000003.125000\r\n";

        Assert.Equal(Start.AddSeconds(3.125), AgentSpan.FindCommand(Log));
        Assert.Null(AgentSpan.FindCommand("$ true"));
    }

    [Fact]
    public void The_daemons_own_time_is_all_its_phases_but_the_queue_without_the_agents_run()
    {
        var phases = new Dictionary<string, double>
        {
            ["queueWait"] = 5000,
            ["reserve"] = 5,
            ["account"] = 40,
            ["agentStart"] = 250,
            ["run"] = 200,
            ["kill"] = 20,
            ["sweep"] = 30,
            ["delete"] = 45,
            ["prove"] = 10,
        };

        // The account is made at 45 ms, the agent runs from 70 to 420, its teardown begins at 495 and ends at 600.
        var job = new JobTimes(phases, Start.AddMilliseconds(600), Start, new AgentSpan(Start.AddMilliseconds(70), Start.AddMilliseconds(420)), null);

        Assert.Equal(250, job.OverheadMs, 6);
        Assert.Equal(105, job.TeardownMs, 6);
        Assert.Equal(25, job.LaunchMs, 6);
        Assert.Equal(75, job.LeavingMs, 6);
    }
}
