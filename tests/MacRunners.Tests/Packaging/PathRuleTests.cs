using System.Text.RegularExpressions;

namespace MacRunners.Tests.Packaging;

/// <summary>
/// Rule 1: in trees that a job could write to, root removes nothing recursively by path, and changes neither owner nor mode nor flags by path.
/// Whatever does so anywhere is listed here with the reason why no job can write there; one more, even in a file of the list, fails.
/// </summary>
public partial class PathRuleTests
{
    private static readonly string[] Tops = ["src", "packaging", "launchd"];

    // What hostile jobs do with their own rights.
    private static readonly string[] JobsOwn = ["src/MacRunners/Isolation/Scripts/Attacks/", "src/MacRunners/Isolation/Scripts/Beside/"];

    private static readonly (string File, int Lines, string Reason)[] Allowed =
    [
        ("packaging/assemble.sh", 2, "a package that is being built, by whoever builds it"),
        ("packaging/image-package.sh", 2, "a package that is being built, by whoever builds it"),
        ("packaging/install.sh", 3, "the daemon's own folder below /opt, which is root's"),
        ("packaging/lib/files.sh", 3, "the daemon's own folder below /opt, and a file that is renamed into a folder of root afterwards"),
        ("packaging/lib/places.sh", 1, "folders of root that the installer has just made"),
        ("packaging/lib/upgrade.sh", 2, "the daemon's own folder below /opt, which is root's"),
        ("packaging/linux/service.sh", 3, "uninstalling with --purge: logs, run-time files and drop-ins of root; the state with its trash only when no home is left, by when no process of a job lives"),
        ("packaging/macos/acceptance.sh", 1, "a folder that mktemp has made"),
        ("packaging/macos/build-pkg.sh", 2, "a package that is being built, by whoever builds it"),
        ("packaging/macos/probe.sh", 6, "a folder that mktemp has made, a property list of root, and the home of an account that ran no job"),
        ("packaging/macos/release.sh", 1, "keys on the machine that signs a release"),
        ("packaging/macos/scripts/preinstall", 1, "where the .pkg puts the next version, which is root's"),
        ("packaging/macos/service.sh", 2, "uninstalling with --purge: state, logs and run-time files of root, in none of which a job can write by path"),
        ("packaging/scripts/finish-image.sh", 1, "an image before its first job"),
        ("packaging/scripts/lib/software.sh", 8, "an image before its first job"),
        ("packaging/scripts/lib/steps.sh", 1, "an image before its first job"),
        ("packaging/uninstall.sh", 1, "the daemon's own folder below /opt, which is root's"),
        ("src/MacRunners/Agent/AgentLauncher.cs", 2, "files that the daemon has just made in its own run-time folder, which is root's"),
        ("src/MacRunners/Hosting/Control/ControlSocket.cs", 1, "the socket that the daemon has just bound in its own run-time folder"),
        ("src/MacRunners/Hosting/Logging/LogFiles.cs", 1, "a log that the daemon has just made in a folder of root"),
        ("src/MacRunners/Hosting/StateFolders.cs", 1, "by descriptor"),
        ("src/MacRunners/Images/Functions/bun.sh", 1, "a folder that mktemp has made, on an image before its first job"),
        ("src/MacRunners/Images/Functions/cmake.sh", 1, "a folder that mktemp has made, on an image before its first job"),
        ("src/MacRunners/Images/Functions/git.sh", 1, "a folder that mktemp has made, on an image before its first job"),
        ("src/MacRunners/Images/Functions/llvm.sh", 1, "a folder that mktemp has made, on an image before its first job"),
        ("src/MacRunners/Isolation/AttackGround.cs", 1, "a file that the test has just made in a folder of root"),
        ("src/MacRunners/Isolation/Canaries.cs", 1, "folders that the test has just made in a folder of root"),
        ("src/MacRunners/Isolation/Scripts/SetUp/disk-image.sh", 2, "what an attack is given before its job runs"),
        ("src/MacRunners/Isolation/Scripts/SetUp/files-of-root.sh", 2, "what an attack is given before its job runs"),
        ("src/MacRunners/Isolation/Scripts/SetUp/foreign-hard-links.sh", 1, "what an attack is given before its job runs"),
        ("src/MacRunners/Isolation/Scripts/SetUp/frozen-file-system.sh", 1, "what an attack is given before its job runs"),
        ("src/MacRunners/Isolation/Scripts/SetUp/immutable-files.sh", 6, "what an attack is given before its job runs"),
        ("src/MacRunners/Isolation/Scripts/SetUp/open-inside-closed.sh", 2, "what an attack is given before its job runs"),
        ("src/MacRunners/Platform/Linux/LinuxFileCalls.cs", 2, "a FIFO that was just made in a folder that only root can write to"),
        ("src/MacRunners/Platform/Linux/LinuxFileImports.cs", 1, "the import for it"),
        ("src/MacRunners/Platform/MacOS/MacFileCalls.cs", 3, "such a FIFO; and flags of a socket by its name in an open folder, since macOS opens no socket"),
        ("src/MacRunners/Platform/MacOS/MacFileImports.cs", 2, "the imports for them"),
        ("src/MacRunners.Fleet/Pipeline/SimulatedPrograms.cs", 1, "a script of the simulated pipeline, which is no part of a machine with jobs"),
        ("src/MacRunners.Simulator/Agent/Bootstrap/JobExecutor.cs", 2, "the stub agent, with the job's own rights"),
        ("src/MacRunners.Simulator/Agent/Bootstrap/JobHooks.cs", 1, "the stub agent, with the job's own rights"),
        ("src/MacRunners.Simulator/Bench/Work/BenchMachine.cs", 2, "programs of a trial machine, before its first job"),
        ("src/MacRunners.Simulator/Trial/EmulatedMac.cs", 1, "a file of a trial machine that only root can reach"),
        ("src/MacRunners.Simulator/Trial/HostTraces.cs", 3, "a trial machine that is removed, and control groups, after the processes of all its accounts; and a search"),
        ("src/MacRunners.Simulator/Trial/TrialMachine.cs", 2, "a trial machine that is removed, after the processes of all its accounts; and its programs before the first job"),
    ];

    [Fact]
    public void Root_removes_nothing_recursively_and_changes_nothing_by_path_where_a_job_could_write()
    {
        var found = from top in Tops
                    from path in Directory.EnumerateFiles(RepositoryRoot.PathOf(top), "*", SearchOption.AllDirectories)
                    let file = Path.GetRelativePath(RepositoryRoot.PathOf(), path)
                    where !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal)
                    where !JobsOwn.Any(folder => file.StartsWith(folder, StringComparison.Ordinal))
                    let lines = File.ReadLines(path).Count(line => Breaks(file, line))
                    where lines > 0
                    select $"{file}: {lines}";

        Assert.Equal(Allowed.Select(entry => $"{entry.File}: {entry.Lines}").Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
        Assert.All(Allowed, entry => Assert.NotEmpty(entry.Reason));
    }

    [Theory]
    [InlineData("a.cs", "Directory.Delete(home, true);", true)]
    [InlineData("a.cs", "Directory.Delete(home, recursive: true);", true)]
    [InlineData("a.cs", "new DirectoryInfo(home).Delete(true);", true)]
    [InlineData("a.cs", "Directory.Delete(home);", false)]
    [InlineData("a.cs", "File.SetUnixFileMode(path, mode);", true)]
    [InlineData("a.cs", "internal static partial int chown(string path, uint uid, uint gid);", true)]
    [InlineData("a.cs", "if (lchown(path, uid, gid) != 0)", true)]
    [InlineData("a.cs", "if (fchown(file, uid, gid) != 0)", false)]
    [InlineData("a.cs", "await tool.RunAsync(\"/bin/rm\", [\"-rf\", home]);", true)]
    [InlineData("a.cs", "await tool.RunAsync(root + \"/usr/sbin/chown\", [\"-R\", name, home]);", true)]
    [InlineData("a.cs", "// Directory.Delete(home, true) follows links", false)]
    [InlineData("a.sh", "rm -rf \"$home\"", true)]
    [InlineData("a.sh", "\t\trm -f -R -- \"$home\"", true)]
    [InlineData("a.sh", "rm --recursive \"$home\"", true)]
    [InlineData("a.sh", "rm -f \"$file\"", false)]
    [InlineData("a.sh", "chmod -R u+w \"$home\"", true)]
    [InlineData("a.sh", "sudo chown \"$user\" \"$home\"", true)]
    [InlineData("a.sh", "chflags -R nouchg \"$home\"", true)]
    [InlineData("a.sh", "find /tmp -user \"$uid\" -delete", true)]
    [InlineData("a.sh", "find /tmp -user \"$uid\" -exec rm {} +", true)]
    [InlineData("a.sh", "# rm -rf would follow", false)]
    public void What_breaks_the_rule_is_known(string file, string line, bool breaks) => Assert.Equal(breaks, Breaks(file, line));

    private static bool Breaks(string file, string line)
    {
        var text = line.TrimStart();
        return Path.GetExtension(file) switch
        {
            ".cs" => !text.StartsWith("//", StringComparison.Ordinal) && InCode.IsMatch(text),
            ".md" or ".json" or ".tsv" or ".csproj" => false,
            _ => !text.StartsWith('#') && InScripts.IsMatch(text),
        };
    }

    [GeneratedRegex(
        """
        \.Delete\([^;)]*\b(true|recursive)\b|SetUnixFileMode\(|SetAccessControl\(|File\.SetAttributes\(|\b(l?chown|fchownat|l?chmod|fchmodat|l?chflags|setattrlistat|removefile|nftw)\(|"(/usr)?/s?bin/(rm|chmod|chown|chflags|chattr|find)\"
        """,
        RegexOptions.CultureInvariant)]
    private static partial Regex InCode { get; }

    [GeneratedRegex(
        @"\brm\s+(-\S+\s+)*(-[a-zA-Z]*[rR]|--recursive)|\bch(own|mod|grp|flags|attr)\s|\bfind\b.*\s-(delete|exec)\b|rmtree|remove_tree",
        RegexOptions.CultureInvariant)]
    private static partial Regex InScripts { get; }
}
