namespace MacRunners.Tests.Packaging;

/// <summary>The executable for Macs as <c>make</c> publishes it here: whether a Mac would start it, as far as its file shows.</summary>
public class MacExecutableTests
{
    private const uint Arm64 = 0x0100000c;
    private const uint Executable = 2;
    private const uint MacOS = 1;
    private const uint AdHoc = 2;

    private static readonly MachO Program = new(Published());

    [Fact]
    public void It_is_an_executable_for_Apple_silicon() => Assert.Equal((Arm64, Executable), (Program.Processor, Program.Kind));

    [Fact]
    public void It_is_for_macOS_and_starts_on_the_oldest_supported_one()
    {
        Assert.Equal(MacOS, Program.Platform);
        Assert.True(Program.MinimumSystem <= new Version(13, 0), $"{Program.MinimumSystem}");
    }

    [Fact]
    public void It_is_signed_ad_hoc_without_which_Apple_silicon_kills_it()
    {
        Assert.True(Program.IsSigned);
        Assert.Equal(AdHoc, Program.SignatureFlags & AdHoc);
        Assert.Equal("macrunners", Program.Identifier);
    }

    [Fact]
    public void No_page_was_changed_after_it_was_signed() => Assert.Empty(Program.WrongPages());

    private static string Published()
    {
        var path = RepositoryRoot.PathOf("artifacts", "osx-arm64-daemon", "macrunners");
        return File.Exists(path) ? path : throw new FileNotFoundException($"{path} is missing: run make build-tests first");
    }
}
