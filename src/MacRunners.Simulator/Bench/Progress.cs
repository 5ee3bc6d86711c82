using System.Diagnostics;

namespace MacRunners.Simulator.Bench;

/// <summary>Says where the bench is, while it runs.</summary>
internal sealed class Progress(TextWriter output)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly long _started = Stopwatch.GetTimestamp();
    private long _last;

    /// <summary>Says it at once.</summary>
    public async Task SayAsync(string what)
    {
        _last = Stopwatch.GetTimestamp();
        await output.WriteLineAsync($"{Stopwatch.GetElapsedTime(_started).TotalSeconds,6:0} s  {what}");
    }

    /// <summary>Says it unless something was said a moment ago.</summary>
    public Task MaybeSayAsync(string what) => Stopwatch.GetElapsedTime(_last) < Interval ? Task.CompletedTask : SayAsync(what);
}
