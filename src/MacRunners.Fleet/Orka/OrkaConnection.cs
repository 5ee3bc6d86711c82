using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using k8s;
using MacRunners.Fleet.Orka.Kubernetes;

namespace MacRunners.Fleet.Orka;

/// <summary>How to reach a cluster.</summary>
internal sealed record OrkaConnection
{
    /// <summary>Address of the Orka API.</summary>
    public required Uri Endpoint { get; init; }

    /// <summary>Token of a service account.</summary>
    public required string Token { get; init; }

    /// <summary>Namespace of the VMs.</summary>
    public string Namespace { get; init; } = OrkaNames.SharedNamespace;

    /// <summary>Wait after the first failing call; it doubles.</summary>
    public TimeSpan FirstRetryWait { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Checks what an operator gave, all of it at once. Plain HTTP would show the token to the network, so it is refused unless allowed.
    /// </summary>
    /// <exception cref="OrkaException">Something is missing or wrong.</exception>
    public static OrkaConnection Create(string? endpoint, string? token, string inNamespace, bool allowHttp)
    {
        var faults = new List<string>();
        if (!Uri.TryCreate(endpoint, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            faults.Add(string.IsNullOrEmpty(endpoint)
                ? "ORKA_ENDPOINT is not set: set it to the https address of the Orka API, or give --orka-endpoint."
                : $"ORKA_ENDPOINT \"{endpoint}\" is not an address: it looks like https://company.orka.app.");
        }
        else if (address.Scheme == Uri.UriSchemeHttp && !allowHttp)
        {
            faults.Add($"ORKA_ENDPOINT {address} is plain HTTP, which shows the token to the network: use the cluster's https domain, or allow it with --allow-http.");
        }

        if (string.IsNullOrWhiteSpace(token))
        {
            faults.Add("ORKA_AUTH_TOKEN is not set: set it to a service account's token (orka3 sa token NAME).");
        }
        else if (token.Any(character => character is <= ' ' or >= (char)127))
        {
            faults.Add("ORKA_AUTH_TOKEN has characters that no token has (spaces, line ends): copy it again.");
        }

        return faults.Count == 0
            ? new OrkaConnection { Endpoint = address!, Token = token!, Namespace = inNamespace }
            : throw new OrkaException(OrkaFault.Invalid, string.Join('\n', faults));
    }

    /// <summary>Asks the Orka API where Kubernetes is and which authority signs for it, and connects.</summary>
    public async Task<KubernetesOrka> ConnectAsync(TimeProvider time, CancellationToken cancellation)
    {
        var http = new HttpClient(new RetryingHandler(time, FirstRetryWait) { InnerHandler = new SocketsHttpHandler { AllowAutoRedirect = false } })
        {
            BaseAddress = new Uri(Endpoint.AbsoluteUri.TrimEnd('/') + "/"),
            Timeout = TimeSpan.FromMinutes(3),
        };
        try
        {
            var information = JsonDocument.Parse(await http.GetStringAsync(new Uri("api/v1/cluster-info", UriKind.Relative), cancellation)).RootElement;
            var host = information.GetProperty("apiEndpoint").GetString()!;
            if (host.StartsWith("http://", StringComparison.Ordinal) && Endpoint.Scheme != Uri.UriSchemeHttp)
            {
                throw new OrkaException(OrkaFault.Invalid, $"{Endpoint} names a Kubernetes address without encryption ({host}): ask MacStadium to correct it.");
            }

            var configuration = new KubernetesClientConfiguration { Host = host, AccessToken = Token, SslCaCerts = Authorities(information) };
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
            return new KubernetesOrka(new k8s.Kubernetes(configuration, new RetryingHandler(time, FirstRetryWait)), http, this, time);
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or KeyNotFoundException or InvalidOperationException or UriFormatException
            || (e is TaskCanceledException && !cancellation.IsCancellationRequested))
        {
            http.Dispose();
            throw new OrkaException(OrkaFault.Unavailable, $"{Endpoint}api/v1/cluster-info does not answer as Orka does: {e.Message} Is the VPN up, and is it the address of the Orka API?", e);
        }
    }

    private static X509Certificate2Collection? Authorities(JsonElement information)
    {
        if (!information.TryGetProperty("certData", out var data) || data.GetString() is not { Length: > 0 } pem)
        {
            return null;
        }

        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPem(pem);
        return authorities;
    }
}
