using MacRunners.Buildkite;
using MacRunners.Jobs;

namespace MacRunners.Tests.Jobs;

public class JobChooserTests
{
    private static readonly DateTimeOffset Noon = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Takes_the_highest_priority_and_then_the_longest_waiting()
    {
        var late = Job(priority: 0, minutes: 2);
        var early = Job(priority: 0, minutes: 1);
        var urgent = Job(priority: 5, minutes: 3);
        var unimportant = Job(priority: -1, minutes: 0);

        var chosen = JobChooser.Choose([unimportant, late, urgent, early], 3, new HashSet<Guid>());

        Assert.Equal([urgent.Id, early.Id, late.Id], chosen.Select(job => job.Id));
    }

    [Fact]
    public void Never_takes_a_job_that_is_already_here_nor_one_twice()
    {
        var held = Job(0, 0);
        var other = Job(0, 1);

        var chosen = JobChooser.Choose([held, other, other], 5, new HashSet<Guid> { held.Id });

        Assert.Equal([other.Id], chosen.Select(job => job.Id));
    }

    [Fact]
    public void Takes_nothing_without_a_free_slot() => Assert.Empty(JobChooser.Choose([Job(0, 0)], 0, new HashSet<Guid>()));

    [Fact]
    public void Whatever_is_offered_the_choice_is_within_the_slots_and_no_better_job_is_left_out()
    {
        var random = new Random(20260501);
        for (var round = 0; round < 500; round++)
        {
            var offers = Enumerable.Range(0, random.Next(20)).Select(_ => Job(random.Next(-2, 3), random.Next(60))).ToList();
            var held = offers.Where(_ => random.Next(4) == 0).Select(job => job.Id).ToHashSet();
            var slots = random.Next(6);

            var chosen = JobChooser.Choose(offers, slots, held);
            var left = offers.Where(job => !held.Contains(job.Id) && !chosen.Contains(job)).ToList();

            Assert.Equal(Math.Min(slots, chosen.Count + left.Count), chosen.Count);
            Assert.DoesNotContain(chosen, job => held.Contains(job.Id));
            Assert.All(left, job => Assert.All(chosen, taken => Assert.True(
                taken.Priority > job.Priority || (taken.Priority == job.Priority && taken.ScheduledAt <= job.ScheduledAt))));
        }
    }

    private static ScheduledJob Job(int priority, int minutes) =>
        new(Guid.NewGuid(), priority, [], Noon.AddMinutes(minutes), "demo", 1, "main", null);
}
