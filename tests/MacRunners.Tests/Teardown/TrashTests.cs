using MacRunners.Health;
using MacRunners.Health.Checks;
using MacRunners.Platform;
using MacRunners.Settings;
using MacRunners.Teardown;
using MacRunners.Telemetry;
using MacRunners.Tests.Platform;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace MacRunners.Tests.Teardown;

public sealed class TrashTests : IDisposable
{
    private readonly TestMachine _machine = new();
    private readonly Scratch _elsewhere = new("/dev/shm");

    public void Dispose()
    {
        _machine.Dispose();
        _elsewhere.Dispose();
    }

    [Fact]
    public async Task A_tree_is_renamed_as_it_is_and_the_emptier_is_woken_once_that_is_told()
    {
        var folder = TestMachine.PlantFolder(Path.Combine(_machine.Shared, "tree"), _machine.Id);
        TestMachine.Plant(Path.Combine(folder, "file"), _machine.Id);
        var inode = Inode(folder);
        var announced = _machine.Trash.WaitUntilAnnouncedAsync(TestContext.Current.CancellationToken);

        Take(_machine.Shared, "tree");

        Assert.Empty(Directory.GetFileSystemEntries(_machine.Shared));
        Assert.Equal(inode, Inode(Assert.Single(Directory.GetDirectories(_machine.TrashFolder))));
        Assert.False(announced.IsCompleted);
        _machine.Trash.Announce();
        Assert.True(await announced);
        Empty();
        Assert.Empty(Directory.GetFileSystemEntries(_machine.TrashFolder));
    }

    [Fact]
    public void A_link_goes_itself()
    {
        var target = TestMachine.PlantFolder(_machine["target"], 0);
        File.CreateSymbolicLink(Path.Combine(_machine.Shared, "link"), target);

        Take(_machine.Shared, "link");
        Empty();

        Assert.Empty(Directory.GetFileSystemEntries(_machine.Shared));
        Assert.True(Directory.Exists(target));
    }

    [Theory]
    [InlineData("i")]
    [InlineData("a")]
    public void Flags_do_not_keep_an_entry(string flag)
    {
        TestMachine.PlantFolder(Path.Combine(_machine.Shared, "folder"), _machine.Id);
        TestMachine.Plant(Path.Combine(_machine.Shared, "file"), _machine.Id);
        Scratch.Shell("chattr +\"$1\" \"$2/folder\" \"$2/file\"", flag, _machine.Shared);

        Take(_machine.Shared, "folder");
        Take(_machine.Shared, "file");

        Assert.Empty(Directory.GetFileSystemEntries(_machine.Shared));
        Assert.Equal(2, Directory.GetFileSystemEntries(_machine.TrashFolder).Length);
    }

    [Fact]
    public void A_place_on_another_file_system_gets_a_trash_of_its_own_which_goes_when_it_is_empty()
    {
        TestMachine.Plant(_elsewhere["one"], _machine.Id);
        TestMachine.Plant(Path.Combine(TestMachine.PlantFolder(_elsewhere["two"], _machine.Id), "inner"), _machine.Id);

        Take(_elsewhere.Folder, "one");
        Take(_elsewhere.Folder, "two");

        var local = Assert.Single(Directory.GetFileSystemEntries(_elsewhere.Folder));
        Assert.Equal("0 700", Scratch.Shell("stat -c '%u %a' \"$1\"", local).Trim());
        Assert.Equal(2, Directory.GetFileSystemEntries(local).Length);
        Assert.Empty(Directory.GetFileSystemEntries(_machine.TrashFolder));
        Empty();
        Assert.Empty(Directory.GetFileSystemEntries(_elsewhere.Folder));
    }

    [Fact]
    public void Homes_on_a_volume_of_their_own_get_a_trash_there_which_the_next_daemon_empties_too()
    {
        Scratch.Shell("mount -t tmpfs none \"$1\"", _machine.Homes);
        try
        {
            _machine.Sweeper.Sweep(_machine.MakeAccount(), new TeardownReport());
            Assert.Single(Directory.GetFileSystemEntries(_machine.Homes));

            var next = new Trash(_machine.Platform.Files, Options.Create(new PathsOptions { State = _machine["state"] }), NullLogger<Trash>.Instance);
            next.Empty(_machine.Places.OfTrash, TestContext.Current.CancellationToken);

            Assert.Empty(Directory.GetFileSystemEntries(_machine.Homes));
        }
        finally
        {
            Scratch.Shell("umount \"$1\"", _machine.Homes);
        }
    }

    [Fact]
    public void A_trash_that_a_job_made_in_advance_is_not_used()
    {
        var planted = TestMachine.PlantFolder(_elsewhere[".macrunners-trash-x"], _machine.Id, (UnixFileMode)0b111_111_111);
        File.CreateSymbolicLink(_elsewhere[".macrunners-trash-y"], planted);
        TestMachine.Plant(_elsewhere["file"], _machine.Id);

        Take(_elsewhere.Folder, "file");

        Assert.Empty(Directory.GetFileSystemEntries(planted));
        Assert.Equal(3, Directory.GetFileSystemEntries(_elsewhere.Folder).Length);
        Empty();
        Assert.Equal([planted, _elsewhere[".macrunners-trash-y"]], Directory.GetFileSystemEntries(_elsewhere.Folder).Order());
    }

    [Fact]
    public void A_missing_place_and_an_entry_that_resists_do_not_stop_the_emptying()
    {
        Directory.CreateDirectory(Path.Combine(_machine.TrashFolder, "mount"));
        Directory.CreateDirectory(Path.Combine(_machine.TrashFolder, "other"));
        try
        {
            Scratch.Shell("mount -t tmpfs none \"$1\"", Path.Combine(_machine.TrashFolder, "mount"));

            _machine.Trash.Empty([_machine["missing"], _elsewhere.Folder], TestContext.Current.CancellationToken);

            Assert.Equal("mount", Path.GetFileName(Assert.Single(Directory.GetDirectories(_machine.TrashFolder))));
            Assert.Equal(1, _machine.Trash.Stuck.Count);
            Assert.Contains("a mount point", _machine.Trash.Stuck.Named, StringComparison.Ordinal);
        }
        finally
        {
            Scratch.Shell("umount \"$1\"", Path.Combine(_machine.TrashFolder, "mount"));
        }

        Empty();
        Assert.Equal(0, _machine.Trash.Stuck.Count);
    }

    [Fact]
    public async Task What_resists_again_and_again_makes_the_machine_dirty_until_it_is_proven_gone()
    {
        var cancel = TestContext.Current.CancellationToken;
        var time = new FakeTimeProvider();
        var metrics = new DaemonMetrics("0", "linux");
        var mount = Path.Combine(_machine.TrashFolder, "mount");
        Directory.CreateDirectory(mount);
        using var emptier = new TrashEmptier(_machine.Platform, _machine.Trash, _machine.Places, _machine.Dirty, metrics, time, NullLogger<TrashEmptier>.Instance);
        try
        {
            Scratch.Shell("mount -t tmpfs none \"$1\"", mount);
            await emptier.StartAsync(cancel);

            // What comes in meanwhile is emptied at once, and spends no attempt.
            for (var job = 0; job < 2 * TrashEmptier.MostAttempts; job++)
            {
                var emptied = Directory.CreateDirectory(Path.Combine(_machine.TrashFolder, $"job-{job}")).FullName;
                _machine.Trash.Announce();
                await UntilAsync(() => !Directory.Exists(emptied));
            }

            Assert.False(_machine.Dirty.IsDirty);
            Assert.Contains("macrunners_trash_stuck_entries 1\n", await TextAsync(metrics), StringComparison.Ordinal);
            var pauses = 0;
            await UntilAsync(() =>
            {
                time.Advance(TrashEmptier.PauseAfterFailure);
                pauses++;
                return _machine.Dirty.IsDirty;
            });
            Assert.InRange(pauses, TrashEmptier.MostAttempts - 1, int.MaxValue);
            Assert.Contains("a mount point", _machine.Dirty.Reason, StringComparison.Ordinal);
            Assert.Contains(StuckTrash.Remedy, _machine.Dirty.Reason, StringComparison.Ordinal);

            _ = await _machine.Recovery().RunAsync(cancel);
            Assert.Contains("1 entries of the trash cannot be removed", _machine.Dirty.Reason, StringComparison.Ordinal);
        }
        finally
        {
            await emptier.StopAsync(CancellationToken.None);
            Scratch.Shell("umount \"$1\"", mount);
        }

        _ = await _machine.Recovery().RunAsync(cancel);
        Assert.False(_machine.Dirty.IsDirty);
        Assert.Empty(Directory.GetFileSystemEntries(_machine.TrashFolder));
    }

    [Fact]
    public async Task A_trash_that_fills_faster_than_it_is_emptied_is_told_and_so_is_one_in_which_something_resists()
    {
        var backlog = new TrashBacklog(_machine.Trash, Options.Create(new TeardownOptions { MaxTrashEntries = 2 }));
        var unlimited = new TrashBacklog(_machine.Trash, Options.Create(new TeardownOptions { MaxTrashEntries = 0 }));
        var mount = Directory.CreateDirectory(Path.Combine(_machine.TrashFolder, "mount")).FullName;
        Directory.CreateDirectory(Path.Combine(_machine.TrashFolder, "second"));
        Assert.Equal(HealthStatus.Healthy, await StatusAsync(backlog));

        Directory.CreateDirectory(Path.Combine(_machine.TrashFolder, "third"));
        Assert.Equal(HealthStatus.Unhealthy, await StatusAsync(backlog));
        Assert.Equal(HealthStatus.Healthy, await StatusAsync(unlimited));
        Assert.Contains("more than 2 entries (Teardown:MaxTrashEntries)", backlog.Look().Detail, StringComparison.Ordinal);
        try
        {
            Scratch.Shell("mount -t tmpfs none \"$1\"", mount);
            Empty();
            Assert.Equal(HealthStatus.Degraded, await StatusAsync(backlog));
        }
        finally
        {
            Scratch.Shell("umount \"$1\"", mount);
        }

        Directory.Move(_machine.TrashFolder, _machine["away"]);
        Assert.Equal(HealthStatus.Unhealthy, await StatusAsync(unlimited));
        Directory.Move(_machine["away"], _machine.TrashFolder);

        static async Task<HealthStatus> StatusAsync(TrashBacklog backlog) =>
            (await new TrashCheck(backlog).CheckHealthAsync(new HealthCheckContext(), TestContext.Current.CancellationToken)).Status;
    }

    [Fact]
    public void Before_the_first_start_has_made_it_nothing_waits_in_it()
    {
        using var scratch = new Scratch();
        var trash = new Trash(_machine.Platform.Files, Options.Create(new PathsOptions { State = scratch.Folder }), NullLogger<Trash>.Instance);
        Assert.False(new TrashBacklog(trash, Options.Create(new TeardownOptions())).Look().IsTooMuch);

        trash.Prepare();
        Directory.Delete(Path.Combine(scratch.Folder, Trash.FolderName));
        Assert.True(new TrashBacklog(trash, Options.Create(new TeardownOptions())).Look().IsTooMuch);
    }

    private static async Task<string> TextAsync(DaemonMetrics metrics)
    {
        using var text = new MemoryStream();
        await metrics.Registry.CollectAndExportAsTextAsync(text, TestContext.Current.CancellationToken);
        return System.Text.Encoding.UTF8.GetString(text.ToArray());
    }

    private static async Task UntilAsync(Func<bool> holds)
    {
        for (var attempt = 0; !holds(); attempt++)
        {
            Assert.InRange(attempt, 0, 200);
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    private static string Inode(string path) => Scratch.Shell("stat -c %i \"$1\"", path);

    private void Take(string place, FileName name)
    {
        using var parent = _machine.Platform.Files.OpenDirectory(place);
        _machine.Trash.Take(place, parent, name);
    }

    private void Empty() => _machine.Trash.Empty([_elsewhere.Folder], TestContext.Current.CancellationToken);
}
