using System.Runtime.CompilerServices;

namespace MacRunners.Tests.Packaging;

/// <summary>Finds the files of the repository that tests look at.</summary>
internal static class RepositoryRoot
{
    public static string PathOf(params string[] parts) => Path.Combine([Find(), .. parts]);

    private static string Find([CallerFilePath] string here = "")
    {
        var folder = new DirectoryInfo(Path.GetDirectoryName(here)!);
        while (!File.Exists(Path.Combine(folder.FullName, "MacRunners.sln")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException("MacRunners.sln is in no folder above the tests");
        }

        return folder.FullName;
    }
}
