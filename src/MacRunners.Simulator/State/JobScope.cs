namespace MacRunners.Simulator.State;

/// <summary>How a call names the build it means: by a job of it, or directly.</summary>
internal sealed record JobScope
{
    private JobScope()
    {
    }

    public string? JobId { get; private init; }

    public string? BuildId { get; private init; }

    public static JobScope Job(string id) => new() { JobId = id };

    public static JobScope Build(string id) => new() { BuildId = id };
}
