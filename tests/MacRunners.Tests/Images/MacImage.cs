using System.Diagnostics;
using System.Security.Cryptography;
using MacRunners.Images;
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

    private const string Xcode =
        """
        mkdir -p Xcode.app/Contents/Developer/usr/bin
        printf '#!/bin/sh\necho Xcode %s\n' "$VERSION" >Xcode.app/Contents/Developer/usr/bin/xcodebuild
        chmod 0755 Xcode.app/Contents/Developer/usr/bin/xcodebuild
        """;

    private readonly Scratch _scratch = new();
    private readonly List<string> _rows = ["macos\t14", "macos\t15"];

    private MacImage(ArchiveServer server)
    {
        Server = server;
        foreach (var folder in new[] { "usr/bin", "state", "fail", "ask", "private/tmp", "private/etc", "opt/homebrew/bin", "software", "made", "package/files/opt/macrunners/bin" })
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
        var (how, content) = format switch
        {
            "xip" => ("xcode", Xcode),
            "dmg" => ("simulator", "echo \"a runtime of $NAME\" >runtime"),
            _ => ("archive", Programs([$"bin/{name}"], hasTopFolder, "$VERSION")),
        };
        var file = Pack($"{name}-{version}.{format}", format, name, version, "arm64", content);
        _rows.Add($"{how}\t{name}\t{version}\tarm64\t{Server.Serve(file)}\t{Sum(file)}\t{format}\t{(hasTopFolder ? "yes" : "no")}\t{(how == "archive" ? $"{name}=bin/{name}" : "-")}");
        return $"/{Path.GetFileName(file)}";
    }

    /// <summary>
    /// Takes the rows of a manifest, whose archives are made and served below the names that their addresses end with. In an archive is
    /// what a script makes in an empty folder, from <c>NAME</c>, <c>VERSION</c> and <c>PROCESSOR</c>: without one, programs that say these.
    /// </summary>
    internal void Use(SoftwareManifest manifest, string? content = null)
    {
        var served = manifest with { Software = [.. manifest.Software.Select(item => item with { Install = Served(item, content) })] };
        _rows.Clear();
        _rows.AddRange(SoftwareRows.Text(served).TrimEnd('\n').Split('\n'));
    }

    /// <summary>Runs a command in a shell of the image, where what was installed is in its place.</summary>
    internal string Shell(string command) => Scratch.Shell(
        """
        exec 2>&1 unshare --mount /bin/bash -ec '
            mount --bind "$1/opt" /opt
            mount --bind "$1/usr/local" /usr/local
            PATH=/usr/bin:/bin
            . /opt/macrunners/image/profile
            exec /bin/bash -c "$2"' image "$1" "$2"
        """,
        _scratch.Folder, command);

    private SoftwareInstallation Served(SoftwareItem item, string? content) => item.Install switch
    {
        Archive archive => archive with
        {
            Downloads = Served(item, archive.Downloads, archive.Format, content ?? Programs(archive.Links.Values, archive.TopFolder, "$NAME $VERSION $PROCESSOR")),
        },
        XcodeInstallation xcode => new XcodeInstallation(Served(item, xcode.Downloads, "xip", content ?? Xcode)),
        var other => other,
    };

    private Dictionary<string, Download> Served(SoftwareItem item, IReadOnlyDictionary<string, Download> downloads, string format, string content)
    {
        var served = new Dictionary<string, Download>();
        foreach (var (processor, download) in downloads)
        {
            var file = Pack(Path.GetFileName(item.Expand(download.Url)), format, item.Name, item.Version!, processor, content);
            served[processor] = download with { Url = Server.Serve(file), Sha256 = Sum(file) };
        }

        return served;
    }

    // A script that makes programs, which say a text.
    private static string Programs(IEnumerable<string> paths, bool inTopFolder, string text) =>
        $"""
        {(inTopFolder ? "mkdir top && cd top" : "")}
        for program in {string.Join(' ', paths)}; do
            mkdir -p "$(dirname "$program")"
            printf '#!/bin/sh\necho %s\n' "{text}" >"$program"
            chmod 0777 "$program"
        done
        """;

    // An archive of what the script makes, with the owner that it has on a vendor's Mac. A tar is the same one each time.
    private string Pack(string fileName, string format, string name, string version, string processor, string content)
    {
        var file = _scratch[$"made/{fileName}"];
        Scratch.Shell(
            """
            set -e
            mkdir "$1/made/tree"
            cd "$1/made/tree"
            NAME=$4 VERSION=$5 PROCESSOR=$6 /bin/bash -ec "$7"
            case $3 in
            tar.gz) tar -czf "$2" --owner=501 --group=20 --mtime=2026-01-01 --sort=name * ;;
            tar.xz) tar -cJf "$2" --owner=501 --group=20 --mtime=2026-01-01 --sort=name * ;;
            zip) zip -qry "$2" * ;;
            *) tar -cf "$2" --mtime=2026-01-01 --sort=name * ;;
            esac
            rm -rf "$1/made/tree"
            """,
            _scratch.Folder, file, format, name, version, processor, content);
        Assert.True(File.Exists(file), file);
        return file;
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
