using MacRunners.Isolation;
using MacRunners.Platform;
using MacRunners.Tests.Platform;

namespace MacRunners.Tests.Isolation;

public sealed class CanariesTests : IDisposable
{
    private readonly Scratch _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public async Task Left_alone_they_have_not_changed()
    {
        var canaries = await PlantAsync();

        Scratch.Shell("ln \"$1/root.txt\" \"$1/../second\"; cat \"$1\"/*.txt; rm \"$1/../second\"", canaries.Folder);

        Assert.Empty(await canaries.ChangesAsync());
    }

    [Theory]
    [InlineData("chmod 777 \"$1/root.txt\"")]
    [InlineData("chown 2 \"$1/tree/a\"")]
    [InlineData("echo x >>\"$1/foreign.txt\"")]
    [InlineData("printf 'X' | dd of=\"$1/root.txt\" conv=notrunc; touch -r \"$1/foreign.txt\" \"$1/root.txt\"")]
    [InlineData("touch \"$1/tree/a/b/root.txt\"")]
    [InlineData("rm \"$1/secret.txt\"")]
    [InlineData("touch \"$1/tree/new\"")]
    [InlineData("cp -p \"$1/root.txt\" \"$1/copy\" && mv \"$1/copy\" \"$1/root.txt\"")]
    [InlineData("ln \"$1/root.txt\" \"$1/../second\"")]
    [InlineData("rm -r \"$1/tree/a/b\"")]
    public async Task Any_change_is_seen(string change)
    {
        var canaries = await PlantAsync();

        Scratch.Shell(change, canaries.Folder);

        Assert.NotEmpty(await canaries.ChangesAsync());
    }

    private async Task<Canaries> PlantAsync()
    {
        var canaries = await Canaries.PlantAsync(_scratch["canaries"], new Tool(TimeProvider.System));
        await canaries.ObserveAsync();
        return canaries;
    }
}
