using System.Diagnostics;
using System.Security.Cryptography;
using MacRunners.Tests.Packaging;
using MacRunners.Tests.Platform;

namespace MacRunners.Tests.Images;

/// <summary>A folder that looks like a fresh macOS to the image's scripts, with a small manifest whose archives a local server has.</summary>
internal sealed class MacImage : IAsyncDisposable
{
    private static readonly string[] Commands =
    [
        "sw_vers", "uname", "id", "softwareupdate", "sudo", "launchctl", "defaults", "mdutil", "pmset", "dscl", "xip", "xcodebuild", "xcrun", "sshd",
        "ssh-keygen", "visudo", "scutil", "pkgutil", "log", "codesign",
    ];

    private readonly Scratch _scratch = new();
    private readonly List<string> _rows = ["macos\t14", "macos\t15"];

    private MacImage(ArchiveServer server)
    {
        Server = server;
        foreach (var folder in new[] { "usr/bin", "state", "fail", "private/tmp", "private/etc", "opt/homebrew/bin", "software", "made", "package/files/opt/macrunners/bin" })
        {
            Directory.CreateDirectory(_scratch[folder]);
        }

        var stub = RepositoryRoot.PathOf("tests", "MacRunners.Tests", "Images", "mac-stub.sh");
        foreach (var command in Commands)
        {
            File.CreateSymbolicLink(_scratch[$"usr/bin/{command}"], stub);
        }

        Directory.CreateDirectory(_scratch["usr/local/bin"]);
        File.CreateSymbolicLink(_scratch["opt/homebrew/bin/brew"], stub);
        File.CreateSymbolicLink(_scratch["usr/local/bin/brew"], stub);
        SetFact("version", "15.1");
        SetFact("machine", "arm64");
        SetFact("sleep", "1");
        SetFact("password", "admin");
        SetFact("com.apple.loginwindow.autoLoginUser", "admin");
        File.WriteAllText(_scratch["private/etc/kcpassword"], "xor");
        File.WriteAllText(_scratch["key.pub"], "ssh-ed25519 AAAA operator\n");
        File.WriteAllText(_scratch["software/manifest.json"], "{}");
        File.WriteAllText(_scratch["package/files/opt/macrunners/bin/macrunners"], "the daemon");
        Scratch.Shell(
            "printf '#!/bin/bash\\n[ \"$1\" = --no-start ] && mkdir -p $INSTALL_ROOT/opt/macrunners/bin && cp \"${0%%/*}/files/opt/macrunners/bin/macrunners\" $INSTALL_ROOT/opt/macrunners/bin/\\n' >$1; chmod +x $1",
            _scratch["package/install.sh"]);
    }

    internal ArchiveServer Server { get; }

    internal string this[string path] => _scratch[path];

    internal IReadOnlyList<string> Calls => File.Exists(_scratch["calls"]) ? File.ReadAllLines(_scratch["calls"]) : [];

    internal List<string> Rows => _rows;

    /// <summary>Variables that the scripts get besides the prefix of their paths.</summary>
    internal Dictionary<string, string> Variables { get; } = [];

    /// <summary>Standard input of the scripts.</summary>
    internal string Input { get; set; } = "";

    internal static async Task<MacImage> CreateAsync() => new(await ArchiveServer.StartAsync());

    internal void SetFact(string name, string value) => File.WriteAllText(_scratch[$"state/{name}"], value);

    /// <summary>Makes an archive with a program that says its version, and adds it to the manifest.</summary>
    internal string Add(string name, string version, string format, bool hasTopFolder = true)
    {
        var file = _scratch[$"made/{name}-{version}.{format}"];
        Scratch.Shell(
            """
            set -e
            mkdir -p "$1/made/tree/$2-top/bin"
            cd "$1/made/tree"
            printf '#!/bin/sh\necho %s\n' "$3" >"$2-top/bin/$2"
            chmod 0777 "$2-top/bin/$2"
            from=.
            [ "$5" = True ] || cd "$2-top"
            case $4 in
            tar.gz) tar -czf "$6" --owner=501 --group=20 * ;;
            tar.xz) tar -cJf "$6" --owner=501 --group=20 * ;;
            zip) zip -qr "$6" * ;;
            *) echo "a file of $2" >"$6" ;;
            esac
            rm -rf "$1/made/tree"
            """,
            _scratch.Folder, name, version, format, $"{hasTopFolder}", file);
        Assert.True(File.Exists(file), file);
        var how = format switch
        {
            "xip" => "xcode",
            "dmg" => "simulator",
            _ => "archive",
        };
        _rows.Add($"{how}\t{name}\t{version}\tarm64\t{Server.Serve(file)}\t{Sum(file)}\t{format}\t{(hasTopFolder ? "yes" : "no")}\t{(how == "archive" ? $"{name}=bin/{name}" : "-")}");
        return $"/{Path.GetFileName(file)}";
    }

    internal static string Sum(string file) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)));

    /// <summary>Runs a script of the image in this root.</summary>
    internal (int ExitCode, string Output, string Error) Run(string script, params string[] arguments)
    {
        File.WriteAllText(_scratch["software/manifest.tsv"], string.Concat(_rows.Select(row => row + "\n")));
        var start = new ProcessStartInfo("/bin/bash", [RepositoryRoot.PathOf("packaging", "scripts", script), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["IMAGE_ROOT"] = _scratch.Folder;
        foreach (var (name, value) in Variables)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        process.StandardInput.Write(Input);
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }

    /// <summary>The whole bootstrap.</summary>
    internal (int ExitCode, string Output, string Error) Bootstrap(params string[] more) =>
        Run("bootstrap-macos.sh", ["--software", _scratch["software"], "--daemon", _scratch["package"], "--ssh-key", _scratch["key.pub"], .. more]);

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        _scratch.Dispose();
    }
}
