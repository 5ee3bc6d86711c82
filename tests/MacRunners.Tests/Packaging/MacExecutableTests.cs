namespace MacRunners.Tests.Packaging;

/// <summary>The executables for Macs as <c>make</c> publishes them here: whether a Mac would start them, as far as their files show.</summary>
public class MacExecutableTests
{
    private const string Intel = "osx-x64";
    private const string AppleSilicon = "osx-arm64";
    private const uint Executable = 2;
    private const uint MacOS = 1;
    private const uint AdHoc = 2;

    [Theory]
    [InlineData(AppleSilicon, 0x0100000c)]
    [InlineData(Intel, 0x01000007)]
    public void It_is_an_executable_for_its_processor(string rid, uint processor)
    {
        var program = Published(rid);
        Assert.Equal((processor, Executable), (program.Processor, program.Kind));
    }

    [Theory]
    [InlineData(AppleSilicon)]
    [InlineData(Intel)]
    public void It_is_for_macOS_and_starts_on_the_oldest_supported_one(string rid)
    {
        var program = Published(rid);
        Assert.Equal(MacOS, program.Platform);
        Assert.True(program.MinimumSystem <= new Version(13, 0), $"{program.MinimumSystem}");
    }

    [Theory]
    [InlineData(AppleSilicon)]
    [InlineData(Intel)]
    public void It_is_signed_ad_hoc_without_which_Apple_silicon_kills_it(string rid)
    {
        var program = Published(rid);
        Assert.True(program.IsSigned);
        Assert.Equal(AdHoc, program.SignatureFlags & AdHoc);
        Assert.Equal("macrunners", program.Identifier);
    }

    [Theory]
    [InlineData(AppleSilicon)]
    [InlineData(Intel)]
    public void No_page_was_changed_after_it_was_signed(string rid) => Assert.Empty(Published(rid).WrongPages());

    private static MachO Published(string rid)
    {
        var path = RepositoryRoot.PathOf("artifacts", $"{rid}-daemon", "macrunners");
        return File.Exists(path) ? new MachO(path) : throw new FileNotFoundException($"{path} is missing: run make build-tests first");
    }
}
