using MacRunners.Accounts;
using MacRunners.Jobs;
using MacRunners.Jobs.Journal;
using MacRunners.Platform;
using MacRunners.Settings;
using MacRunners.Teardown;
using MacRunners.Telemetry;
using MacRunners.Tests.Jobs;
using MacRunners.Tests.Platform;
using MacRunners.Tests.Teardown;

namespace MacRunners.Tests.Accounts;

/// <summary>Homes that are volumes, from the account to the proof.</summary>
public sealed class HomeVolumeTests : IAsyncDisposable
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;
    private readonly JobMachine _machine = new(home: HomeKind.Volume);
    private readonly MountedVolumes _volumes = new();
    private readonly JobLife _life = new(Guid.NewGuid());

    public HomeVolumeTests() => _machine.Platform.HomeVolumes = _volumes;

    public async ValueTask DisposeAsync()
    {
        _volumes.Dispose();
        await _machine.DisposeAsync();
    }

    private string Home => Path.Combine(_machine["homes"], _machine.Accounts.NameFor(_life.Job));

    [Fact]
    public async Task A_home_is_a_volume_that_belongs_to_the_account_alone_and_goes_with_all_that_is_in_it()
    {
        await CreateAsync();
        var account = _life.Account!;

        Assert.Equal([Home], Mounts());
        Assert.Equal($"700 {account.Id} {account.Id}", Status(Home));
        Assert.All(JobHome.FoldersIn(Home), folder => Assert.Equal($"700 {account.Id} {account.Id}", Status(folder)));
        var volume = Assert.Single(_volumes.Present);
        Assert.Equal((account.Name, volume.Id), (volume.Name, account.VolumeId));
        TestMachine.Plant(Path.Combine(Home, "file"), account.Id);

        var report = await TearDownAsync();

        Assert.True(report.IsClean);
        Assert.Empty(report.Found);
        Assert.Empty(Mounts());
        Assert.Empty(_volumes.Present);
        Assert.False(Path.Exists(Home));
    }

    [Fact]
    public async Task The_journal_knows_of_the_volume_before_it_is_made_and_which_it_is_afterwards()
    {
        _volumes.Mounted = _ => Assert.True(Assert.Single(_machine.Journal.OpenJobs()).Account!.OnVolume);

        await CreateAsync();

        Assert.Equal(_volumes.Present[0].Id, Assert.Single(_machine.Journal.OpenJobs()).Account!.VolumeId);
    }

    [Fact]
    public async Task Mounts_of_others_in_the_home_and_over_it_are_unmounted_first_and_told()
    {
        await CreateAsync();
        var inside = Path.Combine(Home, "inside");
        Scratch.Shell("mount -t tmpfs none \"$1\"; mkdir \"$2\"; mount -t tmpfs none \"$2\"", Home, inside);

        var report = await TearDownAsync();

        Assert.True(report.IsClean);
        Assert.Equal([new Residue(ResidueKind.Mount, inside), new Residue(ResidueKind.Mount, Home)], report.Found);
        Assert.Empty(Mounts());
    }

    [Fact]
    public async Task A_volume_that_the_job_has_given_another_name_is_found_by_what_was_recorded()
    {
        await CreateAsync();
        _volumes.Present[0] = _volumes.Present[0] with { Name = "mine" };

        Assert.True((await TearDownAsync()).IsClean);

        Assert.Empty(_volumes.Present);
    }

    [Fact]
    public async Task A_volume_that_stays_makes_the_machine_dirty_and_goes_by_the_next_attempt()
    {
        await CreateAsync();
        _volumes.Busy = "volume disk3s7 is in use by process 7";

        var report = await TearDownAsync();

        Assert.False(report.IsClean);
        Assert.Contains(new Residue(ResidueKind.Home, _volumes.Busy), report.Remaining);
        Assert.Contains(new Residue(ResidueKind.Home, $"volume {_life.Account!.Name}"), report.Remaining);
        Assert.Contains(_volumes.Busy, _machine.Get<DirtyState>().Reason);

        _volumes.Busy = null;
        await RecoverAsync();

        Assert.False(_machine.Get<DirtyState>().IsDirty);
        Assert.Empty(_machine.Leftovers());
    }

    [Fact]
    public async Task What_was_made_of_a_home_whose_volume_is_refused_goes()
    {
        _volumes.Refusal = "the container is full";

        Assert.Contains("is full", (await Assert.ThrowsAsync<ToolException>(CreateAsync)).Message);

        Assert.True((await TearDownAsync()).IsClean);
        Assert.Empty(_volumes.Present);
        Assert.Empty(_machine.Leftovers());
    }

    [Fact]
    public async Task A_volume_that_is_not_mounted_is_no_home()
    {
        _volumes.AreMounted = false;

        Assert.Contains("is no volume", (await Assert.ThrowsAsync<PosixException>(CreateAsync)).Message);

        Assert.True((await TearDownAsync()).IsClean);
        Assert.Empty(_machine.Leftovers());
    }

    [Fact]
    public async Task A_new_volume_in_which_another_account_has_put_something_is_no_home()
    {
        _volumes.Mounted = point =>
        {
            TestMachine.Plant(Path.Combine(point, "of-the-system"), 0);
            TestMachine.Plant(Path.Combine(point, ".profile"), TestNumbers.Next());
        };

        Assert.Contains(".profile of user", (await Assert.ThrowsAsync<PosixException>(CreateAsync)).Message);

        Assert.True((await TearDownAsync()).IsClean);
        Assert.Empty(_volumes.Present);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_a_crash_leaves_in_the_middle_of_its_making_goes_whatever_the_configuration_is_by_then(bool isStillVolumes)
    {
        var (name, id) = (_machine.Accounts.NameFor(_life.Job), _machine.Get<AccountRange>().First);
        _machine.Journal.Append(at => new AccountCreating(at, _life.Job, name, id, id, Home, OnVolume: true));
        _machine.Accounts.Entries.Add(new AccountEntry(name, id, Home, null));
        JobHome.CreateMountPoint(_machine.Platform.Files, _machine["homes"], name, id);
        await _volumes.CreateAsync(_machine["homes"], name, 0, Cancel);
        _machine.Reconfigure(isStillVolumes ? HomeKind.Volume : HomeKind.Folder);

        await RecoverAsync();

        Assert.Empty(_volumes.Present);
        Assert.Empty(_machine.Leftovers());
        Assert.False(_machine.Get<DirtyState>().IsDirty);
    }

    [Fact]
    public async Task A_volume_of_which_nobody_knows_any_more_goes_with_the_folder_below_it()
    {
        var name = await MakeOrphanAsync();
        var other = _machine.Accounts.NameFor(Guid.NewGuid());
        Directory.CreateDirectory(Path.Combine(_machine["homes"], other));
        await _volumes.CreateAsync(_machine["homes"], other, 0, Cancel);
        _machine.Accounts.Entries.Add(new AccountEntry(other, 1, "/nowhere", null));

        await RecoverAsync();

        Assert.False(Path.Exists(Path.Combine(_machine["homes"], name)));

        // Its account has the number of another daemon.
        Assert.Equal(other, Assert.Single(_volumes.Present).Name);
    }

    [Fact]
    public async Task A_volume_of_nobody_that_stays_makes_the_machine_dirty()
    {
        await MakeOrphanAsync();
        _volumes.Busy = "in use by process 7";

        await RecoverAsync();

        Assert.Contains("in use by process 7", _machine.Get<DirtyState>().Reason);
        _volumes.Busy = null;
        await RecoverAsync();
        Assert.False(_machine.Get<DirtyState>().IsDirty);
        Assert.Empty(_machine.Leftovers());
    }

    [Fact]
    public async Task Homes_that_are_folders_need_no_volumes()
    {
        _machine.Reconfigure(HomeKind.Folder);
        _volumes.Refusal = _volumes.Busy = "not asked for";

        await CreateAsync();
        Assert.True((await TearDownAsync()).IsClean);
        await RecoverAsync();

        Assert.Empty(_volumes.Present);
        Assert.False(_machine.Get<DirtyState>().IsDirty);
    }

    private async Task<string> MakeOrphanAsync()
    {
        var name = _machine.Accounts.NameFor(Guid.NewGuid());
        JobHome.CreateMountPoint(_machine.Platform.Files, _machine["homes"], name, _machine.Get<AccountRange>().First);
        await _volumes.CreateAsync(_machine["homes"], name, 0, Cancel);
        JobHome.MoveIn(_machine.Platform.Files, _machine["homes"], name, _machine.Get<AccountRange>().First);
        return name;
    }

    private Task CreateAsync() => _machine.Get<JobAccounts>().CreateAsync(_life, Cancel);

    private Task<TeardownReport> TearDownAsync() => _machine.Get<JobTeardown>().RunAsync(_life, _ => { }, Cancel);

    private async Task RecoverAsync()
    {
        _ = await _machine.Get<OrphanRecovery>().RunAsync(Cancel);
        _machine.Get<Trash>().Empty(_machine.Get<SharedPlaces>().OfTrash, Cancel);
    }

    private IReadOnlyList<string> Mounts() => [.. _machine.Platform.Files.MountsBelow(_machine["homes"]).Select(mount => mount.Point)];

    private static string Status(string path) => Scratch.Shell("stat -c '%a %u %g' \"$1\"", path).Trim();
}
