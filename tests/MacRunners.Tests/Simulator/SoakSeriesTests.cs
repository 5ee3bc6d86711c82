using MacRunners.Simulator.Soak;

namespace MacRunners.Tests.Simulator;

public class SoakSeriesTests
{
    private const long Mebibyte = 1024 * 1024;

    [Fact]
    public void A_daemon_that_grows_from_look_to_look_is_found()
    {
        var series = new SoakSeries();
        foreach (var look in Enumerable.Range(0, 40))
        {
            series.Add(Look(megabytes: 30 + look, descriptors: 40 + look));
        }

        Assert.Equal(
            [
                "the daemon's memory grew from 45.0 MiB to 65.0 MiB (medians of the second and the last quarter of 40 looks at process 1)",
                "the daemon's descriptors grew from 55 to 75 (medians of the second and the last quarter of 40 looks at process 1)",
            ],
            series.Growth());
    }

    [Fact]
    public void Peaks_a_warm_up_and_a_new_daemon_are_no_growth()
    {
        var series = new SoakSeries();
        foreach (var look in Enumerable.Range(0, 40))
        {
            series.Add(Look(megabytes: look < 10 ? 15 : look % 13 == 0 ? 90 : 30, descriptors: 40));
            series.Add(Look(megabytes: 80, descriptors: 90, daemon: 2));
        }

        Assert.Empty(series.Growth());
    }

    [Fact]
    public void Few_looks_prove_nothing()
    {
        var series = new SoakSeries();
        foreach (var look in Enumerable.Range(0, 19))
        {
            series.Add(Look(megabytes: 30 + (100 * look), descriptors: 40));
        }

        Assert.Empty(series.Growth());
    }

    [Fact]
    public void The_table_has_first_median_and_last()
    {
        var series = new SoakSeries();
        Assert.Empty(series.Table());
        series.Add(Look(megabytes: 30, descriptors: 40));
        series.Add(Look(megabytes: 50, descriptors: 42));
        series.Add(Look(megabytes: 40, descriptors: 41));

        Assert.Contains("memory          30.0 MiB    40.0 MiB    40.0 MiB", series.Table());
        Assert.Contains("descriptors 41", series.Present, StringComparison.Ordinal);
        Assert.Contains("groups 1, processes 2, files 3, mounts 0", series.Present, StringComparison.Ordinal);
    }

    private static SoakFigures Look(long megabytes, int descriptors, int daemon = 1) =>
        new(daemon, megabytes * Mebibyte, descriptors, Threads: 12, Accounts: 1, Groups: 1, Processes: 2, Files: 3, Mounts: 0, Objects: 0, ControlGroups: 0, TrashEntries: 0, FreeBytes: 1L << 30);
}
