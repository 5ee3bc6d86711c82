using MacRunners.Platform;
using MacRunners.Settings;
using MacRunners.Teardown;
using MacRunners.Tests.Platform;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

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
        }
        finally
        {
            Scratch.Shell("umount \"$1\"", Path.Combine(_machine.TrashFolder, "mount"));
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
