namespace MacRunners.EndToEnd;

/// <summary>A machine for many tests, one after another, which can also start the daemon with faults. One that a failed test may have spoiled is replaced by a new one.</summary>
public sealed class TestBench : IAsyncDisposable
{
    private static readonly Dictionary<string, string> Quick = new()
    {
        ["Buildkite:PollInterval"] = "00:00:00.2",
        ["Jobs:StateCheckInterval"] = "00:00:00.3",
    };

    private Worker? _sound;

    /// <summary>Runs a test on the machine. No daemon runs before, and the test leaves none running.</summary>
    internal async Task UseAsync(string platform, Func<Worker, Task> test)
    {
        var worker = _sound ?? await Worker.InstallAsync(platform, Quick, faulty: true);
        _sound = null;
        try
        {
            await test(worker);
        }
        catch
        {
            await worker.DisposeAsync();
            throw;
        }

        _sound = worker;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_sound is not null)
        {
            await _sound.DisposeAsync();
        }
    }
}
