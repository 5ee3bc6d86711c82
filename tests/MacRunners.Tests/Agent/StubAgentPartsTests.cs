using System.Text;
using MacRunners.Simulator.Agent;
using MacRunners.Simulator.Agent.Bootstrap;
using MacRunners.Simulator.Agent.Flags;
using MacRunners.Simulator.Agent.Processes;
using MacRunners.Simulator.Agent.Running;
using Microsoft.Extensions.Time.Testing;

namespace MacRunners.Tests.Agent;

public sealed class StubAgentPartsTests
{
    [Theory]
    [InlineData("a topsecret b", "a [REDACTED] b")]
    [InlineData("topsecrettopsecret", "[REDACTED][REDACTED]")]
    [InlineData("tops topsec topsecrets", "tops topsec [REDACTED]s")]
    [InlineData("toptopsecret", "top[REDACTED]")]
    [InlineData("topsecre", "topsecre")]
    public void Redaction_does_not_depend_on_how_the_stream_is_cut(string text, string expected)
    {
        for (var cut = 1; cut <= text.Length; cut++)
        {
            var output = new StringBuilder();
            var writer = new RedactingWriter(data => output.Append(Encoding.UTF8.GetString(data)));
            writer.Add("topsecret"u8.ToArray());
            foreach (var piece in text.Chunk(cut))
            {
                writer.Write(Encoding.UTF8.GetBytes(piece));
            }

            writer.Flush();
            Assert.Equal(expected, output.ToString());
        }
    }

    [Fact]
    public void Stamps_begin_lines_and_never_split_an_escape_sequence()
    {
        var time = new FakeTimeProvider();
        var output = new StringBuilder();
        var stamper = new LineTimestamper(data => output.Append(Encoding.UTF8.GetString(data)), time);

        foreach (var piece in new[] { "one\n\e[3", "1mtwo", "\e[2Kthree\n", "\n" })
        {
            stamper.Write(Encoding.UTF8.GetBytes(piece));
        }

        var text = output.ToString().Replace($"\e_bk;t={time.GetUtcNow().ToUnixTimeMilliseconds()}\a", "|", StringComparison.Ordinal);
        Assert.Equal("|one\n|\e[31mtwo\e[2K|three\n|\n", text);
    }

    [Fact]
    public void A_slow_line_is_stamped_again()
    {
        var time = new FakeTimeProvider();
        var output = new StringBuilder();
        var stamper = new LineTimestamper(data => output.Append(Encoding.UTF8.GetString(data)), time);

        stamper.Write("a"u8);
        time.Advance(TimeSpan.FromSeconds(2));
        stamper.Write("b"u8);

        Assert.Matches(@"^\e_bk;t=\d+\aa\e_bk;t=\d+\ab$", output.ToString());
    }

    [Theory]
    [InlineData(10, -1, 9)]
    [InlineData(60, 45, 45)]
    public void The_signal_grace_may_count_back_from_the_cancel_grace(int cancel, int signal, int expected) =>
        Assert.Equal(TimeSpan.FromSeconds(expected), GracePeriods.SignalGrace(cancel, signal));

    [Theory]
    [InlineData(10, 10)]
    [InlineData(2, -3)]
    public void A_signal_grace_that_does_not_fit_is_refused(int cancel, int signal) =>
        Assert.Throws<AgentFailureException>(() => GracePeriods.SignalGrace(cancel, signal));

    [Theory]
    [InlineData("/bin/bash -e -c", new[] { "/bin/bash", "-e", "-c" })]
    [InlineData("a 'b c' \"d e\" f\\ g ''", new[] { "a", "b c", "d e", "f g", "" })]
    public void A_command_line_of_the_configuration_is_split_into_words(string line, string[] expected) =>
        Assert.Equal(expected, ShellWords.Split(line));

    [Theory]
    [InlineData("--no-pty=maybe", "invalid boolean value \"maybe\" for -no-pty: parse error")]
    [InlineData("--spawn=x", "invalid value \"x\" for flag -spawn: parse error")]
    [InlineData("--token", "flag needs an argument: -token")]
    [InlineData("-nope", "flag provided but not defined: -nope")]
    public void Malformed_flags_are_refused_in_the_words_of_the_agent(string argument, string expected) =>
        Assert.Equal(expected, Assert.Throws<UsageException>(() => FlagSet.Parse(StartFlags.All, [argument], _ => null)).Message);

    [Fact]
    public void An_empty_variable_counts_as_set()
    {
        var flags = FlagSet.Parse(StartFlags.All, [], name => name is "BUILDKITE_SHELL" or "BUILDKITE_NO_PTY" ? "" : null);

        Assert.Equal("", flags.Text("shell"));
        Assert.False(flags.On("no-pty"));
        Assert.True(flags.IsSet("shell"));
    }

    [Fact]
    public void Lists_may_be_repeated_and_joined_by_commas()
    {
        var flags = FlagSet.Parse(StartFlags.All, ["--tags", "a=1, b=2", "--tags=c=3"], name => name == "BUILDKITE_AGENT_TAGS" ? "x=9" : null);

        Assert.Equal(["a=1", "b=2", "c=3"], flags.List("tags"));
    }

    [Fact]
    public void Retries_wait_as_long_as_those_of_the_agent()
    {
        Assert.Equal(30, RetryPlan.Register.Attempts);
        Assert.Equal(TimeSpan.FromSeconds(10), RetryPlan.Register.Delay(7));
        Assert.Equal((10, TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(270)), (RetryPlan.Acquire.Attempts, RetryPlan.Acquire.Delay(5), RetryPlan.Acquire.Limit));
        Assert.Equal([2, 3, 5, 8, 13, 21, 34, 55, 89], Enumerable.Range(0, 9).Select(n => (int)RetryPlan.DataSet.Delay(n).TotalSeconds));
    }

    [Fact]
    public void Of_a_name_set_twice_the_last_value_counts()
    {
        var merged = EnvironmentEntries.Merge(["A=1", "B=2"], ["A=x=y", "=nameless"]);

        Assert.Equal(["A=x=y", "B=2", "=nameless"], merged);
    }

    [Fact]
    public async Task The_helper_for_terminals_takes_one_and_becomes_the_program()
    {
        var (master, slave, path) = Descriptor.Terminal();
        int pid;
        using (slave)
        {
            using var request = new SpawnRequest("/");
            request.Open(0, path);
            request.Duplicate(0, 1);
            request.Duplicate(0, 2);
            pid = request.Start(new ChildPlan
            {
                Path = System.IO.Path.Combine(AppContext.BaseDirectory, "macrunners-sim"),
                Arguments = ["agent", TerminalTaker.Verb, "/bin/sh", "name", "-c", "echo $0 $FOO $(tty </dev/tty) $(ps -o sid= -p $$)"],
                Environment = ["PATH=/usr/bin:/bin", "FOO=bar"],
                Directory = "/",
                Output = _ => true,
            });
        }

        var output = new StringBuilder();
        await new OutputCopier(master, data => output.Append(Encoding.UTF8.GetString(data)) is not null).Finished;

        Assert.Matches($@"^name bar /dev/\S+ +{pid}\r\n$", output.ToString());
    }
}
