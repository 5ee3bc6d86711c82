using MacRunners.Buildkite;
using MacRunners.Hosting;
using MacRunners.Settings;

namespace MacRunners.Diagnosis;

/// <summary>
/// Does Buildkite answer, does it accept the token, and do the clocks agree? Asks what the token is, which changes nothing there: no stack
/// is registered.
/// </summary>
internal sealed class BuildkiteExamination(BuildkiteOptions options, IAgentToken token, TimeProvider time) : Examination("buildkite")
{
    /// <summary>Difference of the clocks that should be known.</summary>
    public static readonly TimeSpan NoteworthySkew = TimeSpan.FromSeconds(30);

    /// <summary>Difference with which certificates and expiries of tokens are misjudged.</summary>
    public static readonly TimeSpan HarmfulSkew = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <inheritdoc/>
    public override async Task<IReadOnlyList<DoctorFinding>> ExamineAsync(CancellationToken cancellationToken)
    {
        using var connections = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = Patience };
        using var clock = new DateReader(connections, time);
        using var client = new StacksClient(
            new BuildkiteClientOptions { Endpoint = options.Endpoint, RequestTimeout = Patience, MaxAttempts = 1 }, token, time, observer: null, clock);
        var findings = new List<DoctorFinding>();
        try
        {
            findings.AddRange(Judge(await client.WhoAmIAsync(cancellationToken)));
        }
        catch (BuildkiteApiException e) when (e.Kind is ApiErrorKind.NotFound or ApiErrorKind.Invalid or ApiErrorKind.Malformed)
        {
            // The route has no promise of compatibility: that it fails is no proof of anything.
            findings.Add(Warning($"{options.Endpoint} is reached, but does not say whether it accepts the token ({e.Message})", "Start the daemon and look at check buildkite of /health."));
        }
        catch (BuildkiteApiException e)
        {
            findings.Add(Failed(e.Message, Remedy(e.Kind)));
        }
        catch (AgentTokenException)
        {
            // Told by its own examination.
            findings.Add(Warning($"{options.Endpoint} was not asked: there is no token to ask with", "Put the token right first."));
        }

        if (clock.Skew is { } skew)
        {
            findings.Add(JudgeClock(skew));
        }

        return findings;
    }

    private IEnumerable<DoctorFinding> Judge(TokenInfo info)
    {
        var transport = options.Endpoint.Scheme == Uri.UriSchemeHttps ? "over TLS" : "without TLS, on this machine";
        if (string.IsNullOrEmpty(info.ClusterId))
        {
            yield return Failed(
                $"{options.Endpoint} accepts the token, but it belongs to no cluster", "Use a cluster's agent token: jobs are taken by the Stacks API, which knows clusters only.");
            yield break;
        }

        yield return Ok($"{options.Endpoint} answers {transport} and accepts the token: organization {info.OrganizationSlug ?? "?"}, cluster {info.ClusterName ?? info.ClusterId}");
        if (info.QueueKey is { Length: > 0 } only && only != options.Queue)
        {
            yield return Failed($"the token is good for the queue {only} only, and Buildkite:Queue is {options.Queue}", "Correct Buildkite:Queue, or use a token of that queue.");
        }
    }

    private DoctorFinding JudgeClock(TimeSpan skew)
    {
        var what = $"this machine's clock differs from Buildkite's by {skew.TotalSeconds:0} s";
        const string remedy = "Set the clock, and keep it right by network time.";
        return skew.Duration() > HarmfulSkew ? Failed(what, remedy) : skew.Duration() > NoteworthySkew ? Warning(what, remedy) : Ok(what);
    }

    private static string Remedy(ApiErrorKind kind) => kind switch
    {
        ApiErrorKind.Unauthorized or ApiErrorKind.Forbidden => "Put an unexpired cluster token that may be used from this machine's address into the token file.",
        ApiErrorKind.Network or ApiErrorKind.TimedOut => "Check network, name service, proxy, clock (certificates) and Buildkite:Endpoint.",
        _ => "Wait, and look at Buildkite's status page.",
    };

    /// <summary>Notes the <c>Date</c> of the last answer.</summary>
    private sealed class DateReader(HttpMessageHandler inner, TimeProvider time) : DelegatingHandler(inner)
    {
        /// <summary>How far this machine's clock is ahead; the header knows whole seconds.</summary>
        public TimeSpan? Skew { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var began = time.GetTimestamp();
            var answer = await base.SendAsync(request, cancellationToken);
            if (answer.Headers.Date is { } date)
            {
                // It was written in between.
                Skew = time.GetUtcNow() - (time.GetElapsedTime(began) / 2) - date;
            }

            return answer;
        }
    }
}
