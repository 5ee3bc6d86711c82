using MacRunners.Platform;
using MacRunners.Tests.Platform;

namespace MacRunners.Tests.MacEmulator;

/// <summary>Rows of the contract with the directory tools besides <c>dscl</c>.</summary>
[Collection(AccountsCollection.Name)]
public sealed class DirectoryToolsTests(EmulatedCommands mac) : IClassFixture<EmulatedCommands>
{
    private static readonly ToolResult Silent = new(0, "", "");

    [Fact, Trait("certainty", "C"), Trait("row", "G1-G3")]
    public async Task A_member_is_told_from_others_and_can_be_made_one_and_none()
    {
        var (user, group) = await UserAndGroupAsync();

        Assert.Equal(new ToolResult(67, $"no {user} is NOT a member of {group}\n", ""), await GroupAsync("-o", "checkmember", "-m", user, group));
        Assert.Equal(Silent, await GroupAsync("-o", "edit", "-a", user, "-t", "user", group));
        Assert.Equal(new ToolResult(0, $"yes {user} is a member of {group}\n", ""), await GroupAsync("-o", "checkmember", "-m", user, group));
        Assert.Equal(Silent, await GroupAsync("-o", "edit", "-d", user, "-t", "user", group));
        Assert.Equal(67, (await GroupAsync("-o", "checkmember", "-m", user, group)).ExitCode);
    }

    [Fact, Trait("certainty", "S"), Trait("row", "G4-G8")]
    public async Task What_is_missing_or_in_use_is_told_by_text_since_one_code_means_several_things()
    {
        var (user, group) = await UserAndGroupAsync();
        var gid = (await mac.DsclAsync("-read", $"/Groups/{group}", "PrimaryGroupID")).Output.Split(' ')[1].Trim();

        Assert.Equal(new ToolResult(64, "", "Group not found.\n"), await GroupAsync("-o", "checkmember", "-m", user, EmulatedCommands.NewName()));
        Assert.Equal(new ToolResult(64, "", "Unable to find the user record\n"), await GroupAsync("-o", "checkmember", "-m", EmulatedCommands.NewName(), group));
        Assert.Equal(new ToolResult(200, "", "Record was not found.\n"), await GroupAsync("-o", "edit", "-a", EmulatedCommands.NewName(), "-t", "user", group));
        Assert.Equal(new ToolResult(64, "", "GID already exists\n"), await GroupAsync("-o", "create", "-q", "-i", gid, EmulatedCommands.NewName()));
        Assert.Equal(new ToolResult(64, "", "Group not found.\n"), await GroupAsync("-o", "delete", EmulatedCommands.NewName()));
        Assert.Equal(Silent, await GroupAsync("-o", "delete", group));
    }

    [Fact, Trait("certainty", "C"), Trait("row", "I1")]
    public async Task An_import_makes_whole_records_and_its_code_says_nothing_about_those_it_refuses()
    {
        using var scratch = new Scratch();
        var (name, twin, uid) = (EmulatedCommands.NewName(), EmulatedCommands.NewName(), TestNumbers.Next());
        await File.WriteAllTextAsync(
            scratch["in"], $"0x0A 0x5C 0x3A 0x2C dsRecTypeStandard:Users 3 RecordName UniqueID dsAttrTypeNative:IsHidden\n{name}:{uid}:1\n{twin}:{uid}:1\n", TestContext.Current.CancellationToken);

        Assert.Equal(Silent, await mac.RunAsync("/usr/bin/dsimport", scratch["in"], "/Local/Default", "I", "--outputfile", scratch["out"]));

        Assert.Equal("dsAttrTypeNative:IsHidden: 1\n", (await mac.DsclAsync("-read", $"/Users/{name}", "IsHidden")).Output);
        Assert.Equal(56, (await mac.DsclAsync("-read", $"/Users/{twin}", "UniqueID")).ExitCode);
        Assert.Contains("<key>Failed</key><integer>1</integer>", await File.ReadAllTextAsync(scratch["out"], TestContext.Current.CancellationToken));
    }

    [Fact, Trait("certainty", "C"), Trait("row", "I2")]
    public async Task Only_a_regular_file_can_be_imported() => Assert.Equal(
        new ToolResult(65, "", "Unable to open import file\n"), await mac.RunAsync("/usr/bin/dsimport", "/dev/null", "/Local/Default", "I", "--outputfile", "/dev/null"));

    [Fact, Trait("certainty", "C"), Trait("row", "H1")]
    public async Task A_home_is_made_once_and_is_its_owners()
    {
        var (user, uid) = await mac.CreateUserAsync();
        var home = $"{mac.Root}/Users/{user}";
        await mac.DsclAsync("-create", $"/Users/{user}", "NFSHomeDirectory", home);
        await mac.DsclAsync("-create", $"/Users/{user}", "PrimaryGroupID", $"{uid}");

        Assert.EndsWith($"\ncreated ({home})\n", (await mac.RunAsync("/usr/sbin/createhomedir", "-c", "-u", user)).Output, StringComparison.Ordinal);
        Assert.Equal($"750 {uid} {uid}", Scratch.Shell("stat -c '%a %u %g' \"$1\"", home).Trim());
        Assert.Equal(Silent, await mac.RunAsync("/usr/sbin/createhomedir", "-c", "-u", user));
    }

    [Fact, Trait("certainty", "U"), Trait("row", "H2")]
    public async Task A_home_of_nobody_is_not_made_and_that_is_no_failure() =>
        Assert.Equal(Silent, await mac.RunAsync("/usr/sbin/createhomedir", "-c", "-u", EmulatedCommands.NewName()));

    [Fact, Trait("certainty", "S"), Trait("row", "C4")]
    public async Task Memberships_are_looked_up()
    {
        var (user, _) = await mac.CreateUserAsync();
        var unknown = EmulatedCommands.NewName();

        Assert.Equal(new ToolResult(0, "user is not a member of the group\n", ""), await mac.RunAsync("/usr/bin/dsmemberutil", "checkmembership", "-U", user, "-G", "wheel"));
        Assert.Equal(new ToolResult(0, "user is a member of the group\n", ""), await mac.RunAsync("/usr/bin/dsmemberutil", "checkmembership", "-U", "root", "-G", "root"));
        Assert.Equal(new ToolResult(1, "", $"The user {unknown} cannot be found\n"), await mac.RunAsync("/usr/bin/dsmemberutil", "checkmembership", "-U", unknown, "-G", "wheel"));
    }

    [Fact, Trait("certainty", "S"), Trait("row", "K1")]
    public async Task A_crontab_is_shown_and_removed_and_its_absence_told()
    {
        var (user, _) = await mac.CreateUserAsync();
        await File.WriteAllTextAsync($"{mac.Root}/private/var/at/tabs/{user}", "* * * * * true\n", TestContext.Current.CancellationToken);

        Assert.Equal(new ToolResult(0, "* * * * * true\n", ""), await mac.RunAsync("/usr/bin/crontab", "-u", user, "-l"));
        Assert.Equal(Silent, await mac.RunAsync("/usr/bin/crontab", "-u", user, "-r"));
        Assert.Equal(new ToolResult(1, "", $"crontab: no crontab for {user}\n"), await mac.RunAsync("/usr/bin/crontab", "-u", user, "-l"));
    }

    private Task<ToolResult> GroupAsync(params IReadOnlyList<string> arguments) => mac.RunAsync("/usr/sbin/dseditgroup", arguments);

    private async Task<(string User, string Group)> UserAndGroupAsync()
    {
        var (user, _) = await mac.CreateUserAsync();
        var group = EmulatedCommands.NewName();
        Assert.Equal(Silent, await GroupAsync("-o", "create", "-q", "-i", $"{TestNumbers.Next()}", group));
        return (user, group);
    }
}
