using MacRunners.Simulator.Soak.Schedules;

namespace MacRunners.Tests.Simulator;

public class FaultScheduleTests
{
    private const int FirstUid = 760000;
    private const int Seeds = 20;

    [Fact]
    public void The_same_seed_makes_the_same_schedule_and_another_one_another()
    {
        Assert.Equal(Text(7), Text(7));
        Assert.NotEqual(Text(7), Text(8));
    }

    [Fact]
    public void Few_seeds_show_every_fault_some_of_them_without_end_and_both_ways_out()
    {
        var schedules = Enumerable.Range(1, Seeds).Select(seed => FaultSchedule.Create(seed, FirstUid)).ToList();

        Assert.Equal(MacFaultKind.All.Select(kind => kind.Name).Order(), schedules.SelectMany(schedule => schedule.Faults).Select(fault => fault.Name).Distinct().Order());
        Assert.Contains(schedules, schedule => schedule.Faults.Any(fault => fault.Lasts is null));
        Assert.Contains(schedules, schedule => schedule.EndsByRestart);
        Assert.Contains(schedules, schedule => !schedule.EndsByRestart);
        Assert.Contains(schedules, schedule => schedule.Jobs.Any(job => job.CancelledAfter is not null));
    }

    private static string Text(int seed)
    {
        var schedule = FaultSchedule.Create(seed, FirstUid);
        return $"{schedule} {string.Join(' ', schedule.Faults.Select(fault => fault.Rule.ToJsonString()))} {string.Join(' ', schedule.Jobs.Select(job => job.ToString()))}";
    }
}
