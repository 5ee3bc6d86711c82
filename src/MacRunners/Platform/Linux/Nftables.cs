using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace MacRunners.Platform.Linux;

/// <summary>nftables: a table of our own, whose chain sees every packet that a process of this machine sends.</summary>
/// <remarks>
/// The number is that of the user who opened the socket. A packet to any address of the machine itself leaves by <c>lo</c>, whatever the
/// address and to whichever device the socket was bound.
/// </remarks>
internal sealed class Nftables(ITool tool) : INetworkFence
{
    private const string Nft = "/usr/sbin/nft";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    public string Remedy => "Install nftables (Debian: apt-get install nftables) on a kernel with nf_tables, or set Network:Fence to false.";

    /// <inheritdoc/>
    public string Describe(FencePlan plan) => $"nftables, table inet {plan.Name}";

    /// <inheritdoc/>
    public string Rules(FencePlan plan)
    {
        var rules = Numbered(plan).With("comment");

        // Added first, since what is not there cannot be deleted. The kernel takes all of it or nothing.
        return $$"""
            table inet {{plan.Name}}
            delete table inet {{plan.Name}}
            table inet {{plan.Name}} {
            	chain output {
            		type filter hook output priority 0; policy accept;
            		{{rules[0]}}
            	}
            	chain jobs {
            		{{string.Join("\n\t\t", rules.Skip(1).SkipLast(2))}}
            	}
            	chain refuse {
            		{{string.Join("\n\t\t", rules.TakeLast(2))}}
            	}
            }

            """;
    }

    /// <inheritdoc/>
    public Task TryAsync(FencePlan plan, CancellationToken cancellationToken) => RunAsync(["--check", "--file", "-"], Rules(plan), cancellationToken);

    /// <inheritdoc/>
    public Task ApplyAsync(FencePlan plan, CancellationToken cancellationToken) => RunAsync(["--file", "-"], Rules(plan), cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> LookAsync(FencePlan plan, CancellationToken cancellationToken)
    {
        var answer = await tool.RunAsync(Nft, ["list", "table", "inet", plan.Name], Limit, cancellationToken);
        if (answer.ExitCode != 0)
        {
            return answer.Error.Contains("No such file or directory", StringComparison.Ordinal)
                ? [$"table inet {plan.Name} is not there"]
                : throw new ToolException($"nft list table inet {plan.Name} failed with {answer.Summary}");
        }

        // Whatever is neither a rule nor the frame around the rules does not belong there, such as a flag that puts the table to sleep.
        var lines = answer.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var isHooked = lines.Any(IsHook);
        return [.. isHooked ? [] : (string[])["the chain is not called for outgoing packets"], .. Numbered(plan).Differences([.. lines.Where(line => !IsFrame(line))])];
    }

    /// <inheritdoc/>
    public async Task RemoveAsync(FencePlan plan, CancellationToken cancellationToken)
    {
        // Where there is no nft, nothing of it can be there.
        if (File.Exists(Nft))
        {
            await RunAsync(["--file", "-"], $"table inet {plan.Name}\ndelete table inet {plan.Name}\n", cancellationToken);
        }
    }

    private static NumberedRules Numbered(FencePlan plan) => new(
    [
        string.Create(CultureInfo.InvariantCulture, $"meta skuid {plan.First}-{plan.Last} goto jobs"),
        $"oif \"lo\" meta l4proto {{ tcp, udp }} th dport {{ {string.Join(", ", plan.Ports)} }} goto refuse",
        "oif \"lo\" return",
        $"meta l4proto {{ tcp, udp }} th dport {FencePlan.DnsPort} return",
        .. plan.Ranges.Select(range => $"{Family(range)} daddr {range} goto refuse"),

        // Refused, not dropped: a job shall fail now and not after minutes.
        "meta l4proto tcp reject with tcp reset",
        "reject with icmpx admin-prohibited",
    ]);

    private static string Family(IPNetwork range) => range.BaseAddress.AddressFamily == AddressFamily.InterNetwork ? "ip" : "ip6";

    private static bool IsHook(string line) => line.StartsWith("type filter hook output ", StringComparison.Ordinal) && line.EndsWith("policy accept;", StringComparison.Ordinal);

    private static bool IsFrame(string line) => IsHook(line) || line == "}" || line.EndsWith(" {", StringComparison.Ordinal);

    private async Task RunAsync(IReadOnlyList<string> arguments, string rules, CancellationToken cancellationToken)
    {
        if (!File.Exists(Nft))
        {
            throw new ToolException($"{Nft} is missing");
        }

        var answer = await tool.RunAsync(Nft, arguments, rules, Limit, cancellationToken);
        if (answer.ExitCode != 0)
        {
            throw new ToolException($"nft does not take the rules: {answer.Summary}");
        }
    }
}
