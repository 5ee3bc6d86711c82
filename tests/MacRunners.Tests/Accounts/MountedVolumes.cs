using MacRunners.Platform;
using MacRunners.Tests.Platform;

namespace MacRunners.Tests.Accounts;

/// <summary>Volumes for homes that are real file systems in memory, really mounted; their list is the test's.</summary>
internal sealed class MountedVolumes : IHomeVolumes, IDisposable
{
    private const string Everybody = "mode=1777";

    internal List<Made> Present { get; } = [];

    /// <summary>Why none is made; null while they are.</summary>
    internal string? Refusal { get; set; }

    /// <summary>Whether what is made is mounted, too.</summary>
    internal bool AreMounted { get; set; } = true;

    /// <summary>What happens to a volume between its mounting and the next step.</summary>
    internal Action<string> Mounted { get; set; } = _ => { };

    /// <summary>Why none is deleted; null while they are.</summary>
    internal string? Busy { get; set; }

    public Task<Guid> CreateAsync(string homes, string name, long quota, CancellationToken cancellationToken)
    {
        var volume = new Made(name, Guid.NewGuid(), Path.Combine(homes, name));
        Present.Add(volume);
        if (Refusal is not null)
        {
            throw new ToolException(Refusal);
        }

        if (AreMounted)
        {
            Scratch.Shell("mount -t tmpfs -o \"$2\" none \"$1\"", volume.Point, Everybody);
            Mounted(volume.Point);
        }

        return Task.FromResult(volume.Id);
    }

    public Task DeleteAsync(string homes, string name, Guid? id, CancellationToken cancellationToken)
    {
        foreach (var volume in Present.Where(volume => volume.Name == name || volume.Id == id).ToList())
        {
            if (Busy is not null)
            {
                throw new ToolException(Busy);
            }

            Scratch.Shell("umount \"$1\"", volume.Point);
            Present.Remove(volume);
        }

        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<string>> FindAsync(string homes, string name, Guid? id, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<string>>([.. Present.Where(volume => volume.Name == name || volume.Id == id).Select(volume => $"volume {volume.Name}")]);

    public Task<IReadOnlyList<string>> ListAsync(string homes, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<string>>([.. Present.Select(volume => volume.Name)]);

    public Task<SystemCondition> LookAsync(string homes, CancellationToken cancellationToken) => Task.FromResult(new SystemCondition("well"));

    public AccountCommands CommandsFor(string homes, string name, long quota) => new([], []);

    public void Dispose()
    {
        foreach (var volume in Present)
        {
            Scratch.Shell("while umount -l \"$1\"; do :; done", volume.Point);
        }
    }

    internal sealed record Made(string Name, Guid Id, string Point);
}
