using System.Diagnostics;

namespace MacRunners.Simulator.Trial;

/// <summary>The host's nftables, as far as a trial machine's daemon keeps its jobs from something with it.</summary>
internal static class HostFence
{
    private const string Nft = "/usr/sbin/nft";

    // What kernels of containers lack first.
    private const string Sample = """
        table inet macrunners_probe {
        	chain output {
        		type filter hook output priority 0; policy accept;
        		meta skuid 760000-769999 oif "lo" meta l4proto { tcp, udp } th dport 1 reject with icmpx admin-prohibited comment "macrunners"
        		meta skuid 760000-769999 ip daddr 192.0.2.0/24 meta l4proto tcp reject with tcp reset
        	}
        }

        """;

    /// <summary>Why no fence can be made on this host; null when one can. Changes nothing.</summary>
    public static async Task<string?> WhyNotAsync(CancellationToken cancellationToken) =>
        !File.Exists(Nft) ? $"{Nft} is missing (Debian: apt-get install nftables)" : await RunAsync(["--check", "--file", "-"], Sample, cancellationToken);

    /// <summary>The table as nft lists it; null when there is none.</summary>
    public static async Task<string?> ListAsync(string table, CancellationToken cancellationToken)
    {
        using var nft = Start(["list", "table", "inet", table]);
        nft.StandardInput.Close();
        var error = nft.StandardError.ReadToEndAsync(cancellationToken);
        var listed = await nft.StandardOutput.ReadToEndAsync(cancellationToken);
        await nft.WaitForExitAsync(cancellationToken);
        _ = await error;
        return nft.ExitCode == 0 ? listed : null;
    }

    /// <summary>Removes a daemon's table, if it is there.</summary>
    /// <exception cref="InvalidOperationException">It could not be removed.</exception>
    public static async Task RemoveAsync(string table)
    {
        if (File.Exists(Nft) && await ListAsync(table, CancellationToken.None) is not null
            && await RunAsync(["delete", "table", "inet", table], "", CancellationToken.None) is { } why)
        {
            throw new InvalidOperationException($"Table inet {table} is left on this host: {why}");
        }
    }

    private static async Task<string?> RunAsync(string[] arguments, string input, CancellationToken cancellationToken)
    {
        using var nft = Start(arguments);
        await nft.StandardInput.WriteAsync(input);
        nft.StandardInput.Close();
        var output = nft.StandardOutput.ReadToEndAsync(cancellationToken);
        var error = await nft.StandardError.ReadToEndAsync(cancellationToken);
        await nft.WaitForExitAsync(cancellationToken);
        _ = await output;
        return nft.ExitCode == 0 ? null : $"nft: {error.Trim().ReplaceLineEndings(" / ")}";
    }

    private static Process Start(string[] arguments) => Process.Start(new ProcessStartInfo(Nft, arguments)
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        WorkingDirectory = "/",
    })!;
}
