using Prometheus;

namespace MacRunners.Telemetry;

/// <summary>Creates the families of the daemon's metrics in its registry, and remembers them: the documentation is written from here.</summary>
internal sealed class MetricFamilies(CollectorRegistry registry)
{
    private readonly MetricFactory _factory = Metrics.WithCustomRegistry(registry);
    private readonly List<MetricFamily> _all = [];

    /// <summary>All that were created, in that order.</summary>
    public IReadOnlyList<MetricFamily> All => _all;

    /// <summary>Adds a counter.</summary>
    public Counter CreateCounter(string name, string help, params string[] labels)
    {
        _all.Add(new MetricFamily(name, "counter", labels, help));
        return _factory.CreateCounter(name, help, labels);
    }

    /// <summary>Adds a gauge.</summary>
    public Gauge CreateGauge(string name, string help, params string[] labels)
    {
        _all.Add(new MetricFamily(name, "gauge", labels, help));
        return _factory.CreateGauge(name, help, labels);
    }

    /// <summary>Adds a histogram.</summary>
    public Histogram CreateHistogram(string name, string help, string[] labels, HistogramConfiguration configuration)
    {
        _all.Add(new MetricFamily(name, "histogram", labels, help));
        return _factory.CreateHistogram(name, help, labels, configuration);
    }
}

/// <summary>One family of metrics.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind"><c>counter</c>, <c>gauge</c> or <c>histogram</c>.</param>
/// <param name="Labels">Names of its labels.</param>
/// <param name="Help">What it says.</param>
internal sealed record MetricFamily(string Name, string Kind, IReadOnlyList<string> Labels, string Help);
