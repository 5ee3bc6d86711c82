using System.Diagnostics;
using System.Security.Cryptography;

namespace MacRunners.Fleet.Pipeline;

/// <summary>A simulated Orka and a simulated Discord on this machine, with the programs <c>orka3</c> and <c>ssh</c> that belong to them.</summary>
internal sealed class SimulatedCloud : IAsyncDisposable
{
    private const string Announcement = "listening on ";
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);
    private readonly List<Process> _servers = [];
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("macrunners-fleet-");
    private readonly SimulatedPrograms _programs;

    private SimulatedCloud(string simulator, Uri orka, string token) => _programs = SimulatedPrograms.Write(_folder.FullName, simulator, orka, token);

    /// <summary>Address of the simulated Orka.</summary>
    public required Uri Orka { get; init; }

    /// <summary>Its token.</summary>
    public required string Token { get; init; }

    /// <summary>Address of the simulated Discord.</summary>
    public required Uri Discord { get; init; }

    /// <summary>A program that is <c>orka3</c> to that Orka.</summary>
    public string Orka3 => _programs.Orka3;

    /// <summary>A program that is <c>ssh</c> to VMs of that Orka.</summary>
    public string Ssh => _programs.Ssh;

    /// <summary>Starts both.</summary>
    /// <param name="simulator">The program <c>macrunners-sim</c>.</param>
    /// <param name="images">Images that are there from the start.</param>
    /// <param name="cancellation">Ends the start.</param>
    /// <exception cref="IOException">They do not start.</exception>
    public static async Task<SimulatedCloud> StartAsync(string simulator, IReadOnlyList<string> images, CancellationToken cancellation)
    {
        if (!File.Exists(simulator))
        {
            throw new InvalidDataException($"{simulator} does not exist: `make publish` puts macrunners-sim beside macrunners-fleet, or name it with --simulator");
        }

        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        var servers = new List<Process>();
        try
        {
            var orka = await StartAsync(servers, simulator, ["orka", .. images.SelectMany(image => new[] { "--image", image })], token, cancellation);
            var discord = await StartAsync(servers, simulator, ["discord"], token: null, cancellation);
            var cloud = new SimulatedCloud(simulator, orka, token) { Orka = orka, Token = token, Discord = discord };
            cloud._servers.AddRange(servers);
            servers.Clear();
            return cloud;
        }
        finally
        {
            Stop(servers);
        }
    }

    /// <summary>The environment of this process, but with the simulated services in place of real ones.</summary>
    public string? Variable(string name) => name switch
    {
        "ORKA_ENDPOINT" => Orka.GetLeftPart(UriPartial.Authority),
        "ORKA_AUTH_TOKEN" => Token,
        "DISCORD_WEBHOOK_URL" => new Uri(Discord, "/api/webhooks/1234/secret-of-the-webhook").AbsoluteUri,
        _ => Environment.GetEnvironmentVariable(name),
    };

    /// <summary>A path in the folder of this run.</summary>
    public string FilePath(string name) => Path.Combine(_folder.FullName, name);

    /// <summary>Copies records, reports and messages to a folder: the rest of this run's goes with it.</summary>
    public void Keep(string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (var file in _folder.EnumerateFiles("*.json*"))
        {
            file.CopyTo(Path.Combine(folder, file.Name), overwrite: true);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Stop(_servers);
        foreach (var file in _folder.EnumerateFiles())
        {
            file.Delete();
        }

        _folder.Delete();
        return ValueTask.CompletedTask;
    }

    private static async Task<Uri> StartAsync(List<Process> servers, string simulator, IReadOnlyList<string> arguments, string? token, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(simulator, arguments) { RedirectStandardOutput = true, Environment = { [SimulatedPrograms.TokenVariable] = token } };
        var process = Process.Start(start) ?? throw new IOException($"{simulator} did not start");
        servers.Add(process);
        using var limit = new CancellationTokenSource(StartLimit, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        var line = await process.StandardOutput.ReadLineAsync(either.Token);
        return line?.StartsWith(Announcement, StringComparison.Ordinal) == true ? new Uri(line[Announcement.Length..]) : throw new IOException($"{simulator} {arguments[0]} did not start");
    }

    private static void Stop(IEnumerable<Process> servers)
    {
        foreach (var server in servers)
        {
            server.Kill();
            server.WaitForExit();
            server.Dispose();
        }
    }
}
