using MacRunners.Health;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace MacRunners.Tests.Health;

public sealed class SteadyVerdictTests
{
    private readonly SteadyVerdict _verdict = new();

    [Theory]
    // The first look counts, whatever it finds.
    [InlineData("h", "h")]
    [InlineData("u", "u")]
    // Worse at once, by one step or two.
    [InlineData("hdu", "hdu")]
    [InlineData("hu", "hu")]
    // Better after three looks in a row.
    [InlineData("uhhh", "uuuh")]
    [InlineData("dhhh", "dddh")]
    // A limit that is touched again and again: no change is shown for as long as that goes on.
    [InlineData("huhuhhuhhuhhuhhh", "huuuuuuuuuuuuuuh")]
    [InlineData("hdhdhdhd", "hddddddd")]
    // The worst of the better looks is what is believed first.
    [InlineData("uhdhhhh", "uuudddh")]
    [InlineData("uddd", "uuud")]
    public void A_worse_status_is_shown_at_once_and_a_better_one_when_it_lasts(string found, string shown) =>
        Assert.Equal(shown, new string([.. found.Select(look => Letter(_verdict.Look(Result(look), isExact: false)))]));

    [Fact]
    public void What_is_known_for_certain_is_shown_as_it_is() =>
        Assert.Equal("huhuhdh", new string([.. "huhuhdh".Select(look => Letter(_verdict.Look(Result(look), isExact: true)))]));

    [Fact]
    public void Only_states_that_the_daemon_knows_for_certain_are_exempt()
    {
        var services = new ServiceCollection();
        services.AddMacRunnersHealth();
        using var provider = services.BuildServiceProvider();
        var registrations = provider.GetRequiredService<IOptions<HealthCheckServiceOptions>>().Value.Registrations;

        Assert.Equal(["fence", "selftest", "teardown", "retire"], registrations.Where(registration => registration.Tags.Contains(HealthBoard.Exact)).Select(registration => registration.Name));
    }

    [Fact]
    public void Waiting_ends_at_once()
    {
        _ = _verdict.Look(Finding.Awaited("not connected yet", "wait"), isExact: false);

        Assert.Equal(HealthStatus.Healthy, _verdict.Look(Result('h'), isExact: false).Status);
    }

    [Fact]
    public void The_fault_and_its_remedy_stay_in_sight_while_better_looks_are_counted()
    {
        _ = _verdict.Look(Finding.Unhealthy("2 GiB free", "free some"), isExact: false);
        var shown = _verdict.Look(Finding.Healthy("40 GiB free"), isExact: false);

        Assert.True(_verdict.IsCounting);
        Assert.Contains("2 GiB free", shown.Description);
        Assert.Contains("40 GiB free", shown.Description);
        Assert.Equal("free some", shown.Data[Finding.Remedy]);
    }

    private static HealthCheckResult Result(char letter) => letter switch
    {
        'h' => Finding.Healthy("fine"),
        'd' => Finding.Degraded("so so", "look"),
        _ => Finding.Unhealthy("bad", "do"),
    };

    private static char Letter(HealthCheckResult result) => char.ToLowerInvariant(result.Status.ToString()[0]);
}
