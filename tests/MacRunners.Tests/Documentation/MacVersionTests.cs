using System.Text.RegularExpressions;
using MacRunners.Tests.Packaging;

namespace MacRunners.Tests.Documentation;

/// <summary>CLAUDE.md says that nothing in the daemon depends on the version of macOS.</summary>
public partial class MacVersionTests
{
    [Fact]
    public void Only_doctor_asks_for_the_version_of_macOS()
    {
        var askers = Directory.EnumerateFiles(RepositoryRoot.PathOf("src", "MacRunners"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && Question().IsMatch(File.ReadAllText(file)))
            .Select(Path.GetFileName);

        Assert.Equal(["MacConditions.cs"], askers);
    }

    [GeneratedRegex(@"sw_vers|kern\.os(product)?version|OSVersion|IsMacOSVersionAtLeast|SystemVersion\.plist", RegexOptions.CultureInvariant)]
    private static partial Regex Question();
}
