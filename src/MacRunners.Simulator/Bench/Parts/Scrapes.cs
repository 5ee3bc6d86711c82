using System.Diagnostics;
using MacRunners.Simulator.Bench.Figures;
using MacRunners.Simulator.Bench.Work;

namespace MacRunners.Simulator.Bench.Parts;

/// <summary>Many clients that read <c>/metrics</c> at the same time, each again as soon as it has the answer.</summary>
internal sealed class Scrapes(int clients, int each) : IBenchPart
{
    private const double NearlyEvery = 0.99;

    /// <inheritdoc/>
    public string Key => "scrapes";

    /// <inheritdoc/>
    public string Name => "scrapes";

    /// <inheritdoc/>
    public async Task MeasureAsync(BenchMachine machine, FigureSheet sheet, Progress progress, CancellationToken cancellationToken)
    {
        using var client = new HttpClient { BaseAddress = machine.Trial.Http };
        var took = await Task.WhenAll(Enumerable.Range(0, clients).Select(_ => ScrapeAsync(client, cancellationToken)));
        var samples = new Samples(took.SelectMany(client => client));
        sheet.Begin($"/metrics, {clients} clients at the same time without a pause ({clients * each} answers)");
        sheet.Add("scrape_p50_ms", "answer, median", samples.Median, "ms");
        sheet.Add("scrape_p99_ms", "answer, p99", samples.Quantile(NearlyEvery), "ms");
        sheet.Add("scraped_rss_mib", "resident memory of the daemon afterwards", machine.ResidentMebibytes(), "MiB");
    }

    private async Task<IReadOnlyList<double>> ScrapeAsync(HttpClient client, CancellationToken cancellationToken)
    {
        // Connects.
        _ = await client.GetStringAsync("metrics", cancellationToken);
        var took = new List<double>(each);
        while (took.Count < each)
        {
            var started = Stopwatch.GetTimestamp();
            _ = await client.GetStringAsync("metrics", cancellationToken);
            took.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }

        return took;
    }
}
