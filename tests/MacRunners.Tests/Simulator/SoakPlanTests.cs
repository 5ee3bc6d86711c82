using MacRunners.Simulator.Soak;

namespace MacRunners.Tests.Simulator;

public class SoakPlanTests
{
    [Fact]
    public void The_same_seed_makes_the_same_plan_and_another_one_another()
    {
        var plan = SoakPlan.Create(100, seed: 7);

        Assert.Equal(plan.Jobs, SoakPlan.Create(100, seed: 7).Jobs);
        Assert.Equal(plan.Disturbances, SoakPlan.Create(100, seed: 7).Disturbances);
        Assert.NotEqual(plan.Jobs, SoakPlan.Create(100, seed: 8).Jobs);
    }

    [Theory]
    [InlineData(14)]
    [InlineData(40)]
    [InlineData(500)]
    public void Every_kind_of_job_comes_and_kills_come_in_the_first_half_only(int jobs)
    {
        var plan = SoakPlan.Create(jobs, seed: 1);

        Assert.Equal(jobs, plan.Jobs.Count);
        Assert.Equal(SoakKind.All.Select(kind => kind.Name).Order(), plan.Jobs.Select(job => job.Kind.Name).Distinct().Order());
        Assert.All(plan.Disturbances, disturbance => Assert.InRange(disturbance.AfterJobs, 1, jobs - 1));
        var kills = plan.Disturbances.Where(disturbance => disturbance.Fault is null).ToList();
        Assert.NotEmpty(kills);
        Assert.All(kills, kill => Assert.InRange(kill.AfterJobs, 1, jobs / 2));
    }

    [Fact]
    public void Few_jobs_are_as_many_as_asked_for() => Assert.Equal(3, SoakPlan.Create(3, seed: 1).Jobs.Count);
}
