using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MacRunners.Health;
using MacRunners.Hosting.Http;
using MacRunners.Tests.Hosting;
using MacRunners.Tests.Packaging;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace MacRunners.Tests.Documentation;

/// <summary>The answer of <c>/health</c> that README shows is one the daemon could give.</summary>
public sealed partial class HealthExampleTests
{
    private static readonly JsonObject Example =
        JsonNode.Parse(Block().Match(File.ReadAllText(RepositoryRoot.PathOf("README.md"))).Groups[1].Value)!.AsObject();

    [Fact]
    public async Task It_has_the_fields_of_a_real_answer_in_their_order_and_of_their_kinds()
    {
        await using var pages = await Pages.StartAsync(Finding.Unhealthy("dirty", "recycle it"));
        using var answer = await pages.Client.GetAsync(new Uri("/health", UriKind.Relative), TestContext.Current.CancellationToken);
        var real = JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!.AsObject();

        Assert.Equal(Shape(real), Shape(Example));
        Assert.All(Example["checks"]!.AsArray(), check => Assert.Equal(Shape(real["checks"]![0]!.AsObject()).Keys, Shape(check!.AsObject()).Keys));
    }

    [Fact]
    public void It_names_every_check_in_the_daemon_s_order()
    {
        var services = new ServiceCollection();
        services.AddMacRunnersHealth();
        using var provider = services.BuildServiceProvider();
        var checks = provider.GetRequiredService<IOptions<HealthCheckServiceOptions>>().Value.Registrations.Select(registration => registration.Name);

        Assert.Equal(checks, Example["checks"]!.AsArray().Select(check => check!["name"]!.GetValue<string>()));
    }

    [Fact]
    public void It_is_consistent()
    {
        var document = JsonSerializer.Deserialize(Example.ToJsonString(), HttpJson.Default.HealthDocument)!;

        Assert.Equal(document.Checks.Select(check => Enum.Parse<HealthStatus>(check.Status, ignoreCase: true)).Min(), Enum.Parse<HealthStatus>(document.Status, ignoreCase: true));
        Assert.All(document.Checks, check => Assert.Equal(check.Status != "healthy", check.Remedy is not null));
    }

    private static Dictionary<string, JsonValueKind> Shape(JsonObject document) =>
        document.ToDictionary(field => field.Key, field => field.Value?.GetValueKind() ?? JsonValueKind.Null);

    [GeneratedRegex("<!-- health -->\n```json\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();
}
