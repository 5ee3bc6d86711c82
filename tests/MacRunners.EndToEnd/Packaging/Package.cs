using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text;

namespace MacRunners.EndToEnd.Packaging;

/// <summary>Packages of the published daemon, and of versions that could follow it.</summary>
internal static class Package
{
    private const UnixFileMode Executable = (UnixFileMode)0b111_101_101;

    /// <summary>The repository's folder <c>packaging</c>.</summary>
    public static string Scripts { get; } = Find();

    /// <summary>The version that is published.</summary>
    public static string Version { get; } = Read(Path.Combine(Scripts, "version.sh"));

    /// <summary>As long as <see cref="Version"/>, and another.</summary>
    public static string NextVersion { get; } = Version[..^1] + (char)('0' + ((Version[^1] - '0' + 1) % 10));

    /// <summary>The published daemon.</summary>
    public static string Make(string system, string folder) => Assemble(system, Published.Programs, Path.Combine(folder, "package"));

    /// <summary>The published daemon with another version in it.</summary>
    public static string MakeNext(string system, string folder) => MakeVariant(system, folder, "next", NextVersion, program =>
    {
        var bytes = File.ReadAllBytes(Path.Combine(Published.Programs, "macrunners"));
        var replaced = Replace(bytes, Encoding.UTF8) + Replace(bytes, Encoding.Unicode);
        Assert.True(replaced > 0, $"{Version} is not in the executable");
        File.WriteAllBytes(program, bytes);
    });

    /// <summary>A version that does something else when it is run; everything else works.</summary>
    public static string MakeBroken(string system, string folder, string name, string run) => MakeVariant(system, folder, name, NextVersion, program => File.WriteAllText(
        program,
        $"""
        #!/bin/sh
        case "$1" in
        version) echo "macrunners {NextVersion} linux-x64" ;;
        config) ;;
        run) {run} ;;
        *) exit 69 ;;
        esac

        """));

    /// <summary>The daemon of another package, which runs with a setting of its own; everything else works.</summary>
    public static string MakeChanged(string system, string folder, string name, string of, string setting) =>
        MakeVariant(system, folder, name, File.ReadAllText(Path.Combine(of, "version")).Trim(), program => File.WriteAllText(
            program,
            $"""
            #!/bin/sh
            # An emulated Mac's library lies where the program is installed.
            LD_LIBRARY_PATH=$(dirname "$0")
            export LD_LIBRARY_PATH
            [ "$1" != run ] || export 'MACRUNNERS_{setting}'
            exec '{of}/files/opt/macrunners/bin/macrunners' "$@"

            """));

    private static string MakeVariant(string system, string folder, string name, string version, Action<string> write)
    {
        var programs = Path.Combine(folder, $"programs-{name}");
        _ = Directory.CreateDirectory(programs, Executable);
        var program = Path.Combine(programs, "macrunners");
        write(program);
        File.SetUnixFileMode(program, Executable);
        var package = Assemble(system, programs, Path.Combine(folder, $"package-{name}"));
        File.WriteAllText(Path.Combine(package, "version"), version + "\n");
        return package;
    }

    private static string Assemble(string system, string programs, string package)
    {
        _ = Read(Path.Combine(Scripts, "assemble.sh"), system, "linux-x64", programs, package);
        return package;
    }

    private static int Replace(byte[] bytes, Encoding encoding)
    {
        var (old, next) = (encoding.GetBytes(Version + "+"), encoding.GetBytes(NextVersion + "+"));
        var count = 0;
        for (var at = bytes.AsSpan().IndexOf(old); at >= 0; at = bytes.AsSpan().IndexOf(old))
        {
            next.CopyTo(bytes, at);
            count++;
        }

        return count;
    }

    private static string Read(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program}: {error.Result}");
        return output.Trim();
    }

    private static string Find([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "packaging"));
}
