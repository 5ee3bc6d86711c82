using MacRunners.Fleet.Images;
using MacRunners.Fleet.Processes;

namespace MacRunners.Fleet.Tests.Images;

/// <summary>The verdict, and reports of VMs.</summary>
public sealed class FlakeReportTests
{
    [Theory]
    [InlineData(3, 3, 80, true)]
    [InlineData(2, 3, 80, false)]
    [InlineData(4, 5, 80, true)]
    [InlineData(3, 5, 80, false)]
    [InlineData(8, 10, 80, true)]
    [InlineData(79, 100, 80, false)]
    [InlineData(0, 0, 80, false)]
    [InlineData(1, 1, 100, true)]
    [InlineData(2, 3, 66, true)]
    [InlineData(2, 3, 67, false)]
    public void Enough(int passed, int total, int threshold, bool enough) => Assert.Equal(enough, FlakeReport.IsEnough(passed, total, threshold));

    [Theory]
    [InlineData(3, 3)]
    [InlineData(5, 4)]
    [InlineData(10, 8)]
    [InlineData(1, 1)]
    public void The_report_says_how_many_had_to_pass(int total, int needed)
    {
        var iterations = Enumerable.Range(1, total).Select(number => new FlakeIteration(number, $"vm-{number}", true, 1, 1, [], null)).ToList();

        Assert.Equal(needed, new FlakeReport("image", 80, iterations, []).Needed);
    }

    [Theory]
    [InlineData(0, "", "did not report")]
    [InlineData(127, "", "command not found")]
    [InlineData(0, "<html>", "did not report")]
    [InlineData(0, "[]", "did not report")]
    [InlineData(0, """{"probes":[{"name":"a"}]}""", "did not report")]
    [InlineData(1, """{"probes":[{"name":"a","passed":true}]}""", "without naming a probe")]
    public void What_is_no_report_fails(int exitCode, string output, string expected) => Assert.Contains(
        expected, Assert.Throws<VerificationException>(() => SshVerifier.Read(new ProgramResult(exitCode, output, "command not found"))).Message, StringComparison.Ordinal);

    [Fact]
    public void A_report_is_read_probe_by_probe()
    {
        var probes = SshVerifier.Read(new ProgramResult(1, """{"probes":[{"name":"a","passed":true,"seconds":0.5},{"name":"b","passed":false,"detail":"expected 1, found 2"}]}""", ""));

        Assert.Equal([new ProbeResult("a", true, 0.5, null), new ProbeResult("b", false, null, "expected 1, found 2")], probes);
    }

    [Fact]
    public void Ssh_takes_nothing_from_whoever_runs_it() =>
        Assert.Equal(["-F", "none"], new SshVerifier("ssh", "admin", null, TimeProvider.System).Arguments("10.0.0.1", 8822).Take(2));
}
