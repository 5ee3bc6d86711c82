using MacRunners.Agent;
using MacRunners.Buildkite;
using MacRunners.Jobs;
using MacRunners.Platform;
using MacRunners.Settings;
using MacRunners.Telemetry;
using MacRunners.Tests.Buildkite;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using NSubstitute;
using NSubstitute.ExceptionExtensions;

namespace MacRunners.Tests.Agent;

/// <summary>No agent without a token for exactly its job, whatever Buildkite answers.</summary>
public sealed class AgentCredentialsTests
{
    private const string JobText = "0190f5a4-1111-4222-8333-444455556666";
    private const string OtherJob = "0190f5a4-1111-4222-8333-444455556667";
    private static readonly Guid Job = Guid.Parse(JobText);
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;
    private readonly IJobSource _source = Substitute.For<IJobSource>();
    private readonly BuildkiteOptions _options = new() { StackKey = "mac-1" };
    private readonly DaemonMetrics _metrics = new("0", "linux");

    /// <summary>Tokens that are none for a job: of every other kind, empty, and with characters that mean something to an environment.</summary>
    public static TheoryData<string> OtherTokens =>
    [
        "bkct_cluster", "bkaa_session", "bkaj_job", "bkua_person", "bkar_unclustered", "0123456789abcdef", "eyJhbGciOiJIUzI1NiJ9.e30.x",
        "", " ", "bkjat_", "bkjat_ ", "bkjat_a b", "bkjat_a\0b", "bkjat_a\nBUILDKITE_X=1", "bkjat_ä", "BKJAT_a", " bkjat_a",
    ];

    /// <summary>Answers without a token for the job, as the service could write them.</summary>
    public static TheoryData<string> AnswersWithout => new()
    {
        $$"""{"job_acquisition_tokens":[],"not_issued":["{{JobText}}"]}""",
        """{"job_acquisition_tokens":[]}""",
        $$"""{"job_acquisition_tokens":[{"job_uuid":"{{JobText}}","job_acquisition_token":""}]}""",
        $$"""{"job_acquisition_tokens":[{"job_uuid":"{{JobText}}","job_acquisition_token":null}]}""",
        $$"""{"job_acquisition_tokens":[{"job_uuid":"{{JobText}}"}]}""",
        $$"""{"job_acquisition_tokens":[{"job_uuid":"{{OtherJob}}","job_acquisition_token":"bkjat_other"}]}""",
        """{"job_acquisition_tokens":[{"job_uuid":"not a job","job_acquisition_token":"bkjat_other"}]}""",
        $$"""{"job_acquisition_tokens":[{"job_uuid":"{{JobText}}","job_acquisition_token":"bkjat_both"}],"not_issued":["{{JobText}}"]}""",
    };

    /// <summary>Failures after which nobody knows whether Buildkite would issue one.</summary>
    public static TheoryData<string> Disturbances =>
    [
        nameof(ApiErrorKind.Unauthorized), nameof(ApiErrorKind.Invalid), nameof(ApiErrorKind.RateLimited), nameof(ApiErrorKind.Unavailable),
        nameof(ApiErrorKind.Network), nameof(ApiErrorKind.TimedOut), nameof(ApiErrorKind.Malformed),
    ];

    /// <summary>Failures that say that it issues none.</summary>
    public static TheoryData<string> Refusals => [nameof(ApiErrorKind.Forbidden), nameof(ApiErrorKind.NotFound)];

    [Fact]
    public async Task The_jobs_own_token_is_handed_on()
    {
        _source.IssueTokenAsync(Job, Cancel).Returns("bkjat_x.y-z_0=");

        Assert.Equal(new AgentCredential.Acquisition("bkjat_x.y-z_0="), await Credentials().GetAsync(Job, Cancel));
        Assert.Equal(0, await FallbacksAsync());
    }

    [Theory]
    [MemberData(nameof(OtherTokens))]
    public async Task A_token_of_another_kind_is_given_to_nobody_fallback_or_not(string token)
    {
        _source.IssueTokenAsync(Job, Cancel).Returns(token);
        foreach (var allowed in (bool[])[false, true])
        {
            _options.AllowAgentTokenFallback = allowed;

            var refusal = await Assert.ThrowsAsync<NoCredentialException>(() => Credentials().GetAsync(Job, Cancel));

            Assert.Contains("no acquisition token", refusal.Message, StringComparison.Ordinal);
            Assert.True(token.Length < 8 || !refusal.Message.Contains(token, StringComparison.Ordinal));
        }

        Assert.Equal(0, await FallbacksAsync());
    }

    [Theory]
    [MemberData(nameof(AnswersWithout))]
    public async Task An_answer_without_a_token_for_this_job_is_a_refusal(string body)
    {
        await using var it = await StacksClientFixture.StartAsync();
        it.Service.AnswersAlways(201, body);
        var source = new StacksJobSource(
            it.Client, Options.Create(_options), journal: null!, Substitute.For<IPlatform>(), NullLogger<StacksJobSource>.Instance);

        var refusal = await Assert.ThrowsAsync<NoCredentialException>(() => Credentials(source).GetAsync(Job, Cancel));
        Assert.StartsWith("Buildkite issued no acquisition token for this job, and no other token may start it", refusal.Message, StringComparison.Ordinal);

        _options.AllowAgentTokenFallback = true;
        Assert.IsType<AgentCredential.AgentToken>(await Credentials(source).GetAsync(Job, Cancel));
        Assert.Equal(1, await FallbacksAsync());
    }

    [Theory]
    [MemberData(nameof(Disturbances))]
    public async Task While_the_API_does_not_answer_there_is_nothing_fallback_or_not(string kind)
    {
        _source.IssueTokenAsync(Job, Cancel).ThrowsAsyncForAnyArgs(Failure(kind));
        foreach (var allowed in (bool[])[false, true])
        {
            _options.AllowAgentTokenFallback = allowed;

            var refusal = await Assert.ThrowsAsync<NoCredentialException>(() => Credentials().GetAsync(Job, Cancel));

            Assert.Equal("no acquisition token could be had for this job, and no other token may start it: it says why", refusal.Message);
        }

        Assert.Equal(0, await FallbacksAsync());
    }

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task Where_Buildkite_has_none_there_is_nothing_unless_the_fallback_is_allowed(string kind)
    {
        _source.IssueTokenAsync(Job, Cancel).ThrowsAsyncForAnyArgs(Failure(kind));

        var refusal = await Assert.ThrowsAsync<NoCredentialException>(() => Credentials().GetAsync(Job, Cancel));
        Assert.Contains("it says why", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(0, await FallbacksAsync());

        _options.AllowAgentTokenFallback = true;
        Assert.IsType<AgentCredential.AgentToken>(await Credentials().GetAsync(Job, Cancel));
        Assert.Equal(1, await FallbacksAsync());
    }

    [Fact]
    public void The_fallback_must_be_asked_for() => Assert.False(new BuildkiteOptions().AllowAgentTokenFallback);

    private static BuildkiteApiException Failure(string kind) =>
        new(Enum.Parse<ApiErrorKind>(kind), ApiOperation.IssueAcquisitionTokens, "it says why");

    private AgentCredentials Credentials(IJobSource? source = null) =>
        new(source ?? _source, Options.Create(_options), _metrics, NullLogger<AgentCredentials>.Instance);

    private async Task<int> FallbacksAsync()
    {
        using var text = new MemoryStream();
        await _metrics.Registry.CollectAndExportAsTextAsync(text, Cancel);
        var line = System.Text.Encoding.UTF8.GetString(text.ToArray()).Split('\n').Single(line => line.StartsWith("macrunners_agent_token_fallbacks_total ", StringComparison.Ordinal));
        return int.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
    }
}
