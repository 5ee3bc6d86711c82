using System.Text.Json.Nodes;
using MacRunners.Platform;
using MacRunners.Platform.MacOS;
using MacRunners.Tests.MacEmulator;
using NSubstitute;

namespace MacRunners.Tests.Platform.MacOS;

[Collection(AccountsCollection.Name)]
public sealed class KeychainsTests(EmulatedCommands mac) : IClassFixture<EmulatedCommands>
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_keychain_is_unlocked_default_searched_and_its_keys_may_be_used_by_signing_tools()
    {
        await using var user = await KeychainUser.CreateAsync(mac);
        var path = user.Path("build.keychain-db");

        await new Keychains(user, mac.Root).CreateAsync(path, "secret", [new Identity(user.WriteIdentity("Team \\ \"X\"", "pass word\\"), "pass word\\")], Cancel);

        Assert.Equal($"    \"{path}\"\n", (await user.SecurityAsync("default-keychain", "-d", "user")).Output);
        Assert.Equal($"    \"{path}\"\n", (await user.SecurityAsync("list-keychains", "-d", "user")).Output);
        Assert.Contains("no-timeout", (await user.SecurityAsync("show-keychain-info", path)).Error);
        var key = Assert.Single(JsonNode.Parse(await File.ReadAllTextAsync(path, Cancel))!["keys"]!.AsArray())!;
        Assert.Equal(["apple-tool:", "apple:", "codesign:"], key["partitions"]!.AsArray().Select(partition => partition!.GetValue<string>()));
        Assert.Contains("/usr/bin/codesign", key["programs"]!.AsArray().Select(program => program!.GetValue<string>()));
    }

    [Fact]
    public async Task A_wrong_passphrase_is_told_without_showing_it_and_leaves_no_keychain()
    {
        await using var user = await KeychainUser.CreateAsync(mac);
        var path = user.Path("build.keychain-db");
        var identity = new Identity(user.WriteIdentity("Builder", "right"), "hunter2");

        var refused = await Assert.ThrowsAsync<KeychainException>(() => new Keychains(user, mac.Root).CreateAsync(path, "secret", [identity], Cancel));

        Assert.Contains("wrong password", refused.Message);
        Assert.DoesNotContain("hunter2", refused.Message);
        Assert.DoesNotContain("hunter2", $"{identity}");
        Assert.False(File.Exists(path));
        Assert.Equal("", (await user.SecurityAsync("list-keychains", "-d", "user")).Output);
    }

    [Fact]
    public async Task A_second_keychain_of_the_name_is_refused_and_the_first_one_stays()
    {
        await using var user = await KeychainUser.CreateAsync(mac);
        var path = user.Path("build.keychain-db");
        var keychains = new Keychains(user, mac.Root);
        await keychains.CreateAsync(path, "secret", [], Cancel);

        var refused = await Assert.ThrowsAsync<KeychainException>(() => keychains.CreateAsync(path, "other", [], Cancel));

        Assert.Contains("Once per job", refused.Message);
        Assert.Equal(0, (await user.SecurityAsync("unlock-keychain", "-p", "secret", path)).ExitCode);
    }

    /// <summary>Unconfirmed: whether <c>security -i</c> ends with the code of its last command, or with 0 and a line on standard error.</summary>
    [Theory]
    [InlineData(36)]
    [InlineData(0)]
    public async Task A_failure_is_seen_whichever_way_an_interactive_security_tells_it(int exitCode)
    {
        var tool = Substitute.For<ITool>();
        tool.RunAsync("/usr/bin/security", Arg.Any<IReadOnlyList<string>>(), Arg.Any<string>(), Arg.Any<TimeSpan>(), Arg.Any<CancellationToken>())
            .Returns(new ToolResult(exitCode, "", "security: SecKeychainCreate: User interaction is not allowed.\n"));

        var refused = await Assert.ThrowsAsync<KeychainException>(() => new Keychains(tool, "").CreateAsync("/Users/x/a.keychain-db", "secret", [], Cancel));

        Assert.Contains("interaction is not allowed", refused.Message);
        Assert.Equal(exitCode != 0, refused.Message.Contains("agent hook", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Passwords_are_in_no_argument()
    {
        await using var user = await KeychainUser.CreateAsync(mac);
        var watched = Substitute.For<ITool>();
        watched.RunAsync(default!, default!, default!, default, Cancel).ReturnsForAnyArgs(call =>
            user.RunAsync(call.ArgAt<string>(0), call.ArgAt<IReadOnlyList<string>>(1), call.ArgAt<string>(2), call.ArgAt<TimeSpan>(3), call.ArgAt<CancellationToken>(4)));

        await new Keychains(watched, mac.Root).CreateAsync(user.Path("build.keychain-db"), "secret", [], Cancel);

        Assert.All(watched.ReceivedCalls(), call => Assert.Equal(["-i"], (IReadOnlyList<string>)call.GetArguments()[1]!));
    }

    [Fact]
    public async Task What_cannot_be_one_command_is_refused_before_anything_is_made()
    {
        var tool = Substitute.For<ITool>();

        await Assert.ThrowsAsync<KeychainException>(() => new Keychains(tool, "").CreateAsync("/Users/x/a\ndelete-keychain /b", "secret", [], Cancel));

        Assert.Empty(tool.ReceivedCalls());
    }
}
