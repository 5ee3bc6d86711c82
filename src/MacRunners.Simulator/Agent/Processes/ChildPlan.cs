namespace MacRunners.Simulator.Agent.Processes;

/// <summary>Takes output of a child as it comes; false stops the copying.</summary>
internal delegate bool OutputSink(ReadOnlySpan<byte> bytes);

/// <summary>What to run and how.</summary>
internal sealed record ChildPlan
{
    /// <summary>Absolute path of the program.</summary>
    public required string Path { get; init; }

    /// <summary>Arguments without the program itself.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>Name the program is told it was started by; null: <see cref="Path"/>.</summary>
    public string? Argument0 { get; init; }

    /// <summary>Entries <c>NAME=value</c>, as they come to <c>execve</c>.</summary>
    public required IReadOnlyList<string> Environment { get; init; }

    public required string Directory { get; init; }

    /// <summary>A session of its own on a pseudo-terminal; otherwise a process group of its own on pipes.</summary>
    public bool Terminal { get; init; }

    public required OutputSink Output { get; init; }

    /// <summary>Where standard error goes without a terminal; null: with the output, through the same pipe.</summary>
    public OutputSink? Errors { get; init; }

    /// <summary>Standard input without a terminal; null: <c>/dev/null</c>.</summary>
    public byte[]? Input { get; init; }
}
