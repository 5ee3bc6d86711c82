using MacRunners.MacEmulator.Faults;
using MacRunners.Platform;
using MacRunners.Platform.MacOS;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;

namespace MacRunners.Tests.Platform.MacOS;

[Collection(AccountsCollection.Name)]
public sealed class MacAccountsTests : IClassFixture<EmulatedMac>, IAsyncDisposable
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;
    private readonly EmulatedMac _mac;
    private readonly MacAccounts _accounts;
    private readonly AccountSpec _spec;
    private int _earlierCalls;

    public MacAccountsTests(EmulatedMac mac)
    {
        _mac = mac;
        _mac.Control.Clear();
        _earlierCalls = _mac.Control.Calls().Count;
        _accounts = new MacAccounts(new Tool(TimeProvider.System), new MacProcesses(), TimeSpan.FromSeconds(30), TimeProvider.System, mac.Root);
        var name = _accounts.NameFor(Guid.NewGuid());
        _spec = new AccountSpec(name, TestNumbers.Next(), $"{mac.Root}/Users/{name}", "/bin/bash", "MacRunners job, a test");
    }

    public async ValueTask DisposeAsync()
    {
        _mac.Control.Clear();
        await _accounts.DeleteAsync(_spec.Name, CancellationToken.None);
    }

    [Fact]
    public async Task An_account_is_made_found_and_removed_without_traces()
    {
        await _accounts.WaitUntilReadyAsync(Cancel);
        var created = Assert.IsType<AccountCreation.Created>(await _accounts.CreateAsync(_spec, Cancel));

        Assert.Equal(
            $"{_spec.Name} {_spec.Id} {_spec.Id} {_spec.Home} /bin/bash",
            Scratch.Shell("getent passwd \"$1\" | awk -F: '{ print $1, $3, $4, $6, $7 }'", _spec.Name).Trim());
        Assert.NotNull(created.GeneratedUid);
        Assert.Contains(new AccountEntry(_spec.Name, _spec.Id, _spec.Home, created.GeneratedUid), await _accounts.ListJobAccountsAsync(Cancel));
        Assert.Equal(8, (await _accounts.FindTracesAsync(_spec.Name, _spec.Id, null, Cancel)).Count);

        await _accounts.DeleteAsync(_spec.Name, Cancel);
        await _accounts.DeleteAsync(_spec.Name, Cancel);

        Assert.Empty(await _accounts.FindTracesAsync(_spec.Name, _spec.Id, null, Cancel));
        Assert.DoesNotContain(await _accounts.ListJobAccountsAsync(Cancel), entry => entry.Name == _spec.Name);
    }

    [Fact]
    public async Task A_group_that_lists_the_account_by_name_or_only_by_its_UUID_is_a_trace_of_it()
    {
        var uuid = Assert.IsType<AccountCreation.Created>(await _accounts.CreateAsync(_spec, Cancel)).GeneratedUid;
        var group = $"/Groups/{_accounts.NameFor(Guid.NewGuid())}";
        await _accounts.DeleteAsync(_spec.Name, Cancel);
        Assert.Empty(await _accounts.FindTracesAsync(_spec.Name, _spec.Id, uuid, Cancel));
        try
        {
            Assert.Equal(0, await DsclAsync("-create", group, "PrimaryGroupID", $"{TestNumbers.Next()}"));
            Assert.Equal(0, await DsclAsync("-append", group, "GroupMembers", $"{uuid}".ToUpperInvariant()));
            Assert.Equal([$"{group} by GroupMembers"], await _accounts.FindTracesAsync(_spec.Name, _spec.Id, uuid, Cancel));

            Assert.Equal(0, await DsclAsync("-append", group, "GroupMembership", _spec.Name));
            Assert.Equal([$"{group} by GroupMembership", $"{group} by GroupMembers"], await _accounts.FindTracesAsync(_spec.Name, _spec.Id, uuid, Cancel));
        }
        finally
        {
            _ = await DsclAsync("-delete", group);
        }
    }

    [Fact]
    public async Task The_account_has_no_password_is_hidden_and_its_number_is_claimed_before_all_else()
    {
        await _accounts.CreateAsync(_spec, Cancel);

        Assert.Equal([$"-create /Groups/NAME PrimaryGroupID {_spec.Id}", $"-create /Users/NAME UniqueID {_spec.Id}", "-q ."], Writes());
        AssertIsAsDescribed();
    }

    [Fact]
    public async Task What_many_commands_in_one_run_did_not_write_is_written_singly()
    {
        // Quotation marks are left out of the batch, and the second account's batch dies.
        var spec = _spec with { Description = "A \"quoted\" job" };
        await _accounts.CreateAsync(spec, Cancel);
        Assert.Equal(spec.Description, Read("/Users", "RealName"));
        await _accounts.DeleteAsync(_spec.Name, Cancel);
        _earlierCalls = _mac.Control.Calls().Count;
        _mac.Control.Inject(new FaultRule { Tool = "dscl", Argument = "Password", Sigkill = 1 });

        await _accounts.CreateAsync(_spec, Cancel);

        Assert.Equal(9, Writes().Count(write => write.StartsWith("-create", StringComparison.Ordinal)));
        AssertIsAsDescribed();
    }

    [Fact]
    public async Task Creating_again_is_no_error()
    {
        Assert.Null(_accounts.HolderOf(_spec.Id));
        await _accounts.CreateAsync(_spec, Cancel);
        Assert.Equal($"user {_spec.Name}", _accounts.HolderOf(_spec.Id));

        Assert.IsType<AccountCreation.Created>(await _accounts.CreateAsync(_spec, Cancel));
    }

    [Fact]
    public async Task A_taken_number_leaves_a_half_made_record_that_the_next_attempt_completes()
    {
        _mac.Control.Inject(new FaultRule { Tool = "dscl", Argument = "UniqueID", UidTaken = [_spec.Id] });
        Assert.IsType<AccountCreation.IdTaken>(await _accounts.CreateAsync(_spec, Cancel));
        Assert.Contains(await _accounts.ListJobAccountsAsync(Cancel), entry => entry.Name == _spec.Name);

        var next = _spec with { Id = TestNumbers.Next() };
        Assert.IsType<AccountCreation.Created>(await _accounts.CreateAsync(next, Cancel));

        Assert.Equal($"{next.Id} {next.Id}", Scratch.Shell("echo $(id -u \"$1\") $(id -g \"$1\")", _spec.Name).Trim());
        Assert.Empty(await _accounts.FindTracesAsync(_accounts.NameFor(Guid.Empty), _spec.Id, null, Cancel));
    }

    [Fact]
    public async Task A_taken_number_that_leaves_no_record_is_as_good()
    {
        _mac.Control.Inject(new FaultRule { Tool = "dscl", Argument = "UniqueID", UidTaken = [_spec.Id] });
        Assert.IsType<AccountCreation.IdTaken>(await _accounts.CreateAsync(_spec, Cancel));
        Scratch.Shell("\"$1\" . -delete \"/Users/$2\"", $"{_mac.Root}/usr/bin/dscl", _spec.Name);

        Assert.IsType<AccountCreation.Created>(await _accounts.CreateAsync(_spec with { Id = TestNumbers.Next() }, Cancel));
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
    public async Task A_taken_group_number_is_taken_too()
    {
        _mac.Control.Inject(new FaultRule { Tool = "dscl", Argument = "PrimaryGroupID", UidTaken = [_spec.Id] });

        Assert.IsType<AccountCreation.IdTaken>(await _accounts.CreateAsync(_spec, Cancel));
    }

    [Fact]
    public async Task Settings_of_launchd_that_carry_the_number_make_it_unfit()
    {
        var overrides = $"{_mac.Root}/private/var/db/com.apple.xpc.launchd/disabled.{_spec.Id}.plist";
        await File.WriteAllTextAsync(overrides, "", Cancel);
        try
        {
            Assert.Equal(overrides, _accounts.HolderOf(_spec.Id));
            Assert.Equal(new AccountCreation.IdTaken(overrides), await _accounts.CreateAsync(_spec, Cancel));
        }
        finally
        {
            File.Delete(overrides);
        }
    }

    [Fact]
    public async Task A_refused_deletion_says_so_and_nothing_is_called_gone()
    {
        await _accounts.CreateAsync(_spec, Cancel);
        _mac.Control.Inject(new FaultRule { Tool = "dscl", Verb = "delete", TccDenied = true });

        var refusal = await Assert.ThrowsAsync<AccountDirectoryException>(() => _accounts.DeleteAsync(_spec.Name, Cancel));

        Assert.True(refusal.IsRefused);
        Assert.Contains("Full Disk Access", refusal.Message, StringComparison.Ordinal);
        Assert.NotEmpty(await _accounts.FindTracesAsync(_spec.Name, _spec.Id, null, Cancel));
    }

    [Fact]
    public async Task An_account_that_must_stay_is_neutralised_and_keeps_its_number()
    {
        await _accounts.CreateAsync(_spec, Cancel);
        Assert.Equal(0, await DsclAsync("-passwd", $"/Users/{_spec.Name}", "the job's own"));
        _mac.Control.Inject(new FaultRule { Tool = "dscl", TccDenied = true });

        Assert.Equal(["NFSHomeDirectory (refused)"], await _accounts.NeutraliseAsync(_spec.Name, Cancel));

        Assert.Equal($"/usr/bin/false|*|{_spec.Home}|{_spec.Id}", Read("/Users", "UserShell", "Password", "NFSHomeDirectory", "UniqueID"));
        Assert.DoesNotContain("AuthenticationAuthority", Scratch.Shell("\"$1/usr/bin/dscl\" . -read \"/Users/$2\"", _mac.Root, _spec.Name), StringComparison.Ordinal);
        Assert.Equal($"{_spec.Id}", Read("/Groups", "PrimaryGroupID"));
        Assert.Equal($"user {_spec.Name}", _accounts.HolderOf(_spec.Id));

        _mac.Control.Clear();
        Assert.Empty(await _accounts.NeutraliseAsync(_spec.Name, Cancel));
        Assert.Equal("/var/empty", Read("/Users", "NFSHomeDirectory"));
        await _accounts.DeleteAsync(_spec.Name, Cancel);
        Assert.Empty(await _accounts.FindTracesAsync(_spec.Name, _spec.Id, null, Cancel));
    }

    [Fact]
    public async Task What_is_neutralised_already_is_not_written_again()
    {
        await _accounts.CreateAsync(_spec, Cancel);
        Assert.Empty(await _accounts.NeutraliseAsync(_spec.Name, Cancel));
        _earlierCalls = _mac.Control.Calls().Count;

        Assert.Empty(await _accounts.NeutraliseAsync(_spec.Name, Cancel));

        Assert.Empty(Writes());
    }

    [Fact]
    public async Task Neutralising_makes_no_record_where_there_is_none()
    {
        Assert.Empty(await _accounts.NeutraliseAsync(_spec.Name, Cancel));

        Assert.DoesNotContain(await _accounts.ListJobAccountsAsync(Cancel), entry => entry.Name == _spec.Name);
    }

    [Fact]
    public async Task Each_change_that_is_refused_is_told_and_the_others_are_still_made()
    {
        var (tool, writes) = (Substitute.For<ITool>(), new List<string>());
        var accounts = new MacAccounts(tool, new MacProcesses(), TimeSpan.FromSeconds(30), TimeProvider.System, "");
        tool.RunAsync(default!, default!, default, Cancel).ReturnsForAnyArgs(call =>
        {
            var arguments = call.ArgAt<IReadOnlyList<string>>(1);
            if (arguments.Contains("-read"))
            {
                return new ToolResult(0, "<?xml version=\"1.0\"?><plist><dict><key>dsAttrTypeStandard:AuthenticationAuthority</key><array><string>;ShadowHash;</string></array></dict></plist>", "");
            }

            writes.Add($"{arguments[1]} {arguments[3]}");
            return new ToolResult(40, "", "<dscl_cmd> DS Error: -14120 (eDSPermissionError)\n");
        });

        Assert.Equal(
            ["UserShell (refused)", "Password (refused)", "NFSHomeDirectory (refused)", "AuthenticationAuthority (refused)"],
            await accounts.NeutraliseAsync(_spec.Name, Cancel));

        Assert.Equal(["-create UserShell", "-create Password", "-create NFSHomeDirectory", "-delete AuthenticationAuthority"], writes);
    }

    [Fact]
    public async Task A_directory_that_does_not_answer_is_not_asked_for_every_change()
    {
        await _accounts.CreateAsync(_spec, Cancel);
        _mac.Control.Inject(new FaultRule { Tool = "dscl", Verb = "create", Hang = true });
        var impatient = new MacAccounts(new Tool(TimeProvider.System), new MacProcesses(), TimeSpan.FromSeconds(3), TimeProvider.System, _mac.Root);
        _earlierCalls = _mac.Control.Calls().Count;

        var silence = await Assert.ThrowsAsync<AccountDirectoryException>(() => impatient.NeutraliseAsync(_spec.Name, Cancel));

        Assert.True(silence.IsUnanswered);
        Assert.Single(Writes());
    }

    [Fact]
    public async Task Spurious_failures_kills_noise_and_slow_look_ups_change_nothing()
    {
        _mac.Control.Inject(
            new FaultRule { Tool = "dscl", Verb = "create", Flake140 = 1, StderrNoise = ["objc[1]: Class X is implemented in both"], LookupLagMs = 300 },
            new FaultRule { Tool = "dscl", Verb = "create", Argument = "NFSHomeDirectory", Flake140Applied = 1 },
            new FaultRule { Tool = "dscl", Verb = "create", Argument = "IsHidden", Sigkill = 2, DelayMs = 50 },
            new FaultRule { Tool = "dscl", Verb = "create", Argument = "UniqueID", SigkillApplied = 1 },
            new FaultRule { Tool = "dscl", Verb = "delete", Flake140Applied = 1 });

        Assert.IsType<AccountCreation.Created>(await _accounts.CreateAsync(_spec, Cancel));
        await _accounts.DeleteAsync(_spec.Name, Cancel);

        Assert.Empty(await _accounts.FindTracesAsync(_spec.Name, _spec.Id, null, Cancel));
    }

    [Fact]
    public async Task Foreign_line_ends_and_noise_in_every_answer_change_nothing()
    {
        _mac.Control.Inject(new FaultRule { Tool = "dscl", Crlf = true, StderrNoise = ["objc[1]: Class X is implemented in both"] });

        var created = Assert.IsType<AccountCreation.Created>(await _accounts.CreateAsync(_spec, Cancel));

        Assert.Contains(new AccountEntry(_spec.Name, _spec.Id, _spec.Home, created.GeneratedUid), await _accounts.ListJobAccountsAsync(Cancel));
        Assert.Equal(8, (await _accounts.FindTracesAsync(_spec.Name, _spec.Id, null, Cancel)).Count);
        Assert.Empty(await _accounts.NeutraliseAsync(_spec.Name, Cancel));
        await _accounts.DeleteAsync(_spec.Name, Cancel);
        Assert.Empty(await _accounts.FindTracesAsync(_spec.Name, _spec.Id, null, Cancel));
    }

    [Theory]
    [InlineData(1500, true)]
    [InlineData(20_000, false)]
    public async Task Look_ups_that_lag_are_waited_for_with_flushed_caches_but_not_for_ever(int lagMs, bool isMade)
    {
        _mac.Control.Inject(new FaultRule { Tool = "dscl", LookupLagMs = lagMs });
        var time = new FakeTimeProvider();
        var accounts = new MacAccounts(new Tool(TimeProvider.System), new MacProcesses(), TimeSpan.FromSeconds(30), time, _mac.Root);
        var creation = accounts.CreateAsync(_spec, Cancel);
        while (!creation.IsCompleted)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(isMade ? 100 : 1), TimeProvider.System, Cancel);
            time.Advance(TimeSpan.FromMilliseconds(100));
        }

        if (isMade)
        {
            Assert.IsType<AccountCreation.Created>(await creation);
        }
        else
        {
            var failure = await Assert.ThrowsAsync<AccountDirectoryException>(() => creation);
            Assert.Contains("name look-ups do not show it, not even after flushing the caches", failure.Message, StringComparison.Ordinal);
        }

        Assert.Contains(_mac.Control.Calls().Skip(_earlierCalls), call => call.Tool == "dscacheutil");
    }

    [Theory]
    [InlineData("root")]
    [InlineData("bk-x")]
    [InlineData("bk-0190fdd5-a1b2-4c3d-8e9f-0a1b2c3d4e5f/../root")]
    [InlineData("bk-0190fdd5-a1b2-4c3d-8e9f-0a1b2c3d4e5f\n")]
    [InlineData("bk-0190FDD5-A1B2-4C3D-8E9F-0A1B2C3D4E5F")]
    public async Task Only_names_of_job_accounts_are_touched(string name)
    {
        await Assert.ThrowsAsync<ArgumentException>(() => _accounts.DeleteAsync(name, Cancel));
        await Assert.ThrowsAsync<ArgumentException>(() => _accounts.NeutraliseAsync(name, Cancel));
        await Assert.ThrowsAsync<ArgumentException>(() => _accounts.CreateAsync(_spec with { Name = name }, Cancel));
    }

    private async Task<int> DsclAsync(params string[] arguments) =>
        (await new Tool(TimeProvider.System).RunAsync($"{_mac.Root}/usr/bin/dscl", [".", .. arguments], TimeSpan.FromSeconds(30), Cancel)).ExitCode;

    private List<string> Writes() =>
    [
        .. _mac.Control.Calls()
            .Skip(_earlierCalls)
            .Where(call => call.Tool == "dscl" && (call.Argv.Contains("-create") || call.Argv.Contains("-q")))
            .Select(call => string.Join(' ', call.Argv.SkipWhile(argument => argument == ".")).Replace(_spec.Name, "NAME", StringComparison.Ordinal)),
    ];

    private void AssertIsAsDescribed()
    {
        var number = $"{_spec.Id}";
        Assert.Equal(
            $"{number}|{number}|/bin/bash|{_spec.Description}|1|*|{_spec.Home}",
            Read("/Users", "UniqueID", "PrimaryGroupID", "UserShell", "RealName", "IsHidden", "Password", "NFSHomeDirectory"));
        Assert.Equal($"{number}|*", Read("/Groups", "PrimaryGroupID", "Password"));
    }

    // A value with blanks stands on a line of its own.
    private string Read(string folder, params IEnumerable<string> keys) => string.Join('|', keys.Select(key =>
        Scratch.Shell("\"$1/usr/bin/dscl\" . -read \"$2/$3\" \"$4\"", _mac.Root, folder, _spec.Name, key).Split($"{key}:")[1].Trim()));
}
