using MacRunners.Accounts;
using MacRunners.Agent;
using MacRunners.Jobs;
using MacRunners.Jobs.Journal;
using MacRunners.Platform;
using MacRunners.Platform.Linux;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace MacRunners.Tests.Jobs.Journal;

public sealed class JournalFileTests : IDisposable
{
    private static readonly Guid Job = Guid.Parse("0190f5a4-1111-4222-8333-444455556666");
    private static readonly Guid Other = Guid.Parse("0190f5a4-1111-4222-8333-444455557777");

    private readonly string _folder = Directory.CreateTempSubdirectory("journal-test-").FullName;
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 5, 1, 12, 0, 0, TimeSpan.Zero));

    private string JournalPath => Path.Combine(_folder, "journal.jsonl");

    public void Dispose()
    {
        foreach (var file in Directory.EnumerateFiles(_folder))
        {
            File.Delete(file);
        }

        Directory.Delete(_folder);
    }

    [Fact]
    public void What_was_appended_is_known_after_a_crash()
    {
        using (var journal = Open())
        {
            WriteUntilAgentStarted(journal, Job, 700001);
        }

        using var again = Open();

        var life = Assert.Single(again.OpenJobs());
        Assert.Equal(Job, life.Job);
        Assert.Equal(JobStage.AgentStarted, life.Stage);
        Assert.Equal(new JobAccount("bk-x", 700001, "/homes/bk-x", null, new HomeIdentity(1, 2)), life.Account);
        Assert.Equal(new AgentRun(new ProcessIdentity(4711, 99), 1234), life.Agent);
    }

    [Fact]
    public void It_can_be_looked_into_by_others_who_change_and_hold_nothing()
    {
        Assert.Empty(JournalFile.Peek(_folder).Content.OpenJobs);
        Assert.False(JournalFile.IsHeld(_folder));
        using (var journal = Open())
        {
            WriteUntilAgentStarted(journal, Job, 700001);
            var before = File.ReadAllBytes(JournalPath);

            Assert.Equal(Job, Assert.Single(JournalFile.Peek(_folder).Content.OpenJobs).Job);
            Assert.Equal(700002u, JournalFile.Peek(_folder).Content.NextUid);
            Assert.True(JournalFile.IsHeld(_folder));
            Assert.Equal(before, File.ReadAllBytes(JournalPath));
            journal.Append(at => new StepDone(at, Job, JobStage.Dirty));
        }

        Assert.False(JournalFile.IsHeld(_folder));
        File.AppendAllText(JournalPath, "torn");
        var (content, damaged) = JournalFile.Peek(_folder);
        Assert.Equal((JobStage.Dirty, 1), (Assert.Single(content.OpenJobs).Stage, damaged));

        // The look did not take the lock along.
        using var again = Open();
    }

    [Fact]
    public void The_intent_alone_already_names_the_account()
    {
        using (var journal = Open())
        {
            journal.Append(at => new JobReserved(at, Job));
            journal.Append(at => new AccountCreating(at, Job, "bk-x", 700001, 700001, "/homes/bk-x"));
        }

        using var again = Open();

        var life = Assert.Single(again.OpenJobs());
        Assert.Equal(JobStage.Reserved, life.Stage);
        Assert.Equal(700001u, life.Account!.Id);
        Assert.Null(life.Account.HomeIdentity);
    }

    [Fact]
    public void A_home_that_is_a_volume_is_known_by_the_intent_and_by_its_identity_over_any_number_of_starts()
    {
        var volume = Guid.NewGuid();
        using (var journal = Open())
        {
            journal.Append(at => new AccountCreating(at, Job, "bk-x", 700001, 700001, "/homes/bk-x", OnVolume: true));
        }

        using (var journal = Open())
        {
            Assert.Equal((true, null), (Assert.Single(journal.OpenJobs()).Account!.OnVolume, Assert.Single(journal.OpenJobs()).Account!.VolumeId));
            journal.Append(at => new AccountCreated(at, Job, null, new HomeIdentity(1, 2), volume));
        }

        Open().Dispose();
        using var again = Open();

        Assert.Equal(new JobAccount("bk-x", 700001, "/homes/bk-x", null, new HomeIdentity(1, 2), OnVolume: true, volume), Assert.Single(again.OpenJobs()).Account);
    }

    [Fact]
    public void A_clean_and_settled_job_is_forgotten_but_its_number_is_never_given_out_again()
    {
        using (var journal = Open())
        {
            WriteUntilAgentStarted(journal, Job, 700041);
            journal.Append(at => new StepDone(at, Job, JobStage.Clean));
            journal.Append(at => new JobSettled(at, Job));
        }

        using (var second = Open())
        {
            Assert.Empty(second.OpenJobs());
        }

        using var third = Open();
        Assert.Equal(700042u, third.NextUid);
    }

    [Fact]
    public void A_used_up_range_begins_anew_after_a_reboot_and_only_then()
    {
        using (var journal = Open(boot: "boot-1", lastUid: 700001))
        {
            WriteUntilAgentStarted(journal, Job, 700001);
        }

        using (var sameBoot = Open(boot: "boot-1", lastUid: 700001))
        {
            Assert.Equal(700002u, sameBoot.NextUid);
        }

        using (var nextBoot = Open(boot: "boot-2", lastUid: 700001))
        {
            Assert.Equal(0u, nextBoot.NextUid);
        }
    }

    [Fact]
    public void A_reboot_alone_does_not_turn_the_counter_back()
    {
        using (var journal = Open(boot: "boot-1"))
        {
            WriteUntilAgentStarted(journal, Job, 700001);
        }

        using var nextBoot = Open(boot: "boot-2");
        Assert.Equal(700002u, nextBoot.NextUid);
    }

    [Fact]
    public void A_torn_last_line_costs_only_itself()
    {
        using (var journal = Open())
        {
            WriteUntilAgentStarted(journal, Job, 700001);
        }

        var bytes = File.ReadAllBytes(JournalPath);
        File.WriteAllBytes(JournalPath, bytes[..^7]);

        using var again = Open();
        Assert.Equal(JobStage.AccountCreated, Assert.Single(again.OpenJobs()).Stage);
    }

    [Fact]
    public void Cut_at_any_byte_the_journal_opens_and_never_invents_anything()
    {
        using (var journal = Open())
        {
            WriteUntilAgentStarted(journal, Job, 700001);
            WriteUntilAgentStarted(journal, Other, 700002);
        }

        var bytes = File.ReadAllBytes(JournalPath);
        for (var length = 0; length <= bytes.Length; length += 29)
        {
            File.WriteAllBytes(JournalPath, bytes[..length]);
            using var cut = Open();
            Assert.All(cut.OpenJobs(), life => Assert.Contains(life.Job, (Guid[])[Job, Other]));
            Assert.InRange(cut.NextUid, 0u, 700003u);
        }
    }

    [Fact]
    public void An_altered_line_is_not_believed()
    {
        using (var journal = Open())
        {
            WriteUntilAgentStarted(journal, Job, 700001);
        }

        File.WriteAllText(JournalPath, File.ReadAllText(JournalPath).Replace("700001", "1", StringComparison.Ordinal));

        using var again = Open();
        Assert.Null(Assert.Single(again.OpenJobs()).Account);
    }

    [Fact]
    public void Kinds_of_a_newer_version_survive()
    {
        const string future = """{"kind":"somethingNew","at":"2027-01-01T00:00:00+00:00","detail":42}""";
        using (var journal = Open())
        {
            journal.Append(_ => new UnknownEntry(future));
        }

        using (Open())
        {
            // Written anew once more.
        }

        Assert.Contains(future, File.ReadAllText(JournalPath), StringComparison.Ordinal);
    }

    [Fact]
    public void A_newer_format_is_refused_and_left_as_it_is()
    {
        var line = JournalLine.Write(new JournalHeader(_time.GetUtcNow(), 2, "boot", 0)) + "\n";
        File.WriteAllText(JournalPath, line);

        var refusal = Assert.Throws<InvalidDataException>(() => Open());

        Assert.Contains("format 2", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(line, File.ReadAllText(JournalPath));
    }

    [Fact]
    public void Two_daemons_cannot_share_a_state_folder()
    {
        using var first = Open();

        var refusal = Assert.Throws<IOException>(() => Open());

        Assert.Contains("another macrunners", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_dirty_machine_stays_dirty_over_restarts_until_proven_clean()
    {
        using (var journal = Open())
        {
            journal.Append(at => new MachineDirty(at, Job, "a process stayed"));
        }

        using (var again = Open())
        {
            Assert.Equal("a process stayed", again.Dirty?.Reason);
            again.Append(at => new MachineClean(at));
        }

        using var third = Open();
        Assert.Null(third.Dirty);
    }

    [Fact]
    public void The_file_is_for_root_alone()
    {
        using var journal = Open();

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(JournalPath));
    }

    [Fact]
    public void It_does_not_grow_without_bound()
    {
        using var journal = Open(linesBeforeCompaction: 100);
        for (var i = 0; i < 60; i++)
        {
            var job = Guid.NewGuid();
            journal.Append(at => new JobReserved(at, job));
            journal.Append(at => new StepStarting(at, job, JobStage.ProcessesGone));
            journal.Append(at => new StepDone(at, job, JobStage.Clean));
            journal.Append(at => new JobSettled(at, job));
        }

        Assert.InRange(File.ReadLines(JournalPath).Count(), 1, 101);
    }

    [Fact]
    public void A_clean_job_is_kept_until_it_is_settled()
    {
        using (var journal = Open())
        {
            WriteUntilAgentStarted(journal, Job, 700001);
            journal.Append(at => new StepDone(at, Job, JobStage.Clean));
        }

        using var again = Open();
        using (again)
        {
            var life = Assert.Single(again.OpenJobs());
            Assert.Equal((JobStage.Clean, false), (life.Stage, life.IsSettled));
            again.Append(at => new JobSettled(at, Job));
            Assert.Empty(again.OpenJobs());
        }
    }

    [Fact]
    public void A_settled_job_is_kept_until_it_is_clean()
    {
        using (var journal = Open())
        {
            WriteUntilAgentStarted(journal, Job, 700001);
            journal.Append(at => new StepDone(at, Job, JobStage.Dirty));
            journal.Append(at => new JobSettled(at, Job));
        }

        using var again = Open();
        Assert.True(Assert.Single(again.OpenJobs()).IsSettled);
        again.Append(at => new StepDone(at, Job, JobStage.Clean));
        Assert.Empty(again.OpenJobs());
    }

    [Fact]
    public void What_is_no_job_of_Buildkites_needs_no_settlement()
    {
        using var journal = Open();
        journal.Append(at => new AccountCreating(at, Job, "bk-x", 700001, 700001, "/homes/bk-x"));
        _ = Assert.Single(journal.OpenJobs());

        journal.Append(at => new StepDone(at, Job, JobStage.Clean));

        Assert.Empty(journal.OpenJobs());
    }

    [Fact]
    public void A_job_reserved_again_begins_anew()
    {
        using var journal = Open();
        WriteUntilAgentStarted(journal, Job, 700001);
        journal.Append(at => new StepDone(at, Job, JobStage.Clean));

        journal.Append(at => new JobReserved(at, Job, IsAgain: true));

        var life = Assert.Single(journal.OpenJobs());
        Assert.Equal((JobStage.Reserved, true, null), (life.Stage, life.IsSecondAttempt, life.Account));
    }

    [Fact]
    public void What_is_known_of_an_agent_outlives_a_restart_but_not_a_reboot()
    {
        using (var journal = Open())
        {
            WriteUntilAgentStarted(journal, Job, 700001);
            journal.Append(at => new AgentAcquired(at, Job, 2000));
            journal.Append(at => new AgentEnding(at, Job, AgentEndCause.TimedOut, 3000));
        }

        using (var again = Open())
        {
            var expected = new AgentRun(new ProcessIdentity(4711, 99), 1234) { AcquiredAt = 2000, EndCause = AgentEndCause.TimedOut, EndingAt = 3000 };
            Assert.Equal(expected, Assert.Single(again.OpenJobs()).Agent);
        }

        using var rebooted = Open(boot: "boot-2");
        Assert.Null(Assert.Single(rebooted.OpenJobs()).Agent);
    }

    [Fact]
    public void How_an_agent_ended_outlives_restarts()
    {
        using (var journal = Open())
        {
            WriteUntilAgentStarted(journal, Job, 700001);
            journal.Append(at => new AgentEnded(at, Job, 137, AgentEndCause.TimedOut));
        }

        using (Open())
        {
            // Written anew.
        }

        using var third = Open();
        var life = Assert.Single(third.OpenJobs());
        Assert.Equal((null, new AgentEnd(137, AgentEndCause.TimedOut)), (life.Agent, life.End));
    }

    [Fact]
    public void The_machines_name_stays_the_same_until_it_is_rebooted()
    {
        using (var journal = Open(host: "mac-1"))
        {
            Assert.Equal("mac-1", journal.Host);
        }

        using (var renamed = Open(host: "mac-2"))
        {
            Assert.Equal("mac-1", renamed.Host);
        }

        using var rebooted = Open(boot: "boot-2", host: "mac-2");
        Assert.Equal("mac-2", rebooted.Host);
    }

    [Fact]
    public void It_is_written_anew_while_jobs_are_open_and_nothing_of_them_is_lost()
    {
        using (var journal = Open(linesBeforeCompaction: 50))
        {
            WriteUntilAgentStarted(journal, Job, 700001);
            journal.Append(at => new AgentAcquired(at, Job, 2000));
            for (var i = 0; i < 200; i++)
            {
                var other = Guid.NewGuid();
                journal.Append(at => new JobReserved(at, other));
                journal.Append(at => new StepDone(at, other, JobStage.Clean));
                journal.Append(at => new JobSettled(at, other));
            }

            Assert.InRange(File.ReadLines(JournalPath).Count(), 1, 60);
        }

        using var again = Open();
        var life = Assert.Single(again.OpenJobs());
        Assert.Equal((Job, JobStage.AgentStarted, 2000L), (life.Job, life.Stage, life.Agent!.AcquiredAt));
    }

    private static void WriteUntilAgentStarted(JournalFile journal, Guid job, uint uid)
    {
        journal.Append(at => new JobReserved(at, job));
        journal.Append(at => new AccountCreating(at, job, "bk-x", uid, uid, "/homes/bk-x"));
        journal.Append(at => new AccountCreated(at, job, null, new HomeIdentity(1, 2)));
        journal.Append(at => new AgentStarting(at, job));
        journal.Append(at => new AgentStarted(at, job, new ProcessIdentity(4711, 99), 1234));
    }

    private JournalFile Open(string boot = "boot-1", string host = "mac-1", uint lastUid = 799999, int linesBeforeCompaction = 5000) =>
        JournalFile.Open(_folder, boot, host, lastUid, new LinuxFileCalls(), _time, NullLogger<JournalFile>.Instance, linesBeforeCompaction: linesBeforeCompaction);
}
