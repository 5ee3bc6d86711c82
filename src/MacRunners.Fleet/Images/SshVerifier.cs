using System.Globalization;
using System.Text.Json;
using MacRunners.Fleet.Orka;
using MacRunners.Fleet.Processes;

namespace MacRunners.Fleet.Images;

/// <summary>Runs <c>macrunners image verify --json</c> on a VM over SSH.</summary>
/// <param name="ssh">Path of <c>ssh</c>, or a name on PATH.</param>
/// <param name="user">Account on the VM.</param>
/// <param name="key">File of the private key; null leaves the choice to ssh.</param>
/// <param name="time">Clock.</param>
internal sealed class SshVerifier(string ssh, string user, string? key, TimeProvider time) : IVmVerifier
{
    private const int ConnectionFailed = 255;
    private const string Command = "sudo -n /opt/macrunners/bin/macrunners image verify --json";
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ProbeResult>> VerifyAsync(OrkaVm vm, FlakeOptions options, CancellationToken cancellation)
    {
        var (address, port) = (vm.Address, vm.SshPort) is ({ } host, { } number)
            ? (host, number)
            : throw new VerificationException($"VM {vm.Name} runs, but Orka names no address and SSH port for it: does the image have Orka VM Tools?");
        var until = time.GetUtcNow() + options.NetworkLimit;
        while (true)
        {
            var result = await RunAsync(address, port, options.VerifyLimit, cancellation);
            if (result.ExitCode != ConnectionFailed)
            {
                return Read(result);
            }

            if (time.GetUtcNow() >= until)
            {
                throw new VerificationException($"VM {vm.Name} runs, but SSH at {address} port {port} does not answer within {options.NetworkLimit.TotalSeconds:0} s: {result.Error.Trim()}");
            }

            await Task.Delay(Poll < options.NetworkLimit / 10 ? Poll : options.NetworkLimit / 10, time, cancellation);
        }
    }

    /// <summary>The arguments: no questions, no password, no forwarding, no configuration of the user's; the VM's key is new with each VM.</summary>
    public IReadOnlyList<string> Arguments(string address, int port) =>
    [
        "-F", "none",
        "-p", port.ToString(CultureInfo.InvariantCulture),
        .. key is null ? Array.Empty<string>() : ["-i", key, "-o", "IdentitiesOnly=yes"],
        "-o", "BatchMode=yes",
        "-o", "PasswordAuthentication=no",
        "-o", "ForwardAgent=no",
        "-o", "ConnectTimeout=10",
        "-o", "ServerAliveInterval=15",
        "-o", "StrictHostKeyChecking=no",
        "-o", "UserKnownHostsFile=/dev/null",
        "-o", "LogLevel=ERROR",
        $"{user}@{address}",
        Command,
    ];

    /// <summary>Reads the report. The exit code decides nothing: a report with a failed probe has one, too.</summary>
    public static IReadOnlyList<ProbeResult> Read(ProgramResult result)
    {
        try
        {
            var report = JsonSerializer.Deserialize<JsonElement>(result.Output);
            var probes = report.GetProperty("probes").EnumerateArray().Select(probe => new ProbeResult(
                probe.GetProperty("name").GetString()!,
                probe.GetProperty("passed").GetBoolean(),
                probe.TryGetProperty("seconds", out var seconds) && seconds.ValueKind == JsonValueKind.Number ? seconds.GetDouble() : null,
                probe.TryGetProperty("detail", out var detail) ? detail.GetString() : null)).ToList();
            return result.ExitCode == 0 || probes.Any(probe => !probe.Passed)
                ? probes
                : throw new VerificationException($"the verification failed without naming a probe: {result.Error.Trim()}");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new VerificationException($"the verification did not report: {result.Summary}", e);
        }
    }

    private async Task<ProgramResult> RunAsync(string address, int port, TimeSpan limit, CancellationToken cancellation)
    {
        try
        {
            return await ProgramRunner.RunAsync(ssh, Arguments(address, port), limit, cancellation);
        }
        catch (ProgramException e)
        {
            throw new VerificationException(e.IsTimeout ? $"the verification did not end within {limit.TotalSeconds:0} s" : e.Message, e);
        }
    }
}
