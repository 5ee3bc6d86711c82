using MacRunners.Diagnosis;
using Microsoft.Extensions.Time.Testing;

namespace MacRunners.Tests.Diagnosis;

public sealed class DoctorTests
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Examinations_that_only_look_run_together_and_findings_keep_their_order()
    {
        // The first one ends only when the second has begun.
        var second = new TaskCompletionSource();
        var findings = await new Doctor(
            [
                new Scripted("first", async () => await second.Task.WaitAsync(Cancel)),
                new Scripted("second", () =>
                {
                    second.SetResult();
                    return Task.CompletedTask;
                }),
            ],
            _time).ExamineAsync(Cancel);

        Assert.Equal(["first", "second"], findings.Select(finding => finding.Check));
    }

    [Fact]
    public async Task One_that_changes_something_waits_for_those_that_look()
    {
        var log = new List<string>();
        var gate = new TaskCompletionSource();
        var running = new Doctor(
            [
                new Scripted("changes", () => Note("changes"), runsAlone: true),
                new Scripted("looks", async () =>
                {
                    await gate.Task.WaitAsync(Cancel);
                    await Note("looks");
                }),
            ],
            _time).ExamineAsync(Cancel);
        gate.SetResult();
        var findings = await running;

        Assert.Equal(["looks", "changes"], log);
        Assert.Equal(["changes", "looks"], findings.Select(finding => finding.Check));

        Task Note(string what)
        {
            lock (log)
            {
                log.Add(what);
            }

            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task One_that_hangs_is_a_finding_and_holds_the_others_up_no_longer_than_its_limit()
    {
        var begun = new TaskCompletionSource();
        var running = new Doctor(
            [
                new Scripted("hangs", async () =>
                {
                    begun.SetResult();
                    await new TaskCompletionSource().Task;
                }),
                new Scripted("sound", () => Task.CompletedTask),
            ],
            _time).ExamineAsync(Cancel);
        await begun.Task.WaitAsync(Cancel);
        while (!running.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        var findings = await running;
        Assert.Equal((DoctorStatus.Failed, "gave no answer within 60 s"), (findings[0].Status, findings[0].What));
        Assert.Equal(DoctorStatus.Ok, findings[1].Status);
    }

    [Fact]
    public async Task One_that_fails_is_a_finding_with_a_remedy()
    {
        var findings = await new Doctor([new Scripted("breaks", () => throw new IOException("no such disk"))], _time).ExamineAsync(Cancel);

        Assert.Equal((DoctorStatus.Failed, "no such disk"), (findings[0].Status, findings[0].What));
        Assert.NotNull(findings[0].Remedy);
    }

    [Fact]
    public void The_table_counts_and_cannot_be_used_to_move_the_cursor()
    {
        var report = DoctorReport.Of(
        [
            new DoctorFinding("a", DoctorStatus.Ok, "fine", null),
            new DoctorFinding("b", DoctorStatus.Warning, "process \u001b[2J", "look"),
            new DoctorFinding("c", DoctorStatus.Failed, "gone", "bring it back"),
        ]);

        Assert.Equal((1, 1), (report.Failed, report.Warnings));
        Assert.Contains("1 ok, 1 warning, 1 failed", report.Table());
        Assert.Contains("→ bring it back", report.Table());
        Assert.DoesNotContain('\u001b', report.Table());
    }

    private sealed class Scripted(string name, Func<Task> look, bool runsAlone = false) : Examination(name)
    {
        public override bool RunsAlone => runsAlone;

        public override async Task<IReadOnlyList<DoctorFinding>> ExamineAsync(CancellationToken cancellationToken)
        {
            await look();
            return [Ok("done")];
        }
    }
}
