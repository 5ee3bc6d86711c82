using System.Net;
using MacRunners.Settings;

namespace MacRunners.Platform;

/// <summary>
/// The system's packet filter, as far as it keeps jobs away from what is not theirs: rules for a range of user numbers, in a place of the
/// filter that is ours alone. They outlive the daemon, whose jobs may go on without it.
/// </summary>
internal interface INetworkFence
{
    /// <summary>What to do when the filter does not work, for people.</summary>
    string Remedy { get; }

    /// <summary>Filter and place, for people.</summary>
    string Describe(FencePlan plan);

    /// <summary>The rules in the filter's own language, as they are loaded.</summary>
    string Rules(FencePlan plan);

    /// <summary>Would <see cref="ApplyAsync"/> work here? Changes nothing.</summary>
    /// <exception cref="ToolException">It would not; the message says why.</exception>
    Task TryAsync(FencePlan plan, CancellationToken cancellationToken);

    /// <summary>Loads the rules in the place of those of an earlier time, in one step: at no moment there are none.</summary>
    /// <exception cref="ToolException">They could not be loaded; those of an earlier time still stand.</exception>
    Task ApplyAsync(FencePlan plan, CancellationToken cancellationToken);

    /// <summary>What is not as <see cref="ApplyAsync"/> left it, for people; empty when every rule stands and is in force.</summary>
    /// <exception cref="ToolException">The filter does not answer.</exception>
    Task<IReadOnlyList<string>> LookAsync(FencePlan plan, CancellationToken cancellationToken);

    /// <summary>Removes the rules; none need be there.</summary>
    /// <exception cref="ToolException">They could not be removed.</exception>
    Task RemoveAsync(FencePlan plan, CancellationToken cancellationToken);
}

/// <summary>Who is kept away from what.</summary>
/// <param name="Name">Of the rules: letters, digits and underscores.</param>
/// <param name="First">First user number.</param>
/// <param name="Last">Last user number.</param>
/// <param name="Ports">TCP and UDP ports of this machine, on all its addresses.</param>
/// <param name="Ranges">Addresses elsewhere. Port 53 stays open everywhere: the resolver may lie in one of them.</param>
internal sealed record FencePlan(string Name, uint First, uint Last, IReadOnlyList<int> Ports, IReadOnlyList<IPNetwork> Ranges)
{
    /// <summary>Where names are resolved.</summary>
    public const int DnsPort = 53;

    /// <summary>Where clouds hand a machine its credentials: everywhere, and the other family's at Amazon, who has Macs.</summary>
    public static readonly IReadOnlyList<IPNetwork> Metadata = [IPNetwork.Parse("169.254.169.254/32"), IPNetwork.Parse("fd00:ec2::254/128")];

    // sshd and screen sharing.
    private static readonly int[] UsualPorts = [22, 5900];

    /// <summary>The plan that the configuration makes. What does not parse is a fault, with which no daemon starts, and is left out.</summary>
    /// <param name="settings">Sections <c>Network</c>, <c>Accounts</c> and <c>Http</c>.</param>
    /// <param name="httpPort">Where the daemon really listens, when it does; null: <c>Http:Port</c>.</param>
    public static FencePlan For(DaemonSettings settings, int? httpPort = null)
    {
        var further = settings.Network.BlockedPorts.Select(text => TryParsePort(text, out var port) ? port : 0);
        return new FencePlan(
            settings.Network.Table,
            (uint)settings.Accounts.UidMin,
            (uint)settings.Accounts.UidMax,
            [.. UsualPorts.Append(httpPort ?? settings.Http.Port).Concat(further).Where(port => port != 0).Distinct().Order()],
            [.. Metadata.Concat(settings.Network.Blocked.Select(text => TryParseRange(text, out var range) ? range : (IPNetwork?)null).OfType<IPNetwork>()).Distinct()]);
    }

    /// <summary>Reads a range as <c>10.0.0.0/8</c>, strictly: with nothing but zeros behind the prefix.</summary>
    public static bool TryParseRange(string text, out IPNetwork range) =>
        IPNetwork.TryParse(text, out range)
        && IPAddress.TryParse(text.Split('/')[0], out var written)
        && written.Equals(range.BaseAddress)
        && !written.IsIPv4MappedToIPv6
        && !(written.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 && written.ScopeId != 0);

    /// <summary>Reads a port.</summary>
    public static bool TryParsePort(string text, out int port) =>
        int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out port) && port is > 0 and <= IPEndPoint.MaxPort;
}
