using MacRunners.Health;

namespace MacRunners.Tests.Health;

/// <summary>A self-test that says what the test wants.</summary>
internal sealed class FakeSelfTest : ISelfTestState
{
    public string? Problem { get; set; }

    public bool IsPending { get; set; }

    public DateTimeOffset? PassedAt { get; set; } = DateTimeOffset.UnixEpoch;

    public int FailuresInARow { get; set; }
}
