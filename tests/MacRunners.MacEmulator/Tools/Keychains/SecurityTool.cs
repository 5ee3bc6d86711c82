using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MacRunners.MacEmulator.Native;
using MacRunners.MacEmulator.Tools.Dscl;

namespace MacRunners.MacEmulator.Tools.Keychains;

/// <summary><c>security</c>: keychains of the calling user. Exit codes are the lowest byte of the status, as there.</summary>
internal sealed class SecurityTool
{
    private const int Usage = 2;
    private const int ImportFailed = 1;
    private const int NotAllowed = 36;
    private const int NoDefault = 37;
    private const int Duplicate = 48;
    private const int NoSuchKeychain = 50;
    private const int WrongPassword = 51;
    private const string WrongPasswordText = "The user name or passphrase you entered is not correct.";

    private readonly ToolContext _context;
    private readonly string _preferences;

    private SecurityTool(ToolContext context)
    {
        _context = context;
        var home = Environment.GetEnvironmentVariable("HOME") ?? HostUser.ByUid(Libc.EffectiveUid())?.Home ?? "/var/empty";
        _preferences = $"{home}/Library/Preferences/com.apple.security.plist";
    }

    internal static async Task<int> RunAsync(ToolContext context)
    {
        var effects = await context.BeginAsync(context.Arguments is [var verb, ..] ? verb : "help", context.Arguments);
        var tool = new SecurityTool(context);
        var exitCode = context.Arguments is ["-i"] ? tool.RunLines() : tool.Run([.. context.Arguments]);
        context.End(effects);
        return exitCode;
    }

    private int RunLines()
    {
        var exitCode = 0;
        while (Console.In.ReadLine() is { } line)
        {
            if (BatchLine.Split(line) is { Count: > 0 } words)
            {
                exitCode = Run([.. words]);
            }
        }

        return exitCode;
    }

    private int Run(string[] arguments) => arguments switch
    {
        ["create-keychain", "-p", var password, var path] => Create(password, path),
        ["delete-keychain", var path] => Delete(path),
        ["set-keychain-settings", var path] => Change("SecKeychainSetSettings", path, keychain => keychain with { HasTimeout = false }),
        ["lock-keychain", var path] => Change("SecKeychainLock", path, keychain => keychain with { IsLocked = true }),
        ["unlock-keychain", "-p", var password, var path] => Unlock(password, path),
        ["show-keychain-info", var path] => Show(path),
        ["list-keychains", "-d", "user"] => Print(Preferences.Searched),
        ["list-keychains", "-d", "user", "-s", .. var paths] => Prefer(preferences => preferences with { Searched = paths }),
        ["default-keychain", "-d", "user"] => Preferences.Default is { } path ? Print([path]) : Fail("SecKeychainCopyDomainDefault user: A default keychain could not be found.", NoDefault),
        ["default-keychain", "-d", "user", "-s", var path] => Prefer(preferences => preferences with { Default = path }),
        ["import", var file, "-k", var path, "-f", "pkcs12", "-P", var passphrase, .. var programs] => Import(file, path, passphrase, programs),
        ["set-key-partition-list", "-S", var partitions, "-s", "-k", var password, var path] => SetPartitions(partitions.Split(','), password, path),
        ["find-identity", "-p", "codesigning", var path] => FindIdentities(path),
        _ => Refuse(arguments),
    };

    private KeychainPreferences Preferences => KeychainPreferences.Read(_preferences);

    private int Create(string password, string path)
    {
        if (File.Exists(path))
        {
            return Fail($"SecKeychainCreate {path}: A keychain with the same name already exists.", Duplicate);
        }

        new KeychainFile(password, IsLocked: false, HasTimeout: true, []).Write(path);
        return 0;
    }

    private int Delete(string path)
    {
        if (!File.Exists(path))
        {
            return Missing("SecKeychainDelete", path);
        }

        File.Delete(path);
        return Prefer(preferences => new KeychainPreferences([.. preferences.Searched.Where(each => each != path)], preferences.Default == path ? null : preferences.Default));
    }

    private int Unlock(string password, string path) => KeychainFile.Read(path) is { } keychain && keychain.Password != password
        ? Fail($"SecKeychainUnlock {path}: {WrongPasswordText}", WrongPassword)
        : Change("SecKeychainUnlock", path, found => found with { IsLocked = false });

    private int Show(string path)
    {
        switch (KeychainFile.Read(path))
        {
            case null:
                return Missing("SecKeychainCopySettings", path);
            case { IsLocked: true }:
                return Fail($"SecKeychainCopySettings {path}: User interaction is not allowed.", NotAllowed);
            case var keychain:
                _context.Error.WriteLine($"Keychain \"{path}\" {(keychain.HasTimeout ? "lock-on-sleep timeout=300s" : "no-timeout")}");
                return 0;
        }
    }

    private int Import(string file, string path, string passphrase, string[] programs)
    {
        if (KeychainFile.Read(path) is not { } keychain)
        {
            return Missing("SecKeychainItemImport", path);
        }

        if (keychain.IsLocked)
        {
            return Fail("SecKeychainItemImport: User interaction is not allowed.", NotAllowed);
        }

        try
        {
            using var certificate = X509CertificateLoader.LoadPkcs12FromFile(file, passphrase);
            var allowed = programs.Where((_, index) => index % 2 == 1).ToList();
            (keychain with { Keys = [.. keychain.Keys, new KeychainKey(certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false), certificate.Thumbprint, allowed, [])] }).Write(path);
        }
        catch (CryptographicException)
        {
            return Fail("SecKeychainItemImport: MAC verification failed during PKCS12 import (wrong password?)", ImportFailed);
        }

        _context.Output.WriteLine("1 identity imported.");
        return 0;
    }

    private int SetPartitions(IReadOnlyList<string> partitions, string password, string path) => KeychainFile.Read(path) is { } keychain && keychain.Password != password
        ? Fail($"SecKeychainItemSetAccessWithPassword: {WrongPasswordText}", WrongPassword)
        : Change("SecKeychainItemSetAccessWithPassword", path, found => found with { Keys = [.. found.Keys.Select(key => key with { Partitions = partitions })] });

    private int FindIdentities(string path)
    {
        if (KeychainFile.Read(path) is not { } keychain)
        {
            return Missing("SecKeychainOpen", path);
        }

        foreach (var (key, index) in keychain.Keys.Select((key, index) => (key, index)))
        {
            _context.Output.WriteLine($"  {index + 1}) {key.Thumbprint} \"{key.Subject}\"");
        }

        _context.Output.WriteLine($"     {keychain.Keys.Count} identities found");
        return 0;
    }

    private int Change(string call, string path, Func<KeychainFile, KeychainFile> change)
    {
        if (KeychainFile.Read(path) is not { } keychain)
        {
            return Missing(call, path);
        }

        change(keychain).Write(path);
        return 0;
    }

    private int Prefer(Func<KeychainPreferences, KeychainPreferences> change)
    {
        change(Preferences).Write(_preferences);
        return 0;
    }

    private int Print(IEnumerable<string> paths)
    {
        foreach (var path in paths)
        {
            _context.Output.WriteLine($"    \"{path}\"");
        }

        return 0;
    }

    private int Missing(string call, string path) => Fail($"{call} {path}: The specified keychain could not be found.", NoSuchKeychain);

    private int Refuse(string[] arguments)
    {
        _context.Error.WriteLine($"Usage: security [-h] [-i] [-l] [-p prompt] [-q] [-v] [command] [opt ...]: {string.Join(' ', arguments)} is not emulated");
        return Usage;
    }

    private int Fail(string text, int exitCode)
    {
        _context.Error.WriteLine($"security: {text}");
        return exitCode;
    }
}
