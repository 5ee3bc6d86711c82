using MacRunners.Fleet.Orka;

namespace MacRunners.Fleet.Processes;

/// <summary>Packer with what it needs in its environment, and a log without secrets.</summary>
internal sealed class PackerRun
{
    /// <summary>From SIGINT to SIGKILL: Packer deletes the VM it builds in meanwhile.</summary>
    public static readonly TimeSpan TimeToDeleteVm = TimeSpan.FromMinutes(5);

    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const int LinesOfFailure = 8;

    private readonly string _packer;
    private readonly string _log;
    private readonly string _rawLog;
    private readonly Secrets _secrets;
    private readonly Dictionary<string, string?> _environment;

    /// <summary>Prepares it.</summary>
    /// <param name="packer">Path of the program, or a name on PATH.</param>
    /// <param name="connection">The cluster.</param>
    /// <param name="credentials">Those of the operator's storage, <c>NAME=value</c> a line; null or empty for none.</param>
    /// <param name="log">Where the log is when a run has ended.</param>
    public PackerRun(string packer, OrkaConnection connection, string? credentials, string log)
    {
        _packer = packer;
        _log = log;

        // Whoever collects logs by their name does not find this one, even when nobody comes to redact it.
        _rawLog = Path.ChangeExtension(log, ".raw");
        _environment = new()
        {
            ["PKR_VAR_orka_endpoint"] = connection.Endpoint.AbsoluteUri.TrimEnd('/'),
            ["PKR_VAR_orka_auth_token"] = connection.Token,
            ["CHECKPOINT_DISABLE"] = "1",
            ["PACKER_LOG"] = "1",
            ["PACKER_LOG_PATH"] = _rawLog,
        };
        var values = (credentials ?? "").Split('\n').Select(line => line[(line.IndexOf('=', StringComparison.Ordinal) + 1)..].Trim()).ToList();
        if (!string.IsNullOrWhiteSpace(credentials))
        {
            _environment["PKR_VAR_storage_credentials"] = credentials;
        }

        // Of a header the last word is what matters, however the rest is written.
        _secrets = new Secrets([connection.Token, .. values, .. values.Select(value => value.Split(' ')[^1])]);
    }

    /// <summary>Fetches the template's plugins and builds.</summary>
    /// <param name="limit">Longest time of both together.</param>
    /// <param name="template">Folder of the template.</param>
    /// <param name="arguments">Arguments of the build.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="ProgramException">It failed, took too long, or is not there; without secrets.</exception>
    public async Task BuildAsync(TimeSpan limit, string template, IReadOnlyList<string> arguments, CancellationToken cancellation)
    {
        using var deadline = new CancellationTokenSource(limit, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, deadline.Token);
        try
        {
            await RunAsync(["init", template], either.Token);
            await RunAsync(arguments, either.Token);
        }
        catch (OperationCanceledException e) when (deadline.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new ProgramException($"packer init and build did not end within {limit.TotalSeconds:0.#} s and were ended", isTimeout: true, e);
        }
    }

    private async Task RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellation)
    {
        // Packer keeps the mode of a file that is there.
        new FileStream(_rawLog, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = Private }).Dispose();
        try
        {
            var result = await ProgramRunner.RunAsync(_packer, arguments, Timeout.InfiniteTimeSpan, cancellation, _environment, TimeToDeleteVm);
            if (result.ExitCode != 0)
            {
                var last = string.Join(
                    " / ", $"{result.Output}\n{result.Error}".Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).TakeLast(LinesOfFailure));
                throw new ProgramException($"packer {arguments[0]} ended with exit code {result.ExitCode}: {_secrets.Redact(last)}");
            }
        }
        finally
        {
            _secrets.MoveRedacted(_rawLog, _log);
        }
    }
}
