using MacRunners.Tests.Platform;

namespace MacRunners.Tests.MacEmulator;

/// <summary>Making and removing a root.</summary>
[Collection(AccountsCollection.Name)]
public sealed class InstallTests(EmulatedCommands mac) : IClassFixture<EmulatedCommands>
{
    [Fact]
    public void The_temporary_folders_are_those_of_the_host()
    {
        var name = $"emulator-{Guid.NewGuid():N}";
        File.WriteAllText($"/tmp/{name}", "");
        try
        {
            Assert.True(File.Exists($"{mac.Root}/private/tmp/{name}"));
            Assert.Equal("private/tmp", new DirectoryInfo($"{mac.Root}/tmp").LinkTarget);
        }
        finally
        {
            File.Delete($"/tmp/{name}");
        }
    }

    [Fact]
    public async Task A_second_installation_at_the_same_place_is_refused() => Assert.Equal(1, (await mac.EmulatorAsync("install", mac.Root)).ExitCode);

    [Theory]
    [InlineData("relative/mac")]
    [InlineData("/mac")]
    [InlineData("/var/lib/../x")]
    [InlineData("/tmp/somewhere/mac")]
    public async Task A_place_that_others_could_tamper_with_is_refused(string path)
    {
        Assert.Equal(1, (await mac.EmulatorAsync("install", path)).ExitCode);
        Assert.False(Directory.Exists(path));
    }

    [Fact]
    public async Task What_is_not_a_root_is_not_removed()
    {
        var result = await mac.EmulatorAsync("uninstall", Path.GetDirectoryName(mac.Root)!);

        Assert.Equal(1, result.ExitCode);
        Assert.True(Directory.Exists(mac.Root));
    }

    [Fact]
    public async Task Removing_a_root_removes_its_accounts_and_links_but_neither_their_targets_nor_the_hosts_files()
    {
        var other = new EmulatedCommands();
        var kept = $"/tmp/emulator-{Guid.NewGuid():N}";
        var (name, _) = await other.CreateUserAsync();
        File.WriteAllText(kept, "");
        _ = File.CreateSymbolicLink($"{other.Root}/Users/link", "/tmp");
        _ = Directory.CreateDirectory($"{other.Root}/Users/{name}/deep/er");

        other.Dispose();

        Assert.True(File.Exists(kept));
        Assert.Null(EmulatedCommands.HostUser(name));
        Assert.False(Path.Exists(other.Root));
        File.Delete(kept);
    }
}
