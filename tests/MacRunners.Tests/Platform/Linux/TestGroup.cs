using MacRunners.Platform.Linux;
using Microsoft.Extensions.Logging.Abstractions;

namespace MacRunners.Tests.Platform.Linux;

/// <summary>The control group of a test's account, in the place of this machine; it goes with the test, whoever is in it.</summary>
internal sealed class TestGroup : IDisposable
{
    private readonly uint _uid;

    internal TestGroup(uint uid)
    {
        _uid = uid;
        var groups = ControlGroups.OfThisProcess(TimeProvider.System, NullLoggerFactory.Instance);
        Assert.SkipWhen(groups is null, "no control groups can be made on this machine");
        Groups = groups;
        Groups.Make(uid);
    }

    internal ControlGroups Groups { get; }

    internal string Folder => Path.Combine(Groups.Place, $"macrunners-uid-{_uid}");

    /// <summary>What takes a process of Python into it.</summary>
    internal string EnterInPython => $"open('{Folder}/cgroup.procs', 'w').write('0')\n";

    internal bool Exists => Directory.Exists(Folder);

    /// <summary>Whether its processes are held still.</summary>
    internal bool IsFrozen => File.ReadAllLines(Path.Combine(Folder, "cgroup.events")).Contains("frozen 1");

    public void Dispose()
    {
        if (Exists)
        {
            Groups.Kill(_uid);
            Groups.RemoveAsync(_uid).GetAwaiter().GetResult();
        }
    }
}
