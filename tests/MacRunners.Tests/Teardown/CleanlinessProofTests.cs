using MacRunners.Platform;
using MacRunners.Platform.Linux;
using MacRunners.Teardown;
using MacRunners.Telemetry;
using MacRunners.Tests.Platform;
using NSubstitute;
using NSubstitute.ExceptionExtensions;

namespace MacRunners.Tests.Teardown;

public sealed class CleanlinessProofTests : IDisposable
{
    private readonly TestMachine _machine = new();

    public void Dispose()
    {
        JobProcess.KillAll(_machine.Id);
        _machine.Dispose();
    }

    [Fact]
    public async Task Nothing_is_found_where_nothing_is_left()
    {
        TestMachine.Plant(Path.Combine(_machine.Shared, "foreign"), TestNumbers.Next());
        _machine.Platform.Accounts.Entries.Add(new AccountEntry("bk-other", TestNumbers.Next(), null, null));

        Assert.Empty(await LookAsync());
    }

    [Fact]
    public async Task A_process_is_found()
    {
        using var process = JobProcess.Sleeping(_machine.Id);

        Assert.Equal(new Residue(ResidueKind.Process, $"pid {process.Id} (python3)"), Assert.Single(await LookAsync()));
    }

    [Fact]
    public async Task A_record_of_the_name_or_of_the_number_is_found()
    {
        _machine.Platform.Accounts.Entries.AddRange([new AccountEntry(_machine.Name, null, null, null), new AccountEntry("somebody", _machine.Id, null, null)]);

        Assert.Equal([new Residue(ResidueKind.Account, $"{_machine.Name} is listed"), new Residue(ResidueKind.Account, "somebody is listed")], await LookAsync());
    }

    [Theory]
    [InlineData("mkdir \"$1\"")]
    [InlineData("touch \"$1\"")]
    [InlineData("ln -s nowhere \"$1\"")]
    public async Task Whatever_stands_under_the_homes_name_is_found(string plant)
    {
        Scratch.Shell(plant, _machine.Account.Home);

        Assert.Equal(new Residue(ResidueKind.Home, _machine.Account.Home), Assert.Single(await LookAsync()));
    }

    [Fact]
    public async Task A_file_in_a_folder_that_others_opened_to_everybody_is_found()
    {
        var folder = TestMachine.PlantFolder(Path.Combine(_machine.Shared, "open"), 0, (UnixFileMode)0b111_111_111);
        var file = TestMachine.Plant(Path.Combine(folder, "file"), _machine.Id);

        Assert.Equal(new Residue(ResidueKind.File, file), Assert.Single(await LookAsync()));
        Assert.True(File.Exists(file));
    }

    [Fact]
    public async Task A_private_folder_of_the_system_is_found_even_as_a_dangling_link()
    {
        var folder = TestMachine.PlantFolder(_machine["private"], _machine.Id);
        File.CreateSymbolicLink(_machine["link"], "nowhere");
        _machine.Platform.Domains.PrivateFolders(_machine.Id, null).Returns([folder, _machine["link"], _machine["absent"]]);

        Assert.Equal([new Residue(ResidueKind.File, folder), new Residue(ResidueKind.File, _machine["link"])], await LookAsync());
    }

    [Fact]
    public async Task A_mount_is_found()
    {
        var mount = Path.Combine(_machine.Account.Home, "mount");
        Directory.CreateDirectory(mount);
        try
        {
            Scratch.Shell("mount -t tmpfs none \"$1\"", mount);

            Assert.Contains(new Residue(ResidueKind.Mount, mount), await LookAsync());
        }
        finally
        {
            Scratch.Shell("umount \"$1\"", mount);
        }
    }

    [Fact]
    public async Task What_services_keep_under_the_account_s_name_or_number_is_found()
    {
        var byName = TestMachine.Plant(_machine[$"services/{_machine.Name}"], 0);
        var byNumber = TestMachine.Plant(_machine[$"services/number.{_machine.Id}"], 0);
        TestMachine.Plant(_machine["services/other"], 0);

        Assert.Equal([new Residue(ResidueKind.Schedule, byName), new Residue(ResidueKind.Schedule, byNumber)], await LookAsync());
    }

    [Fact]
    public async Task An_object_in_the_kernel_is_found()
    {
        var id = KernelObjectsContract.Make(_machine.Id, "-M 64");
        try
        {
            Assert.Equal(new Residue(ResidueKind.Ipc, $"SharedMemory {id}"), Assert.Single(await LookAsync()));
        }
        finally
        {
            Scratch.Shell("ipcrm -m \"$1\"", id);
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("grant it")]
    public async Task What_may_not_be_looked_at_is_not_proven(string? remedy)
    {
        var (services, shared) = (_machine["services"], _machine.Shared);
        var withholding = Substitute.ForTypeForwardingTo<IFileCalls, LinuxFileCalls>();
        foreach (var folder in new[] { services, shared })
        {
            withholding.OpenDirectory(folder).Throws(new PosixException("open", folder, PosixError.NotPermitted, 1));
        }

        _machine.Platform.Files = withholding;
        _machine.Platform.WithheldRemedy = remedy;
        var unproven = new List<string>();

        var left = await _machine.Proof.LookAsync(_machine.Account, () => Task.CompletedTask, unproven.Add, TestContext.Current.CancellationToken);

        string[] places = [$"{services}/{_machine.Name}", $"{services}/number.{_machine.Id}", shared];
        var said = remedy is null ? left.Select(residue => residue.Detail).ToList() : unproven;
        Assert.Equal(places.Length, left.Count + unproven.Count);
        Assert.All(places.Zip(said), pair => Assert.StartsWith($"{pair.First} could not be looked at", pair.Second, StringComparison.Ordinal));
        Assert.All(unproven, what => Assert.EndsWith("; grant it", what, StringComparison.Ordinal));
    }

    private Task<IReadOnlyList<Residue>> LookAsync() => _machine.Proof.LookAsync(_machine.Account, TestContext.Current.CancellationToken);
}
