using MacRunners.Platform;
using MacRunners.Tests.Platform;

namespace MacRunners.Tests.MacEmulator;

/// <summary>Rows of the contract with dscl that write, and the real accounts behind them.</summary>
[Collection(AccountsCollection.Name)]
public sealed class DsclWritingTests(EmulatedCommands mac) : IClassFixture<EmulatedCommands>
{
    private const string InUse = "<main> attribute status: eDSRecordAlreadyExists\n<dscl_cmd> DS Error: -14135 (eDSRecordAlreadyExists)\n";
    private const string Refused = "<main> attribute status: eDSPermissionError\n<dscl_cmd> DS Error: -14120 (eDSPermissionError)\n";
    private const string NoSuchPath = "<dscl_cmd> DS Error: -14009 (eDSUnknownNodeName)\n";
    private static readonly ToolResult Silent = new(0, "", "");

    [Fact, Trait("certainty", "C"), Trait("row", "D5")]
    public async Task A_new_record_gets_an_upper_case_uuid_and_no_account_yet()
    {
        var name = EmulatedCommands.NewName();

        Assert.Equal(Silent, await mac.DsclAsync("-create", $"/Users/{name}"));
        Assert.Matches("^GeneratedUID: [0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}\n$", (await mac.DsclAsync("-read", $"/Users/{name}", "GeneratedUID")).Output);
        Assert.Null(EmulatedCommands.HostUser(name));
    }

    [Fact, Trait("certainty", "S"), Trait("row", "D6")]
    public async Task Creating_a_record_again_changes_nothing()
    {
        var (name, _) = await mac.CreateUserAsync();
        var before = await mac.DsclAsync("-read", $"/Users/{name}");

        Assert.Equal(Silent, await mac.DsclAsync("-create", $"/Users/{name}"));
        Assert.Equal(before, await mac.DsclAsync("-read", $"/Users/{name}"));
    }

    [Fact, Trait("certainty", "C"), Trait("row", "D7")]
    public async Task Writing_a_free_number_makes_record_and_account_at_once()
    {
        var (name, uid) = (EmulatedCommands.NewName(), TestNumbers.Next());

        Assert.Equal(Silent, await mac.DsclAsync("create", $"/Users/{name}", "UniqueID", $"{uid}"));
        Assert.Equal($"{name}:*:{uid}:65534::/var/empty:/usr/bin/false", EmulatedCommands.HostUser(name));
    }

    [Fact, Trait("certainty", "C"), Trait("row", "D29")]
    public async Task A_password_shows_only_that_there_is_one()
    {
        var (name, _) = await mac.CreateUserAsync();

        Assert.Equal(Silent, await mac.DsclAsync("-passwd", $"/Users/{name}", "a secret"));

        var record = (await mac.DsclAsync("-read", $"/Users/{name}")).Output;
        Assert.Contains("AuthenticationAuthority: ;ShadowHash;HASHLIST:<", record, StringComparison.Ordinal);
        Assert.DoesNotContain("a secret", record + string.Concat(await File.ReadAllLinesAsync("/etc/shadow", TestContext.Current.CancellationToken)), StringComparison.Ordinal);
        Assert.Equal(new ToolResult(185, "passwd: Invalid Path\n", NoSuchPath), await mac.DsclAsync("-passwd", $"/Users/{EmulatedCommands.NewName()}", "x"));
        Assert.Equal(new ToolResult(40, "", Refused), await mac.RunAsUserAsync(TestNumbers.Next(), "/usr/bin/dscl", ".", "-passwd", $"/Users/{name}", "x"));
    }

    [Fact, Trait("certainty", "C"), Trait("row", "D8")]
    public async Task A_number_in_use_is_refused_and_leaves_a_record_without_number()
    {
        var (_, uid) = await mac.CreateUserAsync();
        var name = EmulatedCommands.NewName();

        Assert.Equal(new ToolResult(55, "", InUse), await mac.DsclAsync("-create", $"/Users/{name}", "UniqueID", $"{uid}"));
        Assert.Equal("No such key: UniqueID\n", (await mac.DsclAsync("-read", $"/Users/{name}", "UniqueID")).Error);
        Assert.Equal(Silent, await mac.DsclAsync("-create", $"/Users/{name}", "UniqueID", $"{TestNumbers.Next()}"));
        Assert.NotNull(EmulatedCommands.HostUser(name));
    }

    [Fact, Trait("certainty", "C"), Trait("row", "D8")]
    public async Task The_number_of_any_account_of_the_host_is_in_use()
    {
        var host = File.ReadLines("/etc/passwd").Select(line => line.Split(':')).First(fields => fields[0] == "www-data")[2];

        Assert.Equal(new ToolResult(55, "", InUse), await mac.DsclAsync("-create", $"/Users/{EmulatedCommands.NewName()}", "UniqueID", host));
    }

    [Fact, Trait("certainty", "C"), Trait("row", "D8")]
    public async Task A_group_number_in_use_is_refused_too()
    {
        var (first, second, gid) = (EmulatedCommands.NewName(), EmulatedCommands.NewName(), TestNumbers.Next());

        Assert.Equal(Silent, await mac.DsclAsync("-create", $"/Groups/{first}", "PrimaryGroupID", $"{gid}"));
        Assert.Equal($"{first}:*:{gid}:", EmulatedCommands.HostGroup(first));
        Assert.Equal(new ToolResult(55, "", InUse), await mac.DsclAsync("-create", $"/Groups/{second}", "PrimaryGroupID", $"{gid}"));
    }

    [Fact, Trait("certainty", "C"), Trait("row", "D9")]
    public async Task Every_attribute_written_shows_in_the_account()
    {
        var (name, uid) = await mac.CreateUserAsync();
        await mac.DsclAsync("-create", $"/Users/{name}", "PrimaryGroupID", $"{uid}");
        await mac.DsclAsync("-create", $"/Users/{name}", "UserShell", "/bin/zsh");
        await mac.DsclAsync("-create", $"/Users/{name}", "UserShell", "/bin/bash");
        await mac.DsclAsync("-create", $"/Users/{name}", "NFSHomeDirectory", $"/Users/{name}");

        Assert.Equal($"{name}:*:{uid}:{uid}::/Users/{name}:/bin/bash", EmulatedCommands.HostUser(name));
    }

    [Fact, Trait("certainty", "C"), Trait("row", "D10")]
    public async Task Nobody_but_root_may_write()
    {
        var result = await mac.RunAsUserAsync(TestNumbers.Next(), "/usr/bin/dscl", ".", "-create", $"/Users/{EmulatedCommands.NewName()}", "UniqueID", $"{TestNumbers.Next()}");

        Assert.Equal(new ToolResult(40, "", Refused), result);
    }

    [Fact, Trait("certainty", "C"), Trait("row", "D20")]
    public async Task Deleting_removes_record_and_account_and_nothing_else()
    {
        var (name, _) = await mac.CreateUserAsync();
        var (group, home) = (EmulatedCommands.NewName(), $"{mac.Root}/Users/{name}");
        _ = Directory.CreateDirectory(home);
        await mac.DsclAsync("-create", $"/Groups/{group}", "PrimaryGroupID", $"{TestNumbers.Next()}");
        await mac.DsclAsync("-append", $"/Groups/{group}", "GroupMembership", name);

        Assert.Equal(Silent, await mac.DsclAsync("-delete", $"/Users/{name}"));
        Assert.Equal(56, (await mac.DsclAsync("-read", $"/Users/{name}")).ExitCode);
        Assert.Null(EmulatedCommands.HostUser(name));
        Assert.True(Directory.Exists(home));
        Assert.EndsWith($":{name}", EmulatedCommands.HostGroup(group), StringComparison.Ordinal);
    }

    [Fact, Trait("certainty", "C"), Trait("row", "D21")]
    public async Task A_missing_record_cannot_be_deleted() =>
        Assert.Equal(new ToolResult(185, "delete: Invalid Path\n", NoSuchPath), await mac.DsclAsync("-delete", $"/Users/{EmulatedCommands.NewName()}"));

    [Fact, Trait("certainty", "U"), Trait("row", "D23")]
    public async Task A_missing_membership_cannot_be_deleted()
    {
        var group = await GroupWithMemberAsync("somebody");

        Assert.Equal(57, (await mac.DsclAsync("-delete", $"/Groups/{group}", "GroupMembership", "another")).ExitCode);
        Assert.Equal(0, (await mac.DsclAsync("-delete", $"/Groups/{group}", "GroupMembership", "somebody")).ExitCode);
        Assert.EndsWith(":", EmulatedCommands.HostGroup(group), StringComparison.Ordinal);
    }

    [Fact, Trait("certainty", "C"), Trait("row", "D24")]
    public async Task Appending_makes_duplicates_and_merging_does_not()
    {
        var group = await GroupWithMemberAsync("somebody");
        await mac.DsclAsync("-append", $"/Groups/{group}", "GroupMembership", "somebody");
        await mac.DsclAsync("-merge", $"/Groups/{group}", "GroupMembership", "somebody");

        Assert.Equal("GroupMembership: somebody somebody\n", (await mac.DsclAsync("-read", $"/Groups/{group}", "GroupMembership")).Output);
    }

    [Fact, Trait("certainty", "S"), Trait("row", "D25")]
    public async Task Nothing_can_be_appended_to_a_missing_record() =>
        Assert.Equal(
            new ToolResult(185, "append: Invalid Path\n", NoSuchPath),
            await mac.DsclAsync("-append", $"/Groups/{EmulatedCommands.NewName()}", "GroupMembership", "somebody"));

    [Fact, Trait("certainty", "C"), Trait("row", "D26")]
    public async Task Changing_the_home_of_nobody_to_itself_succeeds() =>
        Assert.Equal(Silent, await mac.DsclAsync("-change", "/Users/nobody", "NFSHomeDirectory", "/var/empty", "/var/empty"));

    [Fact, Trait("certainty", "U"), Trait("row", "D27")]
    public async Task A_value_that_is_not_there_cannot_be_changed()
    {
        var (name, _) = await mac.CreateUserAsync();

        Assert.Equal(57, (await mac.DsclAsync("-change", $"/Users/{name}", "UniqueID", "1", "2")).ExitCode);
        Assert.Equal(54, (await mac.DsclAsync("-change", $"/Users/{name}", "Comment", "a", "b")).ExitCode);
    }

    [Fact]
    public async Task Accounts_of_the_host_are_neither_changed_nor_deleted()
    {
        var before = EmulatedCommands.HostUser("www-data");

        Assert.Equal(40, (await mac.DsclAsync("-create", "/Users/www-data", "UserShell", "/bin/bash")).ExitCode);
        Assert.Equal(40, (await mac.DsclAsync("-delete", "/Users/www-data")).ExitCode);
        Assert.Equal(before, EmulatedCommands.HostUser("www-data"));
    }

    [Theory]
    [InlineData("12345")]
    [InlineData("01000001")]
    [InlineData("-5")]
    [InlineData("4294967295")]
    public async Task Numbers_that_could_hurt_the_host_are_refused(string uid)
    {
        var name = EmulatedCommands.NewName();

        Assert.Equal(40, (await mac.DsclAsync("-create", $"/Users/{name}", "UniqueID", uid)).ExitCode);
        Assert.Null(EmulatedCommands.HostUser(name));
    }

    [Fact]
    public async Task Values_that_would_break_the_account_files_are_refused()
    {
        var (name, _) = await mac.CreateUserAsync();
        var before = EmulatedCommands.HostUser(name);

        Assert.Equal(40, (await mac.DsclAsync("-create", $"/Users/{name}", "NFSHomeDirectory", "/x:y\nroot2:*:0:0::/:/bin/sh")).ExitCode);
        Assert.Equal(before, EmulatedCommands.HostUser(name));
    }

    [Fact]
    public async Task Many_at_once_lose_no_account_and_leave_mode_and_owner_alone()
    {
        var mode = File.GetUnixFileMode("/etc/passwd");

        var users = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => mac.CreateUserAsync()));

        Assert.All(users, user => Assert.StartsWith($"{user.Name}:*:{user.Uid}:", EmulatedCommands.HostUser(user.Name), StringComparison.Ordinal));
        Assert.Equal(mode, File.GetUnixFileMode("/etc/passwd"));
        Assert.False(File.Exists("/etc/passwd.lock"));
    }

    private async Task<string> GroupWithMemberAsync(string member)
    {
        var group = EmulatedCommands.NewName();
        await mac.DsclAsync("-create", $"/Groups/{group}", "PrimaryGroupID", $"{TestNumbers.Next()}");
        await mac.DsclAsync("-append", $"/Groups/{group}", "GroupMembership", member);
        return group;
    }
}
