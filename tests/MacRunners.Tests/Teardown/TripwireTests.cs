using MacRunners.Teardown;
using MacRunners.Telemetry;
using MacRunners.Tests.Platform;
using NSubstitute;

namespace MacRunners.Tests.Teardown;

public sealed class TripwireTests : IDisposable
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;
    private readonly TestMachine _machine = new();

    public TripwireTests()
    {
        Directory.CreateDirectory(Path.Combine(Protected, "rules.d"));
        File.WriteAllText(Path.Combine(Protected, "sudoers"), "root ALL=(ALL) ALL\n");
        File.WriteAllText(Path.Combine(Protected, "rules.d/one"), "one\n");
        File.WriteAllText(Path.Combine(Protected, "rules.d/macrunners.service"), "[Unit]\n");
        _machine.Platform.Service.Definitions.Returns([Path.Combine(Protected, "rules.d/macrunners.service")]);
        File.CreateSymbolicLink(Path.Combine(Protected, "link"), "sudoers");
    }

    private string Protected => _machine["protected"];

    public void Dispose() => _machine.Dispose();

    [Theory]
    [InlineData("true", null)]
    [InlineData("touch -d 2001-01-01 sudoers rules.d", null)]
    [InlineData("cp sudoers copy && mv copy sudoers", null)]
    [InlineData("echo 'job ALL=(ALL) NOPASSWD: ALL' >>sudoers", "sudoers was changed")]
    [InlineData("touch -r sudoers stamp && sed -i s/ALL/AAA/ sudoers && touch -r stamp sudoers && rm stamp", "sudoers was changed")]
    [InlineData("chmod 666 sudoers", "sudoers was changed")]
    [InlineData("chmod 777 rules.d", "rules.d was changed")]
    [InlineData("chown 1000 sudoers", "sudoers was changed")]
    [InlineData("mkfifo rules.d/pipe", "rules.d/pipe was added")]
    [InlineData("echo upgraded >rules.d/macrunners.service.new && mv rules.d/macrunners.service.new rules.d/macrunners.service", null)]
    [InlineData("touch rules.d/macrunners.service.new", null)]
    [InlineData("touch rules.d/macrunners-too", "rules.d/macrunners-too was added")]
    [InlineData("touch \"rules.d/$(printf '\\377')\"", "rules.d/\\xff was added")]
    [InlineData("echo two >rules.d/two", "rules.d/two was added")]
    [InlineData("rm rules.d/one", "rules.d/one was removed")]
    [InlineData("ln -sf /tmp/x link", "link was changed")]
    [InlineData("rm sudoers && mkdir sudoers", "sudoers was changed")]
    public void What_decides_about_rights_is_compared_by_mode_and_content(string script, string? change)
    {
        _machine.Tripwire.Arm();

        Scratch.Shell($"cd \"$1\" && {script}", Protected);

        Assert.Equal(change is null ? [] : [$"{Protected}/{change}"], _machine.Tripwire.Changes());
    }

    [Theory]
    [InlineData("cp /bin/true set && chmod 4755 set", "set")]
    [InlineData("mkdir -m 777 open && cp /bin/true open/set && chmod 2755 open/set", "open/set")]
    [InlineData("cp /bin/true set && chown 1000 set && chmod 4755 set", "set")]
    [InlineData("cp /bin/true set && chmod 755 set", null)]
    [InlineData("rm kept", null)]
    [InlineData("cp /bin/true set && chown \"$2\" set && chmod 4755 set", null)]
    [InlineData("mkdir set && chmod 2755 set", null)]
    [InlineData("touch kept", null)]
    [InlineData("cp kept other && chmod 4755 other && mv other kept", "kept was changed")]
    public void What_lends_roots_rights_in_a_shared_folder_is_noticed(string script, string? noticed)
    {
        Scratch.Shell("cp /bin/true \"$1/kept\" && chmod 4755 \"$1/kept\"", _machine.Shared);
        _machine.Tripwire.Arm();

        Scratch.Shell($"cd \"$1\" && {script}", _machine.Shared, $"{_machine.Id}");

        var change = noticed is null || noticed.Contains(' ', StringComparison.Ordinal) ? noticed : $"{noticed} was added";
        Assert.Equal(change is null ? [] : [$"a program that lends its owner's rights, {_machine.Shared}/{change}"], _machine.Tripwire.Changes());
    }

    [Fact]
    public void Before_the_first_job_there_is_nothing_to_compare_with() => Assert.Empty(_machine.Tripwire.Changes());

    [Fact]
    public async Task A_change_while_a_job_is_here_makes_the_machine_dirty_until_it_is_taken_back()
    {
        _machine.JournalAccount(Guid.NewGuid(), _machine.MakeAccount());
        _machine.ReopenJournal();
        _machine.Tripwire.Arm();
        Scratch.Shell("echo 'job ALL=(ALL) NOPASSWD: ALL' >>\"$1/sudoers\"", Protected);

        var report = await _machine.Teardown().RunAsync(Assert.Single(_machine.Journal.OpenJobs()), _ => { }, Cancel);

        Assert.Equal([new Residue(ResidueKind.System, $"{Protected}/sudoers was changed")], report.Remaining);
        Assert.Contains("sudoers was changed", _machine.Dirty.Reason, StringComparison.Ordinal);

        // A restart does not make the changed file the measure.
        _machine.ReopenJournal();
        await _machine.Recovery().RunAsync(Cancel);
        Assert.Contains($"{Protected}/sudoers was changed", _machine.Dirty.Reason, StringComparison.Ordinal);
        Assert.Contains(_machine.Tripwire.Folder, _machine.Dirty.Reason, StringComparison.Ordinal);

        Scratch.Shell("sed -i '$d' \"$1/sudoers\"", Protected);
        await _machine.Recovery().RunAsync(Cancel);
        Assert.False(_machine.Dirty.IsDirty);
    }

    [Fact]
    public async Task A_change_can_be_accepted()
    {
        _machine.Tripwire.Arm();
        Scratch.Shell("echo accepted >>\"$1/sudoers\"", Protected);
        _machine.Dirty.Enter(null, "changed");
        await _machine.Recovery().RunAsync(Cancel);
        Assert.True(_machine.Dirty.IsDirty);

        Scratch.Shell("rm -r \"$1\"", _machine.Tripwire.Folder);
        await _machine.Recovery().RunAsync(Cancel);
        Assert.False(_machine.Dirty.IsDirty);
    }
}
