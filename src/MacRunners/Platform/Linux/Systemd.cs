namespace MacRunners.Platform.Linux;

/// <summary>systemd, by <c>systemctl show</c>.</summary>
internal sealed class Systemd(ITool tool) : IServiceManager
{
    private const string Service = "macrunners.service";
    private const string PortHolder = "macrunners.socket";

    // Made by systemd when it runs as the first process, and the way its own programs tell.
    private const string Mark = "/run/systemd/system";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

    /// <summary>Whether systemd runs here; a test may say otherwise.</summary>
    internal Func<bool> Runs { get; init; } = () => Directory.Exists(Mark);

    /// <inheritdoc/>
    public string Name => "systemd";

    /// <inheritdoc/>
    public IReadOnlyList<string> Definitions => [$"/etc/systemd/system/{Service}", $"/etc/systemd/system/{PortHolder}"];

    /// <inheritdoc/>
    public string StartCommand => $"systemctl enable --now {PortHolder} {Service}";

    /// <inheritdoc/>
    public async Task<ServiceLook> LookAsync(CancellationToken cancellationToken)
    {
        if (!Runs())
        {
            return new ServiceLook(ServiceState.NoManager, HoldsPort: false, "systemd does not run here");
        }

        var service = await ShowAsync(Service, cancellationToken);
        var socket = await ShowAsync(PortHolder, cancellationToken);
        var state = service.GetValueOrDefault("LoadState") != "loaded" ? ServiceState.NotLoaded
            : service.GetValueOrDefault("ActiveState") is "active" or "activating" or "reloading" ? ServiceState.Running
            : ServiceState.Loaded;
        return new ServiceLook(
            state,
            HoldsPort: socket.GetValueOrDefault("ActiveState") == "active",
            $"{service.GetValueOrDefault("LoadState")}, {service.GetValueOrDefault("ActiveState")}, {service.GetValueOrDefault("UnitFileState")}".TrimEnd(',', ' '));
    }

    private async Task<Dictionary<string, string>> ShowAsync(string unit, CancellationToken cancellationToken)
    {
        var answer = await tool.RunAsync("/usr/bin/systemctl", ["show", "--property=LoadState,ActiveState,UnitFileState", unit], Limit, cancellationToken);
        return answer.ExitCode == 0
            ? answer.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('=', 2)).Where(pair => pair.Length == 2).ToDictionary(pair => pair[0], pair => pair[1])
            : throw new ToolException($"systemctl show {unit} failed with {answer.Summary}");
    }
}
