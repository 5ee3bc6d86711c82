using MacRunners.Platform;
using MacRunners.Tests.Platform;
using MacRunners.Tests.Platform.MacOS;

namespace MacRunners.Tests.MacEmulator;

/// <summary>The contract with <c>security</c>, for a user without login.</summary>
[Collection(AccountsCollection.Name)]
public sealed class SecurityToolTests(EmulatedCommands mac) : IClassFixture<EmulatedCommands>
{
    private static readonly ToolResult Silent = new(0, "", "");

    [Fact, Trait("certainty", "S")]
    public async Task A_keychain_is_made_once_and_locks_itself_until_it_is_told_not_to()
    {
        await using var user = await KeychainUser.CreateAsync(mac);
        var path = user.Path("a.keychain-db");

        Assert.Equal(Silent, await user.SecurityAsync("create-keychain", "-p", "secret", path));
        Assert.Equal(
            new ToolResult(48, "", $"security: SecKeychainCreate {path}: A keychain with the same name already exists.\n"),
            await user.SecurityAsync("create-keychain", "-p", "secret", path));
        Assert.Equal(new ToolResult(0, "", $"Keychain \"{path}\" lock-on-sleep timeout=300s\n"), await user.SecurityAsync("show-keychain-info", path));
        Assert.Equal(Silent, await user.SecurityAsync("set-keychain-settings", path));
        Assert.Equal(new ToolResult(0, "", $"Keychain \"{path}\" no-timeout\n"), await user.SecurityAsync("show-keychain-info", path));
    }

    [Fact, Trait("certainty", "S")]
    public async Task A_locked_keychain_asks_and_that_is_not_allowed_and_a_wrong_password_does_not_open_it()
    {
        await using var user = await KeychainUser.CreateAsync(mac);
        var path = user.Path("a.keychain-db");
        await user.SecurityAsync("create-keychain", "-p", "secret", path);
        await user.SecurityAsync("lock-keychain", path);

        Assert.Equal(36, (await user.SecurityAsync("show-keychain-info", path)).ExitCode);
        Assert.Equal(
            new ToolResult(51, "", $"security: SecKeychainUnlock {path}: The user name or passphrase you entered is not correct.\n"),
            await user.SecurityAsync("unlock-keychain", "-p", "other", path));
        Assert.Equal(Silent, await user.SecurityAsync("unlock-keychain", "-p", "secret", path));
        Assert.Equal(0, (await user.SecurityAsync("show-keychain-info", path)).ExitCode);
    }

    [Fact, Trait("certainty", "S")]
    public async Task A_user_without_login_has_no_default_keychain_until_one_is_named()
    {
        await using var user = await KeychainUser.CreateAsync(mac);
        var path = user.Path("a.keychain-db");
        await user.SecurityAsync("create-keychain", "-p", "secret", path);

        Assert.Equal(37, (await user.SecurityAsync("default-keychain", "-d", "user")).ExitCode);
        Assert.Equal(Silent, await user.SecurityAsync("default-keychain", "-d", "user", "-s", path));
        Assert.Equal(Silent, await user.SecurityAsync("list-keychains", "-d", "user", "-s", path));

        Assert.Equal(new ToolResult(0, $"    \"{path}\"\n", ""), await user.SecurityAsync("default-keychain", "-d", "user"));
        Assert.Equal(new ToolResult(0, $"    \"{path}\"\n", ""), await user.SecurityAsync("list-keychains", "-d", "user"));
        Assert.Equal(Silent, await user.SecurityAsync("delete-keychain", path));
        Assert.Equal(Silent, await user.SecurityAsync("list-keychains", "-d", "user"));
        Assert.Equal(50, (await user.SecurityAsync("delete-keychain", path)).ExitCode);
    }

    [Fact, Trait("certainty", "U")]
    public async Task An_identity_needs_its_passphrase_and_is_named_afterwards()
    {
        await using var user = await KeychainUser.CreateAsync(mac);
        var path = user.Path("a.keychain-db");
        var file = user.WriteIdentity("Builder", "open \"sesame\"");
        await user.SecurityAsync("create-keychain", "-p", "secret", path);

        Assert.Equal(1, (await user.SecurityAsync("import", file, "-k", path, "-f", "pkcs12", "-P", "wrong")).ExitCode);
        Assert.Equal(
            new ToolResult(0, "1 identity imported.\n", ""),
            await user.SecurityAsync("import", file, "-k", path, "-f", "pkcs12", "-P", "open \"sesame\"", "-T", "/usr/bin/codesign"));
        Assert.Equal(51, (await user.SecurityAsync("set-key-partition-list", "-S", "apple:", "-s", "-k", "wrong", path)).ExitCode);

        Assert.EndsWith("\"Builder\"\n     1 identities found\n", (await user.SecurityAsync("find-identity", "-p", "codesigning", path)).Output, StringComparison.Ordinal);
    }
}
