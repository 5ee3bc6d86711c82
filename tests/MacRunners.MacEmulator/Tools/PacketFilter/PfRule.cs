using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace MacRunners.MacEmulator.Tools.PacketFilter;

/// <summary>The part of pf.conf's grammar for filter rules that a fence needs: one protocol, one port, one range of users, no lists, no macros.</summary>
internal static partial class PfRule
{
    private const int LongestLabel = 63;

    // As pf prints ports that /etc/services knows.
    private static readonly Dictionary<int, string> Services = new() { [22] = "ssh", [53] = "domain", [80] = "http" };

    /// <summary>Reads a line.</summary>
    /// <returns>The rule as <c>-s rules</c> prints it, or what pfctl says of a line that is none.</returns>
    internal static (string? Rule, string? Error) Read(string line)
    {
        var match = Grammar().Match(line);
        if (!match.Success)
        {
            return (null, "syntax error");
        }

        var family = Group("family");
        var target = Group("to");
        if (Group("port").Length > 0 && Group("protocol") is not ("tcp" or "udp"))
        {
            return (null, "port only applies to tcp/udp");
        }

        if (target is not ("" or "any"))
        {
            if (!TryReadTarget(target, out var address, out var prefix))
            {
                return (null, "could not parse host specification");
            }

            var its = address.AddressFamily == AddressFamily.InterNetwork ? "inet" : "inet6";
            if (family.Length > 0 && family != its)
            {
                return (null, "rule expands to no valid combination");
            }

            family = its;
            target = prefix == (its == "inet" ? 32 : 128) ? $"{address}" : $"{address}/{prefix}";
        }

        var port = 0;
        if (Group("port").Length > 0 && (!int.TryParse(Group("port"), NumberStyles.None, CultureInfo.InvariantCulture, out port) || port > IPEndPoint.MaxPort))
        {
            return (null, $"illegal port value {Group("port")}");
        }

        if (Group("label").Length > LongestLabel)
        {
            return (null, $"rule label too long (max {LongestLabel} chars)");
        }

        string[] parts =
        [
            Group("action") == "block" ? "block drop" : Group("action"),
            Group("direction"),
            Group("quick"),
            Group("interface").Length == 0 ? "" : $"on {(Group("not").Length > 0 ? "! " : "")}{Group("interface")}",
            family,
            Group("protocol").Length == 0 ? "" : $"proto {Group("protocol")}",
            target.Length == 0 ? "all" : $"from any to {target}",
            port == 0 ? "" : $"port {Group("comparison")} {Services.GetValueOrDefault(port, port.ToString(CultureInfo.InvariantCulture))}",
            Group("above").Length == 0 ? "" : $"user {Group("above")} >< {Group("below")}",
            Group("label").Length == 0 ? "" : $"label \"{Group("label")}\"",
        ];
        return (string.Join(' ', parts.Where(part => part.Length > 0)), null);

        string Group(string name) => match.Groups[name].Value;
    }

    private static bool TryReadTarget(string text, out IPAddress address, out int prefix)
    {
        var parts = text.Split('/');
        prefix = 0;
        if (!IPAddress.TryParse(parts[0], out address!))
        {
            return false;
        }

        var longest = address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        prefix = longest;
        return parts.Length == 1 || (parts.Length == 2 && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out prefix) && prefix <= longest);
    }

    [GeneratedRegex("""
        ^(?<action>pass|block(\ (drop|return))?)
        (\ (?<direction>in|out))?
        (\ (?<quick>quick))?
        (\ on\ (?<not>!\ ?)?(?<interface>[a-z]+[0-9]+))?
        (\ (?<family>inet6?))?
        (\ proto\ (?<protocol>tcp|udp|icmp|ipv6-icmp))?
        (\ all|\ from\ any\ to\ (?<to>any|[0-9a-fA-F.:]+(/[0-9]+)?)(\ port\ (?<comparison>=|!=)\ (?<port>[0-9]+))?)
        (\ user\ (?<above>[0-9]+)\ ><\ (?<below>[0-9]+))?
        (\ label\ "(?<label>[^"$]*)")?$
        """, RegexOptions.IgnorePatternWhitespace | RegexOptions.ExplicitCapture)]
    private static partial Regex Grammar();
}
