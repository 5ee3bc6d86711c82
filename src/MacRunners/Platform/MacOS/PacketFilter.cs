using System.Globalization;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace MacRunners.Platform.MacOS;

/// <summary>pf, by <c>pfctl</c>: an anchor of our own.</summary>
/// <remarks>
/// The anchor lies below <c>com.apple</c>, since the system's own <c>/etc/pf.conf</c> evaluates whatever is loaded there
/// (<c>anchor "com.apple/*"</c>): no file of the system need be changed, and an update of the system, which replaces that file, changes
/// nothing. Packets to the machine itself leave by <c>lo0</c>. The user is known for TCP and UDP only.
/// </remarks>
internal sealed partial class PacketFilter(ITool tool, string root) : INetworkFence
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
    private static readonly string[] Protocols = ["tcp", "udp"];
    private readonly string _pfctl = root + "/sbin/pfctl";

    /// <inheritdoc/>
    public string Remedy => "See what pfctl says, and whether /etc/pf.conf is the system's (anchor \"com.apple/*\"); or set Network:Fence to false.";

    // pf runs as long as somebody holds a reference; this file holds ours. Gone with the boot, as the reference is.
    private string TokenFile(FencePlan plan) => $"{root}/private/var/run/{plan.Name}.pf-token";

    /// <inheritdoc/>
    public string Describe(FencePlan plan) => $"pf, anchor {Anchor(plan)}";

    /// <inheritdoc/>
    public string Rules(FencePlan plan) => string.Join('\n', Numbered(plan).With("label")) + "\n";

    /// <inheritdoc/>
    public Task TryAsync(FencePlan plan, CancellationToken cancellationToken) => RunAsync(["-n", "-a", Anchor(plan), "-f", "-"], Rules(plan), cancellationToken);

    /// <inheritdoc/>
    public async Task ApplyAsync(FencePlan plan, CancellationToken cancellationToken)
    {
        _ = await RunAsync(["-a", Anchor(plan), "-f", "-"], Rules(plan), cancellationToken);
        if (!File.Exists(TokenFile(plan)) || !await IsEnabledAsync(cancellationToken))
        {
            var answer = await RunAsync(["-E"], "", cancellationToken);
            File.WriteAllText(TokenFile(plan), Token().Match($"{answer.Output}\n{answer.Error}").Groups[1].Value);
        }
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> LookAsync(FencePlan plan, CancellationToken cancellationToken)
    {
        var main = await RunAsync(["-s", "rules"], "", cancellationToken);
        var own = await RunAsync(["-a", Anchor(plan), "-s", "rules"], "", cancellationToken);
        return
        [
            .. await IsEnabledAsync(cancellationToken) ? [] : (string[])["pf is disabled"],
            .. Lines(main.Output).Any(line => line.StartsWith("anchor \"com.apple/*\" all", StringComparison.Ordinal)) ? [] : (string[])["the main rules do not call anchor com.apple/*"],
            .. Numbered(plan).Differences(Lines(own.Output)),
        ];
    }

    /// <inheritdoc/>
    public async Task RemoveAsync(FencePlan plan, CancellationToken cancellationToken)
    {
        _ = await RunAsync(["-a", Anchor(plan), "-F", "rules"], "", cancellationToken);
        if (File.Exists(TokenFile(plan)))
        {
            // Refused when somebody has disabled pf for everybody: then there is nothing to give back.
            _ = await tool.RunAsync(_pfctl, ["-X", File.ReadAllText(TokenFile(plan))], Limit, cancellationToken);
            File.Delete(TokenFile(plan));
        }
    }

    private static string Anchor(FencePlan plan) => $"com.apple/{plan.Name}";

    // One rule per protocol and port, as pf keeps them: lists would be taken apart.
    private static NumberedRules Numbered(FencePlan plan)
    {
        var user = string.Create(CultureInfo.InvariantCulture, $"user {plan.First - 1} >< {plan.Last + 1}");
        return new NumberedRules(
        [
            .. from port in plan.Ports
               from protocol in Protocols
               select $"block return out quick on lo0 proto {protocol} from any to any port = {port} {user}",
            .. from range in plan.Ranges
               from protocol in Protocols
               let family = range.BaseAddress.AddressFamily == AddressFamily.InterNetwork ? "inet" : "inet6"
               select $"block return out quick on ! lo0 {family} proto {protocol} from any to {range} port != {FencePlan.DnsPort} {user}",
        ]);
    }

    private static string[] Lines(string output) => output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private async Task<bool> IsEnabledAsync(CancellationToken cancellationToken) =>
        (await RunAsync(["-s", "info"], "", cancellationToken)).Output.Contains("Status: Enabled", StringComparison.Ordinal);

    private async Task<ToolResult> RunAsync(IReadOnlyList<string> arguments, string rules, CancellationToken cancellationToken)
    {
        var answer = await tool.RunAsync(_pfctl, arguments, rules, Limit, cancellationToken);
        return answer.ExitCode == 0 ? answer : throw new ToolException($"pfctl {string.Join(' ', arguments)} failed with {answer.Summary}");
    }

    [GeneratedRegex(@"Token\s*:\s*(\d+)")]
    private static partial Regex Token();
}
