using System.CommandLine;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using MacRunners.Platform;

namespace MacRunners.Commands;

/// <summary>
/// Verb <c>keychain</c>, for agent hooks and jobs: an account without login has no login keychain, so nothing can be signed in it before it has made
/// one.
/// </summary>
internal static class KeychainCommand
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const string KeychainSuffix = ".keychain-db";
    private const string PasswordSuffix = ".password";
    private const int PasswordLength = 48;
    private const int LongestPassphrase = 1024;

    /// <summary>The verb and its parts.</summary>
    public static Command Create() => new("keychain", "Keychains for jobs that sign code (macOS); for agent hooks and steps, as the job's account.")
    {
        CreateKeychain(),
    };

    private static Command CreateKeychain()
    {
        var name = new Option<string>("--name") { Description = "Its name", DefaultValueFactory = _ => "build" };
        var identities = new Option<string[]>("--identity") { Description = "PKCS #12 file to put into it; may be repeated", HelpName = "FILE" };
        var passphrase = new Option<string?>("--passphrase-file") { Description = "File that holds the passphrase of the identities. Default: they have none", HelpName = "FILE" };
        var json = new Option<bool>("--json") { Description = "Write {keychain, passwordFile}" };
        var kind = new Option<string?>(HelperPlatform.KindOption) { Hidden = true };
        var root = new Option<string?>(HelperPlatform.RootOption) { Hidden = true };
        var command = new Command(
            "create",
            "Makes a keychain in the home of the calling account: unlocked, without a time limit, the default and the searched one, its keys usable by codesign and the like "
                + "without a dialogue. Its password is random and stands in a file beside it, for tools that ask for it. Both end with the account.")
        {
            name, identities, passphrase, json, kind, root,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            if (Environment.IsPrivilegedProcess)
            {
                return Complain("keychain create is for the account of a job, not for root: call it from an agent hook or a step.", ExitCodes.Failure);
            }

            try
            {
                var keychains = HelperPlatform.Create(parsed.GetValue(kind), parsed.GetValue(root)).Keychains;
                var made = await CreateAsync(
                    keychains, parsed.GetRequiredValue(name), parsed.GetValue(identities) ?? [], parsed.GetValue(passphrase), cancellation);
                Console.WriteLine(parsed.GetValue(json) ? JsonSerializer.Serialize(made, KeychainJson.Default.MadeKeychain) : made.Keychain);
                return ExitCodes.Success;
            }
            catch (Exception e) when (e is KeychainException or HelperUsageException or IOException or UnauthorizedAccessException or PlatformNotSupportedException)
            {
                return Complain(e.Message, ExitCodes.Failure);
            }
        });
        return command;
    }

    private static async Task<MadeKeychain> CreateAsync(
        IKeychains keychains, string name, string[] identities, string? passphraseFile, CancellationToken cancellationToken)
    {
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        Require(name, home, [.. identities, .. passphraseFile is null ? Array.Empty<string>() : [passphraseFile]]);
        var passphrase = passphraseFile is null ? "" : (await File.ReadAllTextAsync(passphraseFile, cancellationToken)).TrimEnd('\r', '\n');
        if (passphrase.Length > LongestPassphrase)
        {
            throw new KeychainException($"{passphraseFile} is too long for a passphrase (at most {LongestPassphrase} characters)");
        }

        var keychain = Path.Combine(Directory.CreateDirectory(Path.Combine(home, "Library", "Keychains"), Private | UnixFileMode.UserExecute).FullName, name + KeychainSuffix);
        var password = RandomNumberGenerator.GetHexString(PasswordLength, lowercase: true);
        await keychains.CreateAsync(keychain, password, [.. identities.Select(file => new Identity(Path.GetFullPath(file), passphrase))], cancellationToken);
        await using var stream = new FileStream(keychain + PasswordSuffix, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = Private });
        await using var writer = new StreamWriter(stream);
        await writer.WriteLineAsync(password);
        return new MadeKeychain(keychain, keychain + PasswordSuffix);
    }

    private static void Require(string name, string home, IEnumerable<string> files)
    {
        List<string> faults = [.. files.Where(file => !File.Exists(file)).Select(file => $"{file} does not exist, or {Environment.UserName} may not see it")];
        if (name.Length == 0 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.') || name[0] == '.')
        {
            faults.Insert(0, $"--name '{name}' is not a file name of letters, digits, '.', '_' and '-'");
        }

        if (!Path.IsPathFullyQualified(home) || !Directory.Exists(home))
        {
            faults.Add($"the home '{home}' does not exist: HOME must be the account's");
        }

        if (faults.Count > 0)
        {
            throw new KeychainException(string.Join("\nmacrunners: ", faults));
        }
    }

    private static int Complain(string message, int exitCode)
    {
        Console.Error.WriteLine($"macrunners: {message}");
        return exitCode;
    }
}

/// <summary>The answer of <c>keychain create --json</c>.</summary>
/// <param name="Keychain">Path of the keychain.</param>
/// <param name="PasswordFile">Path of the file that holds its password.</param>
internal sealed record MadeKeychain(string Keychain, string PasswordFile);

/// <summary>How it is written.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(MadeKeychain))]
internal sealed partial class KeychainJson : JsonSerializerContext;
