using MacRunners.Accounts;
using MacRunners.Jobs;
using MacRunners.Jobs.Journal;
using MacRunners.Platform;
using MacRunners.Platform.Linux;
using MacRunners.Settings;
using MacRunners.Teardown;
using MacRunners.Telemetry;
using MacRunners.Tests.Jobs;
using MacRunners.Tests.Platform;
using MacRunners.Tests.Platform.Linux;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;
using NSubstitute.ExceptionExtensions;

namespace MacRunners.Tests.Teardown;

public sealed class JobTeardownTests : IDisposable
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;
    private readonly TestMachine _machine = new();
    private readonly List<JobPhase> _phases = [];

    public void Dispose()
    {
        JobProcess.KillAll(_machine.Id);
        _machine.Dispose();
    }

    [Fact]
    public async Task Everything_of_a_job_goes_and_the_report_says_what_it_had_left()
    {
        var life = Life(_machine.MakeAccount());
        using var process = JobProcess.Sleeping(_machine.Id);
        var file = TestMachine.Plant(Path.Combine(_machine.Shared, "file"), _machine.Id);

        var report = await RunAsync(life);

        Assert.True(report.IsClean);
        Assert.Equal(JobStage.Clean, life.Stage);
        Assert.Equal([new Residue(ResidueKind.Process, $"pid {process.Id} (python3)"), new Residue(ResidueKind.File, file)], report.Found);
        Assert.Empty(await _machine.Proof.LookAsync(life.Account!, Cancel));
        Assert.Equal([_machine.Name], _machine.Platform.Accounts.Deleted);
        Assert.False(_machine.Dirty.IsDirty);
        Assert.Empty(_machine.UncleanJobs);
    }

    [Fact]
    public async Task What_services_and_the_kernel_keep_for_the_account_goes_too()
    {
        var life = Life(_machine.MakeAccount());
        var schedule = TestMachine.Plant(_machine[$"services/{_machine.Name}"], 0);
        var foreign = TestMachine.Plant(_machine["services/other"], 0);
        string[] objects = [$"SharedMemory {KernelObjectsContract.Make(_machine.Id, "-M 64")}", $"Semaphores {KernelObjectsContract.Make(_machine.Id, "-S 1")}", $"MessageQueue {KernelObjectsContract.Make(_machine.Id, "-Q")}"];

        var report = await RunAsync(life);

        Assert.True(report.IsClean);
        Assert.Equal([new Residue(ResidueKind.Schedule, schedule), .. objects.Select(left => new Residue(ResidueKind.Ipc, left))], report.Found);
        Assert.Empty(await _machine.Platform.KernelObjects.MadeByAsync(_machine.Name, _machine.Id, Cancel));
        Assert.False(File.Exists(schedule));
        Assert.True(File.Exists(foreign));
    }

    [Fact]
    public async Task A_folder_under_the_name_of_such_a_file_goes_too()
    {
        var life = Life(_machine.MakeAccount());
        var folder = TestMachine.PlantFolder(_machine[$"services/{_machine.Name}"], _machine.Id);
        TestMachine.Plant(Path.Combine(folder, "inner"), _machine.Id);

        var report = await RunAsync(life);

        Assert.True(report.IsClean);
        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public async Task A_process_of_the_job_that_has_become_root_is_killed_and_the_machine_is_dirty()
    {
        var life = Life(_machine.MakeAccount());
        var pid = Escape();

        var report = await RunAsync(life);

        Assert.Contains($"pid {pid}", Assert.Single(report.Remaining).Detail, StringComparison.Ordinal);
        Assert.Contains("had become uid 0", _machine.Dirty.Reason, StringComparison.Ordinal);
        Assert.Empty(_machine.Platform.Processes.EscapedFrom(_machine.Id));

        // No restart makes up for it.
        _machine.ReopenJournal();
        await _machine.Recovery().RunAsync(Cancel);
        Assert.Contains($"pid {pid}", _machine.Dirty.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Neither_a_full_disk_spares_an_escaped_process_nor_does_it_forget_it()
    {
        using var disk = new SmallDisk(at: _machine.Tripwire.Folder);
        disk.Fill();
        var life = Life(_machine.MakeAccount());
        var pid = Escape();

        var report = await RunAsync(life);

        Assert.Empty(_machine.Platform.Processes.EscapedFrom(_machine.Id));
        Assert.Contains(report.Remaining, residue => residue.Detail.Contains("could not be written down: No space left", StringComparison.Ordinal));
        Assert.Contains(report.Remaining, residue => residue.Detail.Contains($"pid {pid}", StringComparison.Ordinal));
        Assert.NotNull(_machine.Dirty.Reason);

        disk.Empty();
        Assert.Contains($"pid {pid}", Assert.Single(_machine.Tripwire.Changes()), StringComparison.Ordinal);
        Assert.Contains($"pid {pid}", File.ReadAllText(Path.Combine(_machine.Tripwire.Folder, "escapes.txt")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_has_become_root_without_a_login_is_found_by_its_control_group()
    {
        using var group = new TestGroup(_machine.Id);
        var life = Life(_machine.MakeAccount());

        // A set-user-id program that leaves parent and session, and has no login that would tell.
        Scratch.Shell("cp -L /usr/bin/setpriv \"$1\" && chmod 4755 \"$1\"", _machine["become-root"]);
        using var job = JobProcess.Running(
            _machine.Id,
            $"os.system('{_machine["become-root"]} --reuid 0 --regid 0 --clear-groups setsid -f sleep 600 </dev/null >/dev/null 2>&1')\nprint('ready', flush=True)\ntime.sleep(600)",
            group.EnterInPython);
        ProcessEntry escaped;
        while ((escaped = Assert.Single(_machine.Platform.Processes.EscapedFrom(_machine.Id))).Command != "sleep")
        {
            await Task.Yield();
        }

        Assert.Empty(new LinuxProcesses().EscapedFrom(_machine.Id));

        var report = await RunAsync(life);

        Assert.Equal($"pid {escaped.Identity.Pid} (sleep) of {_machine.Name} had become uid 0", Assert.Single(report.Remaining).Detail);
        Assert.Contains($"pid {escaped.Identity.Pid}", File.ReadAllText(Path.Combine(_machine.Tripwire.Folder, "escapes.txt")), StringComparison.Ordinal);
        Assert.NotNull(_machine.Dirty.Reason);
        Assert.Null(_machine.Platform.Processes.Find(escaped.Identity.Pid));
        Assert.False(group.Exists);
    }

    [Fact]
    public async Task Those_that_have_become_root_do_not_outrun_the_kill_of_their_control_group()
    {
        using var group = new TestGroup(_machine.Id);
        var life = Life(_machine.MakeAccount());
        using var job = PythonProcess.Start(
            group.EnterInPython +
            """
            import os, time
            end = time.time() + 20
            print('ready', flush=True)
            while time.time() < end:
                time.sleep(0.01)
                if os.fork():
                    time.sleep(0.09)
                    os._exit(0)
            """,
            announces: true);

        var report = await RunAsync(life);

        Assert.NotEmpty(report.Remaining);
        Assert.All(report.Remaining, residue => Assert.EndsWith("had become uid 0", residue.Detail, StringComparison.Ordinal));
        Assert.False(group.Exists);
    }

    [Fact]
    public async Task A_process_that_leaves_what_it_is_known_by_while_it_is_waited_for_is_remembered_all_the_same()
    {
        using var group = new TestGroup(_machine.Id);
        var life = Life(_machine.MakeAccount());
        using var job = PythonProcess.Start(group.EnterInPython + $"import time\nprint('ready', flush=True)\ntime.sleep(1)\nopen('{group.Groups.Place}/cgroup.procs', 'w').write('0')\ntime.sleep(600)", announces: true);

        var report = await RunAsync(life);

        Assert.StartsWith($"pid {job.Id} ", Assert.Single(report.Remaining).Detail, StringComparison.Ordinal);
        await job.WaitForExitAsync(Cancel);
        Assert.False(group.Exists);
    }

    [Fact]
    public async Task A_control_group_in_which_nobody_is_goes_without_a_word()
    {
        using var group = new TestGroup(_machine.Id);
        var life = Life(_machine.MakeAccount());
        Directory.CreateDirectory(Path.Combine(group.Folder, "inner/most"));
        Assert.Contains(await _machine.Proof.LookAsync(life.Account!, Cancel), residue => residue.Detail == $"the control group of {_machine.Id}");

        var report = await RunAsync(life);

        Assert.True(report.IsClean);
        Assert.Empty(report.Found);
        Assert.False(group.Exists);
    }

    [Fact]
    public async Task Without_control_groups_everything_goes_all_the_same()
    {
        const string table = "22 1 0:21 / / rw - ext4 /dev/root rw\n32 22 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n";
        Assert.Null(ControlGroups.Of(table, "1:cpu:/\n0::/\n", TimeProvider.System, NullLoggerFactory.Instance));
        _machine.Platform.ControlGroups = new NoControlGroups();
        _machine.Platform.Processes = new LinuxProcesses();
        var life = Life(_machine.MakeAccount());
        using var process = JobProcess.Sleeping(_machine.Id);
        var escaped = Escape();

        var report = await RunAsync(life);

        Assert.Equal([new Residue(ResidueKind.Process, $"pid {process.Id} (python3)")], report.Found);
        Assert.Equal($"pid {escaped} (sleep) of {_machine.Name} had become uid 0", Assert.Single(report.Remaining).Detail);
        Assert.Empty(_machine.Platform.Processes.OwnedBy(_machine.Id));
    }

    [Fact]
    public async Task A_process_that_became_a_job_that_was_over_is_killed_and_the_machine_is_dirty_until_all_is_swept()
    {
        using var machine = new TestMachine(numbers: 2);
        var (account, gone) = (machine.MakeAccount(), machine.Id + 1);
        var life = new JobLife(Guid.NewGuid()) { Account = account };
        machine.JournalAccount(life.Job, account);
        machine.JournalGone(gone);
        using var stray = JobProcess.Sleeping(gone);
        var planted = TestMachine.Plant(Path.Combine(machine.Shared, "planted"), gone);

        var report = await machine.Teardown().RunAsync(life, _ => { }, Cancel);

        Assert.Equal($"pid {stray.Id} (python3) under {gone}, the number of a job that was over", Assert.Single(report.Remaining).Detail);
        Assert.Empty(machine.Platform.Processes.OwnedBy(gone));
        Assert.NotNull(machine.Dirty.Reason);
        Assert.True(File.Exists(planted));

        await machine.Recovery().RunAsync(Cancel);

        Assert.False(File.Exists(planted));
        Assert.Null(machine.Dirty.Reason);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_neighbour_that_still_has_its_account_and_who_never_was_a_job_are_left_alone(bool isNeighbour)
    {
        using var machine = new TestMachine(numbers: 2);
        var (account, neighbour) = (machine.MakeAccount(), machine.Id + 1);
        var life = new JobLife(Guid.NewGuid()) { Account = account };
        machine.JournalAccount(life.Job, account);
        if (isNeighbour)
        {
            machine.JournalAccount(Guid.NewGuid(), new JobAccount("bk-neighbour", neighbour, machine["homes/bk-neighbour"]) { HomeIdentity = new HomeIdentity(1, 1) });
        }

        using var process = JobProcess.Sleeping(neighbour);
        try
        {
            Assert.True((await machine.Teardown().RunAsync(life, _ => { }, Cancel)).IsClean);
            Assert.False(process.HasExited);
        }
        finally
        {
            JobProcess.KillAll(neighbour);
        }
    }

    [Fact]
    public async Task What_runs_under_a_number_without_account_is_killed_before_anything_is_torn_down()
    {
        using var machine = new TestMachine(numbers: 2);
        var account = machine.MakeAccount();
        machine.JournalAccount(Guid.NewGuid(), account);
        machine.JournalGone(machine.Id + 1);
        using var stray = JobProcess.Sleeping(machine.Id + 1);

        await machine.Recovery().RunAsync(Cancel);

        Assert.Empty(machine.Platform.Processes.OwnedWithin(machine.Id, machine.Id + 1));
        Assert.Empty(machine.UncleanJobs);
        Assert.Null(machine.Dirty.Reason);
    }

    [Fact]
    public async Task Mounts_in_the_home_are_undone_before_it_is_moved()
    {
        var life = Life(_machine.MakeAccount());
        var mount = Path.Combine(life.Account!.Home, "tmp");
        var outside = TestMachine.PlantFolder(_machine["outside"], 0);
        TestMachine.Plant(Path.Combine(outside, "file"), 0);
        Scratch.Shell("mount --bind \"$1\" \"$2\"", outside, mount);

        var report = await RunAsync(life);

        Assert.True(report.IsClean);
        Assert.Equal([new Residue(ResidueKind.Mount, mount)], report.Found);
        Assert.Empty(_machine.Platform.Files.MountsBelow(_machine["."].TrimEnd('.')));
        Assert.True(File.Exists(Path.Combine(outside, "file")));
        Assert.Empty(Directory.GetFileSystemEntries(_machine.Homes));
    }

    [Fact]
    public async Task A_mount_that_the_system_does_not_let_go_is_named_and_the_machine_is_dirty()
    {
        var life = Life(_machine.MakeAccount());
        var mount = Path.Combine(life.Account!.Home, "tmp");
        var real = _machine.Platform.Files;
        var refusing = Substitute.ForTypeForwardingTo<IFileCalls, LinuxFileCalls>();
        refusing.WhenForAnyArgs(files => files.Unmount(default)).Do(_ => throw new PosixException("unmount", mount, PosixError.Other, 22));
        try
        {
            Scratch.Shell("mount -t tmpfs none \"$1\"", mount);
            _machine.Platform.Files = refusing;

            var report = await RunAsync(life);

            Assert.Contains(report.Remaining, left => left.Kind == ResidueKind.Mount && left.Detail.StartsWith(mount, StringComparison.Ordinal));
            Assert.Equal(JobStage.Dirty, life.Stage);
            Assert.Contains(mount, _machine.Dirty.Reason, StringComparison.Ordinal);
        }
        finally
        {
            foreach (var left in real.MountsBelow(_machine["."].TrimEnd('.')))
            {
                real.Unmount(left);
            }
        }
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("grant it", true)]
    public async Task A_place_that_root_may_not_look_at_makes_the_machine_dirty_and_where_the_system_withholds_it_the_report_says_so(string? remedy, bool isClean)
    {
        var life = Life(_machine.MakeAccount());
        var withholding = Substitute.ForTypeForwardingTo<IFileCalls, LinuxFileCalls>();
        withholding.OpenDirectory(_machine["services"]).Throws(new PosixException("open", _machine["services"], PosixError.NotPermitted, 1));
        _machine.Platform.Files = withholding;
        _machine.Platform.WithheldRemedy = remedy;

        var report = await RunAsync(life);

        Assert.Equal(isClean ? JobStage.Clean : JobStage.Dirty, life.Stage);
        Assert.Equal(isClean, report.IsClean);
        Assert.Equal(isClean, report.Unproven.Count > 0);
        Assert.All(report.Unproven, what => Assert.EndsWith("; grant it", what, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Each_step_is_announced_and_written_down_before_and_after()
    {
        var life = Life(_machine.MakeAccount());

        var report = await RunAsync(life);

        Assert.Equal([JobPhase.Kill, JobPhase.Sweep, JobPhase.Delete, JobPhase.Prove], _phases);
        Assert.Equal(_phases.Order(), report.Phases.Keys.Order());
        Assert.Equal(
            [
                "before ProcessesGone", "after ProcessesGone",
                "before FilesGone", "after FilesGone",
                "before AccountGone", "after AccountGone",
                "before Clean", "after Clean",
            ],
            Written());
    }

    [Fact]
    public async Task A_step_that_fails_does_not_keep_the_others_from_their_work()
    {
        var account = _machine.MakeAccount();
        Scratch.Shell("mv \"$1\" \"$1.old\" && mkdir \"$1\"", account.Home);
        var life = Life(account);

        var report = await RunAsync(life);

        Assert.Equal([JobPhase.Kill, JobPhase.Sweep, JobPhase.Delete, JobPhase.Prove], _phases);
        Assert.Equal([_machine.Name], _machine.Platform.Accounts.Deleted);
        Assert.False(report.IsClean);
        Assert.Contains(report.Remaining, left => left.Kind == ResidueKind.Home);
        Assert.Equal(
            ["before ProcessesGone", "after ProcessesGone", "before FilesGone", "before AccountGone", "before Clean", "after Dirty"],
            Written());
    }

    [Fact]
    public async Task A_refused_deletion_makes_the_machine_dirty_over_restarts()
    {
        _machine.Platform.Accounts.Refusal = "Full Disk Access is missing";
        var life = Life(_machine.MakeAccount());

        var report = await RunAsync(life);

        Assert.Equal(JobStage.Dirty, life.Stage);
        Assert.Contains(new Residue(ResidueKind.Account, "Full Disk Access is missing"), report.Remaining);
        Assert.Contains(new Residue(ResidueKind.Account, $"until it can be deleted, {_machine.Name} is neutralised: no shell, no password, no home"), report.Remaining);
        Assert.Equal([_machine.Name], _machine.Platform.Accounts.Neutralised);
        Assert.False(Directory.Exists(life.Account!.Home));
        _machine.ReopenJournal();
        Assert.Contains("Full Disk Access is missing", _machine.Dirty.Reason, StringComparison.Ordinal);
        Assert.Equal(JobStage.Dirty, Assert.Single(_machine.Journal.OpenJobs()).Stage);
    }

    [Fact]
    public async Task What_of_an_account_could_not_be_neutralised_is_told_as_well()
    {
        _machine.Platform.Accounts.Refusal = "Full Disk Access is missing";
        _machine.Platform.Accounts.Resisting = ["the home (refused)"];

        await RunAsync(Life(_machine.MakeAccount()));

        Assert.Contains("no home; except, for they could not be changed: the home (refused)", _machine.Dirty.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_directory_that_does_not_answer_is_not_asked_to_neutralise_either()
    {
        _machine.Platform.Accounts.BeforeDeletion = () => throw new AccountDirectoryException("silence", inner: new ToolException("silence", isTimeout: true));
        using var time = new SteppedTime();
        var life = Life(_machine.MakeAccount());
        var teardown = _machine.Teardown(time).RunAsync(life, _phases.Add, Cancel);
        while (!teardown.IsCompleted)
        {
            // The pauses before the repetitions, of which this is the longest.
            await Task.WhenAny(teardown, time.UntilWaitingAsync());
            time.Advance(TimeSpan.FromSeconds(8));
        }

        Assert.Contains(new Residue(ResidueKind.Account, "silence"), (await teardown).Remaining);
        Assert.Empty(_machine.Platform.Accounts.Neutralised);
    }

    [Fact]
    public async Task A_deletion_that_fails_for_a_while_is_repeated()
    {
        _machine.Platform.Accounts.FailingDeletions = 2;

        var report = await RunAsync(Life(_machine.MakeAccount()));

        Assert.True(report.IsClean);
        Assert.Equal([_machine.Name], _machine.Platform.Accounts.Deleted);
        Assert.Empty(_machine.Platform.Accounts.Neutralised);
    }

    [Fact]
    public async Task Only_the_proof_decides()
    {
        // The database says it deleted the account, and lists the number all the same.
        _machine.Platform.Accounts.Entries.Add(new("somebody", _machine.Id, null, null));
        var life = Life(_machine.MakeAccount());

        var report = await RunAsync(life);

        Assert.False(report.IsClean);
        Assert.Equal(new Residue(ResidueKind.Account, "somebody is listed"), Assert.Single(report.Remaining));
        Assert.True(_machine.Dirty.IsDirty);
    }

    [Fact]
    public async Task Once_the_cause_is_gone_it_ends_clean()
    {
        _machine.Platform.Accounts.Refusal = "not now";
        await RunAsync(Life(_machine.MakeAccount()));
        _machine.ReopenJournal();
        _machine.Platform.Accounts.Refusal = null;
        var again = Assert.Single(_machine.Journal.OpenJobs());

        var report = await RunAsync(again);

        Assert.True(report.IsClean);
        Assert.Equal(JobStage.Clean, again.Stage);
        _machine.ReopenJournal();
        Assert.Empty(_machine.UncleanJobs);
    }

    [Fact]
    public async Task An_account_outside_the_range_is_dirty_and_its_home_stays()
    {
        var account = _machine.MakeAccount() with { Id = TestNumbers.Next() };
        using var process = JobProcess.Sleeping(account.Id);

        var report = await RunAsync(Life(account));

        Assert.False(report.IsClean);
        Assert.True(Directory.Exists(account.Home));
        Assert.Single(_machine.Platform.Processes.OwnedBy(account.Id));
        process.Kill();
    }

    [Fact]
    public async Task A_deletion_without_end_is_given_up_when_the_budget_is_spent_and_the_proof_is_still_made()
    {
        using var time = new SteppedTime();
        var life = Life(_machine.MakeAccount());
        var (_, answer) = HoldDeletion();
        var deletes = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var teardown = _machine.Teardown(time).RunAsync(
            life,
            phase =>
            {
                _phases.Add(phase);
                if (phase == JobPhase.Delete)
                {
                    time.Forget();
                    deletes.SetResult();
                }
            },
            Cancel);
        await deletes.Task.WaitAsync(Cancel);
        await time.UntilWaitingAsync();
        time.Advance(new JobsOptions().TeardownBudget);
        var report = await teardown;

        Assert.Equal([JobPhase.Kill, JobPhase.Sweep, JobPhase.Delete, JobPhase.Prove], _phases);
        Assert.Equal(
            [new(ResidueKind.Account, "no end within Jobs:TeardownBudget (00:05:00); given up"), new Residue(ResidueKind.Account, $"{_machine.Name} is listed")],
            report.Remaining);
        Assert.Contains("could not be proven gone within Jobs:TeardownBudget (00:05:00)", _machine.Dirty.Reason, StringComparison.Ordinal);

        // Nobody interrupted it: it comes to its end when it can.
        Assert.Empty(_machine.Platform.Accounts.Deleted);
        answer.SetResult();
        while (_machine.Platform.Accounts.Deleted.Count == 0)
        {
            Cancel.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    [Fact]
    public async Task A_deletion_that_begins_late_is_waited_for_as_long_as_one_call_of_the_directory_may_take()
    {
        var time = new FakeTimeProvider();
        var life = Life(_machine.MakeAccount());
        var (asked, answer) = HoldDeletion();
        var teardown = _machine.Teardown(time).RunAsync(
            life,
            phase =>
            {
                if (phase == JobPhase.Delete)
                {
                    time.Advance(new JobsOptions().TeardownBudget);
                }
            },
            Cancel);
        await asked.Task.WaitAsync(Cancel);

        time.Advance(new JobsOptions().DirectoryTimeout - TimeSpan.FromSeconds(1));
        answer.SetResult();

        Assert.True((await teardown).IsClean);
        Assert.False(_machine.Dirty.IsDirty);
    }

    [Fact]
    public async Task A_job_for_which_nothing_was_made_is_clean_at_once()
    {
        var job = Guid.NewGuid();
        _machine.Journal.Append(at => new JobReserved(at, job));
        var life = new JobLife(job);

        Assert.True((await RunAsync(life)).IsClean);

        Assert.Empty(_phases);
        Assert.Empty(_machine.UncleanJobs);
    }

    [Theory]
    [InlineData(nameof(JobStage.ProcessesGone))]
    [InlineData(nameof(JobStage.AccountGone))]
    [InlineData(nameof(JobStage.Dirty))]
    public async Task A_job_whose_account_is_not_known_any_more_is_closed_whatever_its_stage(string stage)
    {
        var job = Guid.NewGuid();
        foreach (var reached in new[] { JobStage.ProcessesGone, JobStage.FilesGone, JobStage.AccountGone, JobStage.Dirty }.TakeWhile(s => s <= Enum.Parse<JobStage>(stage)))
        {
            _machine.Journal.Append(at => new StepDone(at, job, reached));
        }

        var life = Assert.Single(_machine.Journal.OpenJobs());
        Assert.Equal(stage, life.Stage.ToString());

        Assert.True((await RunAsync(life)).IsClean);

        Assert.Empty(_machine.UncleanJobs);
    }

    // A process of the job's login that is root's now.
    private int Escape()
    {
        Scratch.Shell("sh -c 'echo \"$1\" >/proc/self/loginuid && exec setsid sleep 600 </dev/null >/dev/null 2>&1' sh \"$1\" & while ! grep -qx \"$1\" \"/proc/$!/loginuid\"; do :; done", $"{_machine.Id}");
        return Assert.Single(_machine.Platform.Processes.EscapedFrom(_machine.Id)).Identity.Pid;
    }

    private Task<TeardownReport> RunAsync(JobLife life) => _machine.Teardown().RunAsync(life, _phases.Add, Cancel);

    private (TaskCompletionSource Asked, TaskCompletionSource Answer) HoldDeletion()
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var answer = new TaskCompletionSource();
        _machine.Platform.Accounts.BeforeDeletion = () =>
        {
            asked.SetResult();
            return answer.Task;
        };
        return (asked, answer);
    }

    private JobLife Life(JobAccount account)
    {
        var job = Guid.NewGuid();
        _machine.JournalAccount(job, account);
        _machine.ReopenJournal();
        return Assert.Single(_machine.Journal.OpenJobs());
    }

    private List<string> Written() =>
    [
        .. File.ReadLines(_machine.JournalPath)
            .Select(line => JournalLine.TryRead(line, out var entry) ? entry : null)
            .Select(entry => entry switch
            {
                StepStarting before => $"before {before.Stage}",
                StepDone after => $"after {after.Stage}",
                _ => "",
            })
            .Where(text => text.Length > 0),
    ];
}
