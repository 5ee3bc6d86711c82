using System.Diagnostics;
using MacRunners.Platform;
using MacRunners.Platform.Linux;

namespace MacRunners.Tests.Platform.Linux;

[Collection(AccountsCollection.Name)]
public sealed class LinuxAccountsTests : IAsyncDisposable
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;
    private readonly LinuxAccounts _accounts = new(new Tool(TimeProvider.System), new LinuxProcesses(), TimeSpan.FromSeconds(30), TimeProvider.System);
    private readonly AccountSpec _spec;

    public LinuxAccountsTests()
    {
        var name = _accounts.NameFor(Guid.NewGuid());
        _spec = new AccountSpec(name, TestNumbers.Next(), $"/nonexistent/{name}", "/bin/bash", "MacRunners job, a test");
    }

    public async ValueTask DisposeAsync()
    {
        await _accounts.DeleteAsync(_spec.Name, CancellationToken.None);
        Scratch.Shell("userdel \"$1\"; groupdel \"$1\"", Stranger);
    }

    private string Stranger => "mrt-" + _spec.Id;

    [Fact]
    public void The_name_is_as_long_as_useradd_allows()
    {
        Assert.Equal("bk-0190fdd5a1b24c3d8e9f0a1b2c3d4", _accounts.NameFor(Guid.Parse("0190FDD5-A1B2-4C3D-8E9F-0A1B2C3D4E5F")));
    }

    [Fact]
    public async Task An_account_is_made_found_and_removed_without_traces()
    {
        await _accounts.WaitUntilReadyAsync(Cancel);
        Assert.Equal(new AccountCreation.Created(null), await _accounts.CreateAsync(_spec, Cancel));

        Assert.Equal($"uid={_spec.Id}({_spec.Name}) gid={_spec.Id}({_spec.Name}) groups={_spec.Id}({_spec.Name})", Scratch.Shell("id \"$1\"", _spec.Name).Trim());
        Assert.Equal($"{_spec.Name}:x:{_spec.Id}:{_spec.Id}:{_spec.Description}:{_spec.Home}:/bin/bash", Scratch.Shell("getent passwd \"$1\"", _spec.Name).Trim());
        Assert.Equal("L", Scratch.Shell("passwd -S \"$1\"", _spec.Name).Split(' ')[1]);
        Assert.Empty(Scratch.Shell("grep -l \"$1\" /etc/subuid /etc/subgid", _spec.Name));
        Assert.Contains(new AccountEntry(_spec.Name, _spec.Id, _spec.Home, null), await _accounts.ListJobAccountsAsync(Cancel));
        Assert.Equal(8, (await _accounts.FindTracesAsync(_spec.Name, _spec.Id, null, Cancel)).Count);

        await _accounts.DeleteAsync(_spec.Name, Cancel);
        await _accounts.DeleteAsync(_spec.Name, Cancel);

        Assert.Empty(await _accounts.FindTracesAsync(_spec.Name, _spec.Id, null, Cancel));
        Assert.DoesNotContain(await _accounts.ListJobAccountsAsync(Cancel), entry => entry.Name == _spec.Name);
    }

    [Fact]
    public async Task Creating_again_is_no_error()
    {
        await _accounts.CreateAsync(_spec, Cancel);

        Assert.IsType<AccountCreation.Created>(await _accounts.CreateAsync(_spec, Cancel));
    }

    [Fact]
    public async Task A_group_left_by_a_crash_is_completed_and_listed()
    {
        Scratch.Shell("groupadd -g \"$2\" \"$1\"", _spec.Name, $"{_spec.Id}");
        Assert.Contains(new AccountEntry(_spec.Name, _spec.Id, null, null), await _accounts.ListJobAccountsAsync(Cancel));

        Assert.IsType<AccountCreation.Created>(await _accounts.CreateAsync(_spec, Cancel));
    }

    [Fact]
    public async Task A_user_left_by_a_crash_without_its_group_is_replaced()
    {
        await _accounts.CreateAsync(_spec, Cancel);
        Scratch.Shell("groupdel -f \"$1\"", _spec.Name);
        Assert.Empty(Scratch.Shell("getent group \"$1\"", _spec.Name));

        Assert.IsType<AccountCreation.Created>(await _accounts.CreateAsync(_spec, Cancel));

        Assert.Equal($"{_spec.Name}:x:{_spec.Id}:", Scratch.Shell("getent group \"$1\"", _spec.Name).Trim());
    }

    [Fact]
    public async Task What_an_attempt_with_another_number_left_is_replaced()
    {
        await _accounts.CreateAsync(_spec with { Id = TestNumbers.Next() }, Cancel);

        Assert.IsType<AccountCreation.Created>(await _accounts.CreateAsync(_spec, Cancel));

        Assert.Equal($"{_spec.Id}", Scratch.Shell("id -u \"$1\"", _spec.Name).Trim());
    }

    [Fact]
    public async Task Of_two_that_ask_for_one_number_at_once_one_gets_it()
    {
        var other = _spec with { Name = _accounts.NameFor(Guid.NewGuid()) };
        try
        {
            var answers = await Task.WhenAll(Task.Run(() => _accounts.CreateAsync(_spec, Cancel), Cancel), Task.Run(() => _accounts.CreateAsync(other, Cancel), Cancel));

            Assert.Single(answers.OfType<AccountCreation.Created>());
            Assert.Single(answers.OfType<AccountCreation.IdTaken>());
        }
        finally
        {
            await _accounts.DeleteAsync(other.Name, CancellationToken.None);
        }
    }

    [Fact]
    public async Task A_number_of_another_user_is_taken()
    {
        Scratch.Shell("useradd -l -M -N -u \"$2\" \"$1\"", Stranger, $"{_spec.Id}");

        Assert.Equal($"user {Stranger}", _accounts.HolderOf(_spec.Id));
        Assert.Equal(new AccountCreation.IdTaken($"user {Stranger}"), await _accounts.CreateAsync(_spec, Cancel));
        Assert.Equal([$"{Stranger} in /etc/passwd", $"user {_spec.Id} by getpwuid"], await _accounts.FindTracesAsync(_spec.Name, _spec.Id, null, Cancel));
    }

    [Fact]
    public async Task A_number_of_another_group_is_taken()
    {
        Scratch.Shell("groupadd -g \"$2\" \"$1\"", Stranger, $"{_spec.Id}");

        Assert.Equal($"group {Stranger}", _accounts.HolderOf(_spec.Id));
        Assert.Equal(new AccountCreation.IdTaken($"group {Stranger}"), await _accounts.CreateAsync(_spec, Cancel));
    }

    [Fact]
    public async Task A_number_under_which_a_process_lives_is_taken()
    {
        using var process = Process.Start(new ProcessStartInfo("/usr/bin/setpriv", ["--reuid", $"{_spec.Id}", "--clear-groups", "sleep", "600"]))!;
        try
        {
            while (new LinuxProcesses().OwnedBy(_spec.Id).Count == 0)
            {
                await Task.Yield();
            }

            Assert.StartsWith($"process {process.Id} ", _accounts.HolderOf(_spec.Id), StringComparison.Ordinal);
        }
        finally
        {
            process.Kill();
        }
    }

    [Fact]
    public async Task An_account_with_living_processes_is_not_deleted_and_the_message_names_them()
    {
        await _accounts.CreateAsync(_spec, Cancel);
        using var process = Process.Start(new ProcessStartInfo("/usr/bin/setpriv", ["--reuid", $"{_spec.Id}", "--clear-groups", "sleep", "600"]))!;
        try
        {
            while (new LinuxProcesses().OwnedBy(_spec.Id).Count == 0)
            {
                await Task.Yield();
            }

            var refused = await Assert.ThrowsAsync<AccountDirectoryException>(() => _accounts.DeleteAsync(_spec.Name, Cancel));
            Assert.Contains($"{process.Id} (sleep)", refused.Message, StringComparison.Ordinal);

            Assert.Equal(["home (processes still use the account)"], await _accounts.NeutraliseAsync(_spec.Name, Cancel));
            Assert.Equal($"{_spec.Name}:x:{_spec.Id}:{_spec.Id}:{_spec.Description}:{_spec.Home}:/usr/sbin/nologin", Scratch.Shell("getent passwd \"$1\"", _spec.Name).Trim());
            Assert.Equal("1", Scratch.Shell("getent shadow \"$1\"", _spec.Name).Trim().Split(':')[7]);
            Assert.Equal($"user {_spec.Name}", _accounts.HolderOf(_spec.Id));
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync(Cancel);
        }

        Assert.Empty(await _accounts.NeutraliseAsync(_spec.Name, Cancel));
        Assert.Equal("/nonexistent", Scratch.Shell("getent passwd \"$1\"", _spec.Name).Split(':')[5]);
    }

    [Fact]
    public async Task Neutralising_locks_a_password_and_is_no_error_for_an_account_that_is_gone()
    {
        await _accounts.CreateAsync(_spec, Cancel);
        Scratch.Shell("echo \"$1:the job's own\" | chpasswd", _spec.Name);
        Assert.Equal("P", Scratch.Shell("passwd -S \"$1\"", _spec.Name).Split(' ')[1]);

        Assert.Empty(await _accounts.NeutraliseAsync(_spec.Name, Cancel));

        Assert.Equal("L", Scratch.Shell("passwd -S \"$1\"", _spec.Name).Split(' ')[1]);
        await _accounts.DeleteAsync(_spec.Name, Cancel);
        Assert.Empty(await _accounts.NeutraliseAsync(_spec.Name, Cancel));
    }

    [Fact]
    public async Task A_lock_held_by_somebody_else_is_waited_for()
    {
        using var holder = Process.Start(new ProcessStartInfo("/bin/bash", ["-c", "echo -n $$ > /etc/passwd.lock; echo held; read; rm /etc/passwd.lock"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        try
        {
            Assert.Equal("held", await holder.StandardOutput.ReadLineAsync(Cancel));
            var tool = new CountingTool(new Tool(TimeProvider.System));
            var accounts = new LinuxAccounts(tool, new LinuxProcesses(), TimeSpan.FromSeconds(30), TimeProvider.System);
            var creation = accounts.CreateAsync(_spec, Cancel);
            await tool.SecondRun.WaitAsync(Cancel);

            Assert.False(creation.IsCompleted);
            await holder.StandardInput.WriteLineAsync();
            Assert.IsType<AccountCreation.Created>(await creation);
        }
        finally
        {
            holder.StandardInput.Close();
            await holder.WaitForExitAsync(CancellationToken.None);
        }
    }

    [Theory]
    [InlineData("root")]
    [InlineData("bk-x")]
    [InlineData("bk-0190fdd5a1b24c3d8e9f0a1b2c3d4\n")]
    [InlineData("-r")]
    public async Task Only_names_of_job_accounts_are_touched(string name)
    {
        await Assert.ThrowsAsync<ArgumentException>(() => _accounts.DeleteAsync(name, Cancel));
        await Assert.ThrowsAsync<ArgumentException>(() => _accounts.NeutraliseAsync(name, Cancel));
        await Assert.ThrowsAsync<ArgumentException>(() => _accounts.CreateAsync(_spec with { Name = name }, Cancel));
    }

    private sealed class CountingTool(ITool inner) : ITool
    {
        private readonly TaskCompletionSource _secondRun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _runs;

        public Task SecondRun => _secondRun.Task;

        public Task<ToolResult> RunAsync(string program, IReadOnlyList<string> arguments, TimeSpan limit, CancellationToken cancellationToken) =>
            RunAsync(program, arguments, "", limit, cancellationToken);

        public Task<ToolResult> RunAsync(string program, IReadOnlyList<string> arguments, string input, TimeSpan limit, CancellationToken cancellationToken)
        {
            if (Interlocked.Increment(ref _runs) == 2)
            {
                _secondRun.SetResult();
            }

            return inner.RunAsync(program, arguments, input, limit, cancellationToken);
        }
    }
}
