using MacRunners.Platform;
using MacRunners.Platform.MacOS;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;

namespace MacRunners.Tests.Platform.MacOS;

public class DsclTests
{
    private static readonly ToolResult Spurious = new(140, "", "<dscl_cmd> DS Error: -14988 (eNotYetImplemented)\n");
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(7);
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;
    private readonly ITool _tool = Substitute.For<ITool>();
    private readonly FakeTimeProvider _time = new();
    private readonly List<DateTimeOffset> _calls = [];

    [Fact]
    public async Task Spurious_failures_are_tried_again_every_half_second()
    {
        Answers(Spurious, new ToolResult(137, "", ""), Spurious, new ToolResult(0, "", ""));

        var answer = await PassAsync(Dscl().RunAsync(Cancel, "-create", "/Users/x", "IsHidden", "1"));

        Assert.Equal(DsclAnswer.Meaning.Done, answer.Means);
        Assert.Equal([0, 500, 1000, 1500], _calls.Select(call => (call - _calls[0]).TotalMilliseconds));
    }

    [Fact]
    public async Task After_ten_attempts_it_is_a_failure()
    {
        Answers(Spurious);

        var failure = await Assert.ThrowsAsync<AccountDirectoryException>(() => PassAsync(Dscl().RunAsync(Cancel, "-create", "/Users/x", "IsHidden", "1")));

        Assert.Equal(10, _calls.Count);
        Assert.False(failure.IsRefused);
        Assert.False(failure.IsUnanswered);
        Assert.Contains("-create /Users/x IsHidden 1 failed with exit code 140", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_is_never_repeated_and_names_the_remedy()
    {
        Answers(new ToolResult(40, "", "<dscl_cmd> DS Error: -14120 (eDSPermissionError)\n"));

        var refusal = await Assert.ThrowsAsync<AccountDirectoryException>(() => Dscl().RunAsync(Cancel, "-delete", "/Users/x"));

        Assert.Single(_calls);
        Assert.True(refusal.IsRefused);
        Assert.Contains("Full Disk Access", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(Environment.ProcessPath!, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tool_that_hangs_is_an_account_directory_failure()
    {
        _tool.RunAsync(default!, default!, default, Cancel).ReturnsForAnyArgs<ToolResult>(_ => throw new ToolException("dscl did not end within 30 s", isTimeout: true));

        var failure = await Assert.ThrowsAsync<AccountDirectoryException>(() => Dscl().RunAsync(Cancel, "-list", "/Users"));

        Assert.Contains("did not end", failure.Message, StringComparison.Ordinal);
        Assert.True(failure.IsUnanswered);
    }

    [Fact]
    public async Task A_record_without_the_key_reads_as_empty_and_one_that_is_absent_as_null()
    {
        Answers(new ToolResult(0, "\n", "No such key: UniqueID\n"), new ToolResult(56, "", "<dscl_cmd> DS Error: -14136 (eDSRecordNotFound)\n"));

        Assert.Empty((await Dscl().ReadAsync("/Users/x", Cancel, "UniqueID"))!);
        Assert.Null(await Dscl().ReadAsync("/Users/x", Cancel, "UniqueID"));
    }

    [Fact]
    public async Task An_answer_that_is_no_property_list_is_a_failure()
    {
        Answers(new ToolResult(0, "UniqueID: 5", ""));

        await Assert.ThrowsAsync<AccountDirectoryException>(() => Dscl().ReadAsync("/Users/x", Cancel, "UniqueID"));
    }

    private Dscl Dscl() => new(_tool, "/usr/bin/dscl", Limit, _time);

    private void Answers(params ToolResult[] results) => _tool
        .RunAsync("/usr/bin/dscl", Arg.Any<IReadOnlyList<string>>(), Limit, Arg.Any<CancellationToken>())
        .Returns(_ =>
        {
            _calls.Add(_time.GetUtcNow());
            return results[Math.Min(_calls.Count, results.Length) - 1];
        });

    /// <summary>Lets time go by as long as the task waits for it.</summary>
    private async Task<T> PassAsync<T>(Task<T> task)
    {
        while (!task.IsCompleted)
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }

        return await task;
    }
}
