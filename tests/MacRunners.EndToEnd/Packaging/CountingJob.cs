using System.Globalization;
using MacRunners.Simulator.State;

namespace MacRunners.EndToEnd.Packaging;

/// <summary>A job that prints 1, 2, 3 … until it is released: a gap in its log is seen, and so is a second run.</summary>
internal sealed class CountingJob
{
    private const string Done = "counted to the end";
    private readonly ServicedMachine _machine;
    private readonly string _release = $"/opt/release-{Guid.NewGuid():N}";

    public CountingJob(ServicedMachine machine)
    {
        _machine = machine;
        Id = machine.Buildkite.Server.Cluster.AddJob(new JobSpec
        {
            Command = $"i=0; until [ -e '{machine.Own(_release)}' ]; do i=$((i+1)); echo \"count $i\"; sleep 0.1; done; echo '{Done}'",
        });
    }

    /// <summary>Its id at Buildkite.</summary>
    public string Id { get; }

    /// <summary>Waits until it counts.</summary>
    public Task CountsAsync() => _machine.UntilAsync(() => Task.FromResult(Counted().Count > 0), $"job {Id} counts");

    /// <summary>Whether it has not ended.</summary>
    public bool Runs => _machine.View(Id).State == "running";

    /// <summary>Lets it end; finds that it passed and that its log is complete.</summary>
    public async Task PassesAsync()
    {
        File.WriteAllText(_machine.PathOf(_release), "");
        await _machine.UntilAsync(() => Task.FromResult(_machine.View(Id).State == "finished"), $"job {Id} has ended");
        File.Delete(_machine.PathOf(_release));
        Assert.Equal(0, _machine.View(Id).ExitStatus);
        var counted = Counted();
        Assert.Equal(Enumerable.Range(1, counted.Count), counted);
        Assert.Contains(Done, Worker.Printed(_machine.View(Id)));
    }

    private List<int> Counted() =>
        [.. Worker.Printed(_machine.View(Id)).Where(line => line.StartsWith("count ", StringComparison.Ordinal)).Select(line => int.Parse(line["count ".Length..], CultureInfo.InvariantCulture))];
}
