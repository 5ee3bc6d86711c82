using System.Net;
using System.Text.Json.Nodes;
using MacRunners.Fleet.Commands;
using MacRunners.Fleet.Notifications;
using MacRunners.Fleet.Pipeline;
using MacRunners.Simulator.Discord;

namespace MacRunners.Fleet.Tests.Notifications;

/// <summary>Messages about images.</summary>
public sealed class NotifyTests
{
    private const string Image = "bun-macos-15-20261124-0200-ab12cd3";
    private static readonly DateTimeOffset Now = new(2026, 11, 24, 2, 0, 0, TimeSpan.Zero);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("new image promoted", StepOutcome.Passed, StepOutcome.Passed)]
    [InlineData("failed at promote", StepOutcome.Passed, StepOutcome.Failed)]
    [InlineData("failed at build", StepOutcome.Failed, null)]
    [InlineData("skipped", StepOutcome.Skipped, null)]
    [InlineData("ended without a promotion", StepOutcome.Passed, null)]
    [InlineData("ended without a promotion", null, null)]
    public void The_title_is_the_outcome(string expected, object? build, object? promote)
    {
        List<StepResult> steps = [];
        foreach (var (step, outcome) in new[] { ("build", build), ("promote", promote) })
        {
            if (outcome is StepOutcome known)
            {
                steps.Add(new StepResult(step, known, 90, "", Image));
            }
        }

        var embed = ImageMessage.Create("macOS 15", steps, new Uri("https://github.com/a/b/actions/runs/1"), Now)["embeds"]![0]!;

        Assert.Contains(expected, (string)embed["title"]!, StringComparison.Ordinal);
        Assert.Equal("https://github.com/a/b/actions/runs/1", (string)embed["url"]!);
        Assert.Equal(steps.Count, embed["fields"]!.AsArray().Count);
        Assert.All(embed["fields"]!.AsArray(), field => Assert.Contains("90 s", (string)field!["name"]!, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_longest_message_is_within_discords_limits_and_mentions_nobody()
    {
        await using var discord = await StartAsync();
        var steps = Enumerable.Range(0, 40).Select(number => new StepResult($"step-{number}", StepOutcome.Failed, 1e6, string.Concat(Enumerable.Repeat("@everyone 👩‍👩‍👧‍👦 *", 200)), Image)).ToList();

        Assert.Null(await SendAsync(discord, ImageMessage.Create("macOS 15", steps, null, Now)));

        Assert.Single(discord.Messages);
    }

    [Theory]
    [InlineData("12345", 5, "12345")]
    [InlineData("123456", 5, "1234…")]
    [InlineData("ab👩‍👩‍👧‍👦cd", 6, "ab…")]
    public void Text_is_cut_between_characters(string text, int most, string expected) => Assert.Equal(expected, ImageMessage.Cut(text, most));

    [Fact]
    public void Markdown_is_shown_as_it_is() => Assert.Equal(@"\*\*a\*\* \<\@1\> \[x\]\(y\) \`z\`", ImageMessage.Escape("**a** <@1> [x](y) `z`"));

    [Fact]
    public async Task A_busy_discord_gets_the_message_after_the_time_it_names()
    {
        await using var discord = await StartAsync();
        discord.Refuse(429, 0.05);
        discord.Refuse(429, 0.05);

        Assert.Null(await SendAsync(discord, Simple()));
        Assert.Single(discord.Messages);
    }

    [Fact]
    public async Task A_wait_beyond_the_budget_is_not_waited_for()
    {
        await using var discord = await StartAsync();
        discord.Refuse(429, 3600);

        Assert.Contains("429", await SendAsync(discord, Simple()), StringComparison.Ordinal);
        Assert.Empty(discord.Messages);
    }

    [Fact]
    public async Task An_unknown_webhook_is_not_asked_twice_and_its_address_is_not_shown()
    {
        await using var discord = await StartAsync();
        using var webhook = DiscordWebhook.Create(new Uri(discord.Address, "/api/webhooks/1/other-secret").AbsoluteUri, discord.Address.Authority, TimeProvider.System);

        var reason = await webhook.SendAsync(Simple(), Cancellation);

        Assert.Contains("DISCORD_WEBHOOK_URL", reason, StringComparison.Ordinal);
        Assert.DoesNotContain("other-secret", reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://example.com/api/webhooks/1/secret")]
    [InlineData("http://discord.com/api/webhooks/1/secret")]
    [InlineData("https://discord.com.example.com/api/webhooks/1/secret")]
    [InlineData("https://discord.com:8443/api/webhooks/1/secret")]
    [InlineData("https://discord.com/secret")]
    [InlineData("secret")]
    public void Only_discord_gets_the_credential(string address)
    {
        var error = Assert.Throws<ArgumentException>(() => DiscordWebhook.Create(address, "127.0.0.1:1", TimeProvider.System));
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Discords_own_addresses_are_accepted()
    {
        DiscordWebhook.Create("https://discord.com/api/webhooks/1/a", null, TimeProvider.System).Dispose();
        DiscordWebhook.Create("https://discordapp.com/api/webhooks/1/a\n", null, TimeProvider.System).Dispose();
    }

    [Fact]
    public async Task The_verb_sends_one_message_for_a_run_warns_without_address_and_says_when_it_was_not_sent()
    {
        await using var cluster = await Cluster.StartAsync();
        await using var discord = await StartAsync();
        var record = new RunRecord(cluster.Path("run"));
        record.Add(new StepResult("build", StepOutcome.Passed, 1200, "builder VM build-x, log y", Image));
        record.Add(new StepResult("flake", StepOutcome.Failed, 300, "2 of 3", Image));
        string[] verb = ["notify", "--macos", "15", "--record", cluster.Path("run"), "--discord-test-host", discord.Address.Authority];

        Assert.Equal(ExitCodes.Success, (await cluster.RunAsync(verb, discord)).Code);
        Assert.Equal("macOS 15: failed at flake", (string)discord.Messages.Single()["embeds"]![0]!["title"]!);

        var without = await cluster.RunAsync(verb);
        Assert.Equal(ExitCodes.Success, without.Code);
        Assert.Contains("no message is sent", without.Error, StringComparison.Ordinal);

        discord.Refuse(400);
        var refused = await cluster.RunAsync(verb, discord);
        Assert.Equal(ExitCodes.NotSent, refused.Code);
        Assert.DoesNotContain("secret-of-the-webhook", refused.Error + refused.Output, StringComparison.Ordinal);
    }

    private static JsonObject Simple() => ImageMessage.Create("macOS 15", [], null, Now);

    private static Task<DiscordServer> StartAsync() => DiscordServer.StartAsync(new IPEndPoint(IPAddress.Loopback, 0), Cancellation);

    private static async Task<string?> SendAsync(DiscordServer discord, JsonObject message)
    {
        using var webhook = DiscordWebhook.Create(discord.Webhook.AbsoluteUri, discord.Address.Authority, TimeProvider.System);
        return await webhook.SendAsync(message, Cancellation);
    }
}
