namespace MacRunners.Tests;

public class SkeletonTests
{
    [Fact]
    public void Runs() => Assert.True(true);
}
