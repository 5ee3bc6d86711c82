using MacRunners.MacEmulator.Faults;
using MacRunners.Tests.Platform;

namespace MacRunners.Tests.MacEmulator;

/// <summary>Rows of the contract with <c>sysadminctl</c>, which ends with 0 even when it failed: only what it says and what is there afterwards tell.</summary>
[Collection(AccountsCollection.Name)]
public sealed class SysadminctlTests(EmulatedCommands mac) : IClassFixture<EmulatedCommands>
{
    private const string Tool = "/usr/sbin/sysadminctl";

    [Fact, Trait("certainty", "C"), Trait("row", "A1")]
    public async Task A_user_is_added_with_what_is_said_about_it()
    {
        var (name, uid) = (EmulatedCommands.NewName(), TestNumbers.Next());

        var result = await mac.RunAsync(Tool, "-addUser", name, "-UID", $"{uid}", "-GID", $"{uid}", "-fullName", "A job", "-home", $"/Users/{name}", "-shell", "/bin/bash");

        Assert.Equal((0, ""), (result.ExitCode, result.Output));
        Assert.All(
            (string[])["No clear text password or interactive option was specified", "Creating user record…", $"Assigning UID: {uid} GID: {uid}", $"Home directory is assigned (not created!) at /Users/{name}"],
            text => Assert.Contains(text, result.Error, StringComparison.Ordinal));
        Assert.Equal($"{name}:*:{uid}:{uid}::/Users/{name}:/bin/bash", EmulatedCommands.HostUser(name));
        Assert.Contains("A job", (await mac.DsclAsync("-read", $"/Users/{name}", "RealName")).Output, StringComparison.Ordinal);
    }

    [Fact, Trait("certainty", "C"), Trait("row", "A2-A4")]
    public async Task Without_Full_Disk_Access_nothing_is_added_and_of_a_deleted_user_only_the_home_is_gone_though_the_code_is_0()
    {
        var (name, uid) = await mac.CreateUserAsync();
        var home = Directory.CreateDirectory($"{mac.Root}/Users/{name}").FullName;
        await mac.DsclAsync("-create", $"/Users/{name}", "NFSHomeDirectory", home);
        var other = EmulatedCommands.NewName();
        mac.Control.Inject(new FaultRule { Tool = "sysadminctl", TccDenied = true });
        try
        {
            var added = await mac.RunAsync(Tool, "-addUser", other, "-UID", $"{TestNumbers.Next()}");
            var deleted = await mac.RunAsync(Tool, "-deleteUser", name);

            Assert.Equal((0, 0), (added.ExitCode, deleted.ExitCode));
            Assert.Matches(@"### Error:-14120 File:.*DSRecord\.m Line:418\n$", added.Error);
            Assert.Matches(@"### Error:-14120 File:.*DSRecord\.m Line:563\n$", deleted.Error);
            Assert.Null(EmulatedCommands.HostUser(other));
            Assert.NotNull(EmulatedCommands.HostUser(name));
            Assert.False(Directory.Exists(home));
        }
        finally
        {
            mac.Control.Clear();
        }

        Assert.Equal(0, (await mac.RunAsync(Tool, "-deleteUser", name, "-keepHome")).ExitCode);
        Assert.Null(EmulatedCommands.HostUser(name));
        Assert.Contains("not found", (await mac.RunAsync(Tool, "-deleteUser", name)).Error, StringComparison.Ordinal);
    }

    [Fact, Trait("certainty", "C"), Trait("row", "A5")]
    public async Task It_is_for_root()
    {
        var result = await mac.RunAsUserAsync(TestNumbers.Next(), Tool, "-deleteUser", "mr-nobody");

        Assert.Equal(255, result.ExitCode);
        Assert.StartsWith("sysadminctl should be run as root", result.Error, StringComparison.Ordinal);
    }
}
