namespace MacRunners.Simulator.Orka;

/// <summary>What verbs that serve have in common.</summary>
internal static class ListeningCommand
{
    /// <summary>Says the address in one line, then waits to be told to end.</summary>
    public static async Task AnnounceAndWaitAsync(Uri address, TextWriter output, CancellationToken cancellation)
    {
        await output.WriteLineAsync($"listening on {address.GetLeftPart(UriPartial.Authority)}");
        await output.FlushAsync(cancellation);
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (cancellation.Register(stopped.SetResult))
        {
            await stopped.Task;
        }
    }
}
