using MacRunners.Health;
using MacRunners.Jobs.Journal;
using MacRunners.Settings;
using MacRunners.Teardown;
using MacRunners.Telemetry;
using MacRunners.Tests.Platform;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using NSubstitute;

namespace MacRunners.Tests.Teardown;

public sealed class DeepScanTests : IDisposable
{
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
        _scan = new DeepScan(
            _machine.Platform,
            _machine.Range,
            _machine.Journal,
            _machine.Trash,
            _dispatcher,
            new DaemonMetrics("0", "linux"),
            Options.Create(_options),
            Options.Create(new PathsOptions { State = _machine["state"] }),
            new Ticking(),
            NullLogger<DeepScan>.Instance);
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

        Assert.True(_scan.Run(Cancel));

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

        Assert.True(_scan.Run(Cancel));

        Assert.True(File.Exists(file));
    }

    [Fact]
    public void A_number_that_was_never_given_to_a_job_is_somebody_else_s()
    {
        using var fresh = new TestMachine();
        using var scan = new DeepScan(
            fresh.Platform, fresh.Range, fresh.Journal, fresh.Trash, _dispatcher, new DaemonMetrics("0", "linux"), Options.Create(_options), Options.Create(new PathsOptions { State = fresh["state"] }), new Ticking(), NullLogger<DeepScan>.Instance);
        var file = TestMachine.Plant(Path.Combine(fresh.Shared, "container"), fresh.Id);

        Assert.True(scan.Run(Cancel));

        Assert.True(File.Exists(file));
    }

    [Fact]
    public void Beside_somebody_else_s_files_it_is_only_reported()
    {
        var folder = TestMachine.PlantFolder(Path.Combine(_machine.Shared, "somebody"), TestNumbers.Next());
        var file = TestMachine.Plant(Path.Combine(folder, "left"), _machine.Id);

        Assert.True(_scan.Run(Cancel));

        Assert.True(File.Exists(file));
    }

    [Fact]
    public void It_stops_when_its_time_is_over_and_goes_on_where_it_stopped()
    {
        const int folders = 30;
        const int files = 50;
        for (var i = 0; i < folders; i++)
        {
            var folder = Directory.CreateDirectory(Path.Combine(_machine.Shared, $"folder-{i:00}")).FullName;
            for (var j = 0; j < files; j++)
            {
                File.WriteAllText(Path.Combine(folder, $"file-{j}"), "");
            }

            TestMachine.Plant(Path.Combine(folder, "left"), _machine.Id);
        }

        _options.DeepScanBudget = TimeSpan.FromMilliseconds(1);
        var looks = 1;
        var found = new List<int>();
        while (!_scan.Run(Cancel))
        {
            found.Add(Directory.EnumerateFileSystemEntries(_machine.TrashFolder).Count());
            Assert.InRange(++looks, 1, folders * files);
        }

        Assert.InRange(looks, 2, folders * files);
        Assert.Equal(found.Order(), found);
        Assert.Equal(folders, Directory.EnumerateFileSystemEntries(_machine.TrashFolder).Count());
    }

    /// <summary>A millisecond passes from look to look.</summary>
    private sealed class Ticking : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => _now++;
    }
}
