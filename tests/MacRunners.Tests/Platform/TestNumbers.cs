namespace MacRunners.Tests.Platform;

/// <summary>User numbers for tests that nothing else on the machine uses, a new one each time.</summary>
internal static class TestNumbers
{
    private static uint _last = 810000 + (uint)(Environment.ProcessId % 1000 * 50);

    /// <summary>The first of so many.</summary>
    internal static uint Next(uint count = 1) => Interlocked.Add(ref _last, count) - count + 1;
}
