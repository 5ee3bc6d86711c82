using System.Diagnostics;
using MacRunners.Platform;
using MacRunners.Platform.MacOS;
using MacRunners.Tests.Platform;

namespace MacRunners.Tests.MacEmulator;

/// <summary>Rows of the contract with the commands about private folders, flags of files, and signatures.</summary>
[Collection(AccountsCollection.Name)]
public sealed class FilesAndSignaturesTests(EmulatedCommands mac) : IClassFixture<EmulatedCommands>
{
    private static readonly ToolResult Silent = new(0, "", "");

    [Fact, Trait("certainty", "C"), Trait("row", "P2")]
    public async Task Roots_private_folders_are_named_by_the_systems_rule_and_made()
    {
        var folder = $"{mac.Root}/var/folders/zz/zyxvpxvq6csfxvn_n0000000000000";

        Assert.Equal(new ToolResult(0, $"{folder}/T/\n", ""), await mac.RunAsync("/usr/bin/getconf", "DARWIN_USER_TEMP_DIR"));
        Assert.Equal(new ToolResult(0, $"{folder}/C/\n", ""), await mac.RunAsync("/usr/bin/getconf", "DARWIN_USER_CACHE_DIR"));
        Assert.Equal(new ToolResult(0, $"{folder}/0/\n", ""), await mac.RunAsync("/usr/bin/getconf", "DARWIN_USER_DIR"));
        Assert.Equal((UnixFileMode)0b111_101_101, File.GetUnixFileMode(folder));
        Assert.Equal((UnixFileMode)0b111_000_000, File.GetUnixFileMode($"{folder}/T"));
    }

    [Fact, Trait("certainty", "S"), Trait("row", "P2")]
    public async Task A_users_private_folder_follows_its_uuid_and_one_without_a_record_gets_a_made_up_one()
    {
        var (name, uid) = await mac.CreateUserAsync();
        var uuid = Guid.Parse((await mac.DsclAsync("-read", $"/Users/{name}", "GeneratedUID")).Output.Split(' ')[1]);
        var folder = $"{mac.Root}/private/var/folders/{UserFolders.For(uuid, uid)}";

        Assert.Equal($"{mac.Root}/var/folders/{UserFolders.For(uuid, uid)}/T/\n", (await mac.RunAsUserAsync(uid, "/usr/bin/getconf", "DARWIN_USER_TEMP_DIR")).Output);
        Assert.False(Directory.Exists(folder));

        // What a service of root does on a Mac.
        Directory.CreateDirectory(folder);
        using (var chown = Process.Start("/bin/chown", [$"{uid}", folder]))
        {
            await chown.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        Assert.Equal(0, (await mac.RunAsUserAsync(uid, "/usr/bin/getconf", "DARWIN_USER_TEMP_DIR")).ExitCode);
        Assert.Equal((UnixFileMode)0b111_000_000, File.GetUnixFileMode($"{folder}/T"));

        await mac.DsclAsync("-delete", $"/Users/{name}");
        Assert.Equal(
            $"{mac.Root}/var/folders/{UserFolders.For(UserFolders.WithoutRecord(uid), uid)}/T/\n",
            (await mac.RunAsUserAsync(uid, "/usr/bin/getconf", "DARWIN_USER_TEMP_DIR")).Output);
    }

    [Fact, Trait("certainty", "S"), Trait("row", "F1")]
    public async Task Flags_keep_a_file_from_root_itself_until_they_are_removed()
    {
        var folder = Directory.CreateDirectory($"{mac.Root}/Users/flagged").FullName;
        var file = $"{folder}/file";
        await File.WriteAllTextAsync(file, "x", TestContext.Current.CancellationToken);
        File.CreateSymbolicLink($"{folder}/link", "/nonexistent");

        Assert.Equal(Silent, await mac.RunAsync("/usr/bin/chflags", "uchg", file));
        Assert.Throws<UnauthorizedAccessException>(() => File.Delete(file));
        Assert.Equal(Silent, await mac.RunAsync("/usr/bin/chflags", "-R", "nouchg,nouappnd", folder));
        File.Delete(file);

        Assert.Equal(new ToolResult(1, "", $"chflags: {file}: No such file or directory\n"), await mac.RunAsync("/usr/bin/chflags", "nouchg", file));
        Assert.Equal(1, (await mac.RunAsync("/usr/bin/chflags", "nonsense", folder)).ExitCode);
    }

    [Fact, Trait("certainty", "C"), Trait("row", "B1")]
    public async Task Signatures_are_shown_and_verified()
    {
        var (program, text) = ($"{mac.Root}/opt/program", $"{mac.Root}/opt/text");
        await File.WriteAllBytesAsync(program, [0xCF, 0xFA, 0xED, 0xFE, 0, 0, 0, 0], TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(text, "#!/bin/sh\n", TestContext.Current.CancellationToken);
        var unsigned = new ToolResult(1, "", $"{text}: code object is not signed at all\n");

        var shown = await mac.RunAsync("/usr/bin/codesign", "-dv", "--verbose=2", program);
        Assert.Equal((0, ""), (shown.ExitCode, shown.Output));
        Assert.Contains("\nSignature=adhoc\n", shown.Error, StringComparison.Ordinal);
        Assert.Contains("flags=0x2(adhoc)", shown.Error, StringComparison.Ordinal);
        Assert.Contains("\nAuthority=Software Signing\n", (await mac.RunAsync("/usr/bin/codesign", "-dv", "--verbose=2", "/bin/ls")).Error, StringComparison.Ordinal);
        Assert.Equal(unsigned, await mac.RunAsync("/usr/bin/codesign", "-dv", "--verbose=2", text));
        Assert.Equal(Silent, await mac.RunAsync("/usr/bin/codesign", "--verify", "--strict", program));
        Assert.Equal(unsigned, await mac.RunAsync("/usr/bin/codesign", "--verify", "--strict", text));
    }
}
