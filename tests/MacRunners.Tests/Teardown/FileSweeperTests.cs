using MacRunners.Teardown;
using MacRunners.Telemetry;
using MacRunners.Tests.Platform;
using NSubstitute;

namespace MacRunners.Tests.Teardown;

public sealed class FileSweeperTests : IDisposable
{
    private const UnixFileMode Passable = (UnixFileMode)0b111_101_101;
    private const UnixFileMode Everybody = (UnixFileMode)0b111_111_111;
    private readonly TestMachine _machine = new();
    private readonly TeardownReport _report = new();
    private readonly uint _stranger = TestNumbers.Next();

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void The_home_is_moved_and_is_no_finding()
    {
        var account = _machine.MakeAccount();

        _machine.Sweeper.Sweep(account, _report);

        Assert.Empty(Directory.GetFileSystemEntries(_machine.Homes));
        Assert.Equal($"{account.HomeIdentity!.Inode}", Inode(Assert.Single(Directory.GetDirectories(_machine.TrashFolder))));
        Assert.Empty(_report.Found);
    }

    [Fact]
    public void A_home_that_was_never_recorded_is_moved_and_a_missing_one_is_no_error()
    {
        TestMachine.PlantFolder(_machine.Account.Home, _machine.Id);

        _machine.Sweeper.Sweep(_machine.Account, _report);
        _machine.Sweeper.Sweep(_machine.Account, _report);

        Assert.Empty(Directory.GetFileSystemEntries(_machine.Homes));
    }

    [Theory]
    [InlineData("mv \"$1\" \"$1.old\" && mkdir \"$1\"")]
    [InlineData("mv \"$1\" \"$1.old\" && ln -s \"$1.old\" \"$1\"")]
    public void Another_entry_in_the_place_of_the_home_is_left_untouched(string exchange)
    {
        var account = _machine.MakeAccount();
        Scratch.Shell(exchange, account.Home);
        var before = Inode(account.Home);

        var refused = Assert.Throws<ResidueException>(() => _machine.Sweeper.Sweep(account, _report));

        Assert.Equal(ResidueKind.Home, Assert.Single(refused.Residue).Kind);
        Assert.Equal(before, Inode(account.Home));
        Assert.Empty(Directory.GetFileSystemEntries(_machine.TrashFolder));
    }

    [Fact]
    public void Whatever_the_account_owns_in_a_shared_place_is_moved_and_nothing_else()
    {
        var shared = _machine.Shared;
        var open = TestMachine.PlantFolder(Path.Combine(shared, "open"), _stranger, Everybody);
        var deeper = TestMachine.PlantFolder(Path.Combine(open, "deeper"), 0, Everybody);
        var closed = TestMachine.PlantFolder(Path.Combine(shared, "closed"), _stranger);
        string[] foreign =
        [
            TestMachine.Plant(Path.Combine(shared, "roots"), 0),
            TestMachine.Plant(Path.Combine(shared, "strangers"), _stranger),
            TestMachine.Plant(Path.Combine(open, "strangers"), _stranger),
            TestMachine.Plant(Path.Combine(closed, "strangers"), _stranger),
        ];
        string[] own =
        [
            TestMachine.Plant(Path.Combine(shared, "file"), _machine.Id),
            TestMachine.PlantFolder(Path.Combine(shared, "folder"), _machine.Id),
            TestMachine.Plant(Path.Combine(open, "file"), _machine.Id),
            TestMachine.Plant(Path.Combine(deeper, "file"), _machine.Id),
        ];
        var lodger = TestMachine.Plant(Path.Combine(own[1], "of a stranger in the account's folder"), _stranger);
        var passable = TestMachine.PlantFolder(Path.Combine(shared, "passable"), 0, Passable);
        var behind = TestMachine.Plant(Path.Combine(TestMachine.PlantFolder(Path.Combine(passable, "open"), 0, Everybody), "file"), _machine.Id);
        Scratch.Shell("ln -s \"$2\" \"$1/link\" && chown -h \"$3\" \"$1/link\"", shared, foreign[0], $"{_machine.Id}");
        Scratch.Shell("ln -s \"$2\" \"$1/foreign-link\"", shared, closed);

        _machine.Sweeper.Sweep(_machine.Account, _report);

        Assert.All(foreign, path => Assert.Equal("planted", File.ReadAllText(path)));
        Assert.All([.. own, behind], path => Assert.False(Path.Exists(path), path));
        Assert.Equal(["closed", "foreign-link", "open", "passable", "roots", "strangers"], Directory.GetFileSystemEntries(shared).Select(Path.GetFileName).Order());
        Assert.Equal(
            [.. own.Append(Path.Combine(shared, "link")).Append(behind).Append($"{lodger}, which is user {_stranger}'s and lay in a folder of the job").Order()],
            _report.Found.Where(found => found.Kind == ResidueKind.File).Select(found => found.Detail).Order());
    }

    [Fact]
    public void Of_the_systems_folders_for_the_user_only_what_the_user_owns_is_moved()
    {
        Directory.CreateDirectory(_machine["folders"]);
        var own = TestMachine.PlantFolder(_machine["folders/own"], _machine.Id);
        var foreign = TestMachine.PlantFolder(_machine["folders/foreign"], _stranger);
        _machine.Platform.Domains.PrivateFolders(_machine.Id, null).Returns([own, foreign, _machine["folders/absent"], _machine["nothing/absent"]]);

        _machine.Sweeper.Sweep(_machine.Account, _report);

        Assert.False(Directory.Exists(own));
        Assert.True(Directory.Exists(foreign));
        Assert.Equal(own, Assert.Single(_report.Found).Detail);
    }

    [Fact]
    public void Nothing_of_a_number_outside_the_range_is_touched()
    {
        var account = _machine.MakeAccount() with { Id = _stranger };
        TestMachine.Plant(Path.Combine(_machine.Shared, "file"), _stranger);

        Assert.Throws<ResidueException>(() => _machine.Sweeper.Sweep(account, _report));

        Assert.True(Directory.Exists(account.Home));
        Assert.True(File.Exists(Path.Combine(_machine.Shared, "file")));
        Assert.Empty(Directory.GetFileSystemEntries(_machine.TrashFolder));
    }

    private static string Inode(string path) => Scratch.Shell("stat -c %i \"$1\"", path).Trim();
}
