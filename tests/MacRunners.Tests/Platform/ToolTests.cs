using MacRunners.Platform;

namespace MacRunners.Tests.Platform;

public sealed class ToolTests
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;
    private readonly Tool _tool = new(TimeProvider.System);

    [Fact]
    public async Task A_tool_that_exceeds_its_limit_is_told_apart_from_one_that_cannot_be_started()
    {
        var late = await Assert.ThrowsAsync<ToolException>(() => _tool.RunAsync("/bin/sleep", ["600"], TimeSpan.FromMilliseconds(10), Cancel));
        var missing = await Assert.ThrowsAsync<ToolException>(() => _tool.RunAsync("/nonexistent", [], TimeSpan.FromMinutes(10), Cancel));

        Assert.True(late.IsTimeout);
        Assert.False(missing.IsTimeout);
    }
}
