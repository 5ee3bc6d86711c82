namespace MacRunners.EndToEnd;

public class SkeletonTests
{
    [Fact]
    public void Runs() => Assert.True(true);
}
