using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MacRunners.Platform;
using MacRunners.Tests.MacEmulator;

namespace MacRunners.Tests.Platform.MacOS;

/// <summary>An account of the emulated Mac with a home that has a place for keychains, and tools run as it.</summary>
internal sealed class KeychainUser : ITool, IAsyncDisposable
{
    private readonly Tool _tool = new(TimeProvider.System);
    private readonly EmulatedCommands _mac;
    private readonly string _name;

    private KeychainUser(EmulatedCommands mac, string name, uint uid)
    {
        _mac = mac;
        _name = name;
        Uid = uid;
    }

    internal uint Uid { get; }

    internal string Home => $"{_mac.Root}/Users/{_name}";

    public async ValueTask DisposeAsync()
    {
        await _mac.DsclAsync("-delete", $"/Users/{_name}");
        Scratch.Shell("rm -rf \"$1\"", Home);
    }

    public Task<ToolResult> RunAsync(string program, IReadOnlyList<string> arguments, TimeSpan limit, CancellationToken cancellationToken) =>
        RunAsync(program, arguments, "", limit, cancellationToken);

    public Task<ToolResult> RunAsync(string program, IReadOnlyList<string> arguments, string input, TimeSpan limit, CancellationToken cancellationToken) =>
        _tool.RunAsync("/usr/bin/setpriv", [$"--reuid={Uid}", $"--regid={Uid}", "--clear-groups", program, .. arguments], input, limit, cancellationToken);

    internal static async Task<KeychainUser> CreateAsync(EmulatedCommands mac)
    {
        var (name, uid) = await mac.CreateUserAsync();
        var user = new KeychainUser(mac, name, uid);
        await mac.DsclAsync("-create", $"/Users/{name}", "NFSHomeDirectory", user.Home);
        Scratch.Shell("install -d -m 0700 -o \"$1\" -g \"$1\" \"$2\" \"$2/Library\" \"$2/Library/Keychains\"", $"{uid}", user.Home);
        return user;
    }

    /// <summary>Path of a keychain in its usual folder.</summary>
    internal string Path(string name) => $"{Home}/Library/Keychains/{name}";

    internal Task<ToolResult> SecurityAsync(params IReadOnlyList<string> arguments) =>
        RunAsync($"{_mac.Root}/usr/bin/security", arguments, TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);

    /// <summary>A self-signed certificate with its key, as a PKCS #12 file of the account.</summary>
    internal string WriteIdentity(string subject, string passphrase)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = new CertificateRequest($"CN={subject}", key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        var file = $"{Home}/{subject}.p12";
        File.WriteAllBytes(file, certificate.Export(X509ContentType.Pkcs12, passphrase));
        Scratch.Shell("chown \"$1\" \"$2\"; chmod 0600 \"$2\"", $"{Uid}", file);
        return file;
    }
}
