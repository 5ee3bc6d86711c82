using MacRunners.Health;
using MacRunners.Jobs.Journal;
using MacRunners.Settings;
using MacRunners.Teardown;
using MacRunners.Telemetry;
using MacRunners.Tests.Platform;
using NSubstitute;

namespace MacRunners.Tests.Teardown;

public sealed class DeepScanTests : IDisposable
{
    private const int Folders = 30;
    private const int FilesInEach = 50;

    // Each folder, its files, and the job's among them.
    private const int Entries = Folders * (FilesInEach + 2);

    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;
    private readonly TestMachine _machine = new();
    private readonly IDispatcherStatus _dispatcher = Substitute.For<IDispatcherStatus>();
    private readonly TeardownOptions _options = new();
    private readonly DeepScan _scan;

    public DeepScanTests()
    {
        _dispatcher.RunningJobs.Returns([]);

        // The number was given to a job that has ended.
        var job = Guid.NewGuid();
        _machine.Journal.Append(at => new JobReserved(at, job));
        _machine.Journal.Append(at => new AccountCreating(at, job, _machine.Name, _machine.Id, _machine.Id, _machine.Account.Home));
        _machine.Journal.Append(at => new NumberTaken(at, job));
        _scan = _machine.DeepScan(_dispatcher, _options, new Ticking());
    }

    public void Dispose()
    {
        _scan.Dispose();
        _machine.Dispose();
    }

    [Fact]
    public void A_job_s_file_is_found_wherever_it_lies_and_nobody_else_s_is_touched()
    {
        var deep = Path.Combine(_machine.Shared, "opt/vendor/cache");
        Directory.CreateDirectory(deep);
        var file = TestMachine.Plant(Path.Combine(deep, "left"), _machine.Id);
        var folder = TestMachine.PlantFolder(Path.Combine(_machine.Shared, "opt/left"), _machine.Id);
        var foreign = TestMachine.Plant(Path.Combine(deep, "foreign"), TestNumbers.Next());
        File.CreateSymbolicLink(Path.Combine(deep, "link"), "/etc");

        Assert.Equal(DeepScanEnd.Whole, _scan.Run(Cancel));

        Assert.False(File.Exists(file));
        Assert.False(Directory.Exists(folder));
        Assert.True(File.Exists(foreign));
        Assert.Equal(2, Directory.EnumerateFileSystemEntries(_machine.TrashFolder).Count());
    }

    [Fact]
    public void The_files_of_a_job_that_is_here_are_its_own()
    {
        var account = _machine.MakeAccount();
        _machine.JournalAccount(Guid.NewGuid(), account);
        var file = TestMachine.Plant(Path.Combine(_machine.Shared, "used"), _machine.Id);

        Assert.Equal(DeepScanEnd.Whole, _scan.Run(Cancel));

        Assert.True(File.Exists(file));
    }

    [Fact]
    public void A_number_that_was_never_given_to_a_job_is_somebody_else_s()
    {
        using var fresh = new TestMachine();
        using var scan = fresh.DeepScan(_dispatcher, _options, new Ticking());
        var file = TestMachine.Plant(Path.Combine(fresh.Shared, "container"), fresh.Id);

        Assert.Equal(DeepScanEnd.Whole, scan.Run(Cancel));

        Assert.True(File.Exists(file));
    }

    [Fact]
    public void Beside_somebody_else_s_files_it_is_only_reported()
    {
        var folder = TestMachine.PlantFolder(Path.Combine(_machine.Shared, "somebody"), TestNumbers.Next());
        var file = TestMachine.Plant(Path.Combine(folder, "left"), _machine.Id);

        Assert.Equal(DeepScanEnd.Whole, _scan.Run(Cancel));

        Assert.True(File.Exists(file));
    }

    [Fact]
    public void It_stops_when_its_time_is_over_and_goes_on_where_it_stopped()
    {
        PlantInManyFolders();
        _options.DeepScanBudget = TimeSpan.FromMilliseconds(1);

        var looks = UntilWhole(DeepScanEnd.OutOfTime);

        // A look every 200 entries, each 1 ms on: the third one of each run ends it.
        Assert.Equal(Entries / 400, looks);
        Assert.Equal(Folders, Directory.EnumerateFileSystemEntries(_machine.TrashFolder).Count());
    }

    [Fact]
    public void It_stops_when_a_job_comes_and_goes_on_where_it_stopped()
    {
        PlantInManyFolders();
        _dispatcher.RunningJobs.Returns([new RunningJob(Guid.NewGuid(), JobPhase.Run, default, default)]);

        var looks = UntilWhole(DeepScanEnd.JobCame);

        Assert.Equal(Entries / 200, looks);
        Assert.Equal(Folders, Directory.EnumerateFileSystemEntries(_machine.TrashFolder).Count());
    }

    private int UntilWhole(DeepScanEnd before)
    {
        var looks = 0;
        for (var end = _scan.Run(Cancel); end != DeepScanEnd.Whole; end = _scan.Run(Cancel))
        {
            Assert.Equal(before, end);
            Assert.InRange(++looks, 1, Entries);
        }

        return looks;
    }

    private void PlantInManyFolders()
    {
        for (var i = 0; i < Folders; i++)
        {
            var folder = Directory.CreateDirectory(Path.Combine(_machine.Shared, $"folder-{i:00}")).FullName;
            for (var j = 0; j < FilesInEach; j++)
            {
                File.WriteAllText(Path.Combine(folder, $"file-{j}"), "");
            }

            TestMachine.Plant(Path.Combine(folder, "left"), _machine.Id);
        }
    }

    /// <summary>A millisecond passes from look to look.</summary>
    private sealed class Ticking : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => _now++;
    }
}
