using MacRunners.Jobs;
using MacRunners.Jobs.Journal;
using MacRunners.Platform.Linux;
using MacRunners.Tests.Platform;
using Microsoft.Extensions.Logging.Abstractions;

namespace MacRunners.Tests.Jobs.Journal;

/// <summary>The journal on a file system of its own that really is full.</summary>
public sealed class FullDiskTests : IDisposable
{
    private readonly SmallDisk _disk = new();

    public void Dispose() => _disk.Dispose();

    private string Folder => _disk.Folder;

    private string ReservePath => Path.Combine(Folder, "journal.reserve");

    [Fact]
    public void The_reserve_is_given_up_and_the_journal_goes_on()
    {
        var job = Guid.NewGuid();
        using (var journal = Open())
        {
            Assert.True(journal.HasReserve);
            journal.Append(at => new JobReserved(at, job));
            _disk.Fill();

            // More than fits into the last block of the file.
            for (var i = 0; i < 100; i++)
            {
                journal.Append(at => new StepStarting(at, job, JobStage.ProcessesGone));
            }

            Assert.False(journal.HasReserve);
            Assert.False(journal.TryMakeReserve());
            journal.Append(at => new StepDone(at, job, JobStage.Clean));
        }

        using var again = Open();
        Assert.Equal(JobStage.Clean, Assert.Single(again.OpenJobs()).Stage);
    }

    [Fact]
    public void With_room_again_the_reserve_is_made_again()
    {
        using var journal = Open();
        _disk.Fill();
        for (var i = 0; journal.HasReserve; i++)
        {
            Assert.InRange(i, 0, 1000);
            journal.Append(at => new MachineClean(at));
        }

        _disk.Empty();

        Assert.True(journal.TryMakeReserve());
        Assert.True(journal.HasReserve);
        Assert.Equal(JournalReserve.Size, new FileInfo(ReservePath).Length);
    }

    [Fact]
    public void A_line_that_does_not_fit_at_all_is_refused_and_leaves_nothing_torn()
    {
        using (var journal = Open())
        {
            _disk.Fill();
            _ = Assert.Throws<IOException>(() =>
            {
                for (var i = 0; i < 100; i++)
                {
                    journal.Append(at => new MachineDirty(at, null, new string('x', 100_000)));
                }
            });

            // What is small may still fit.
            journal.Append(at => new MachineClean(at));
        }

        var lines = File.ReadAllLines(Path.Combine(Folder, "journal.jsonl"));
        Assert.All(lines, line => Assert.True(JournalLine.TryRead(line, out _)));
        Assert.Contains("machineClean", lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_start_on_a_full_disk_succeeds_by_the_reserve_of_the_last_run()
    {
        var job = Guid.NewGuid();
        using (var journal = Open())
        {
            journal.Append(at => new JobReserved(at, job));
        }

        _disk.Fill();
        using var again = Open();

        Assert.Equal(job, Assert.Single(again.OpenJobs()).Job);
        for (var i = 0; i < 100; i++)
        {
            again.Append(at => new StepStarting(at, job, JobStage.ProcessesGone));
        }

        Assert.False(again.HasReserve);
    }

    [Fact]
    public void A_start_without_reserve_makes_room_before_it_gives_up()
    {
        _disk.Fill();
        var asked = 0;

        using var journal = Open(() =>
        {
            asked++;
            _disk.Empty();
        });

        Assert.Equal(1, asked);
        journal.Append(at => new MachineClean(at));
    }

    [Fact]
    public void A_start_that_finds_no_room_leaves_the_journal_as_it_was()
    {
        var job = Guid.NewGuid();
        using (var journal = Open())
        {
            journal.Append(at => new JobReserved(at, job));
        }

        File.Delete(ReservePath);
        _disk.Fill();
        _ = Assert.Throws<IOException>(() => Open(() => { }));

        Assert.False(File.Exists(Path.Combine(Folder, "journal.jsonl.next")));
        _disk.Empty();
        using var again = Open();
        Assert.Equal(job, Assert.Single(again.OpenJobs()).Job);
    }

    [Fact]
    public void Without_a_free_inode_the_journal_goes_on()
    {
        using var few = new SmallDisk("size=16m,nr_inodes=64");
        using var journal = Open(few.Folder);
        for (var i = 0; i < 64; i++)
        {
            try
            {
                using var file = File.Create(Path.Combine(few.Folder, $"inode-{i}"));
            }
            catch (IOException)
            {
                break;
            }
        }

        journal.Append(at => new MachineClean(at));

        Assert.True(journal.HasReserve);
    }

    private JournalFile Open(Action? makeRoom = null) => Open(Folder, makeRoom);

    private static JournalFile Open(string folder, Action? makeRoom = null) => JournalFile.Open(
        folder, "boot", "test", 799999, new LinuxFileCalls(), TimeProvider.System, NullLogger<JournalFile>.Instance, makeRoom: makeRoom);
}
