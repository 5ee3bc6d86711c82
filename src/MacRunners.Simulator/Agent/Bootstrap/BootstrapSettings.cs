using MacRunners.Simulator.Agent.Flags;
using MacRunners.Simulator.Agent.Processes;
using MacRunners.Simulator.Agent.Running;

namespace MacRunners.Simulator.Agent.Bootstrap;

/// <summary>What a bootstrap was told. Hooks may still change repository, git flags and the like: see <see cref="JobShell"/>.</summary>
internal sealed record BootstrapSettings(FlagSet Flags, TimeSpan SignalGrace, int CancelSignal)
{
    public string Command => Flags.Text("command");

    public string JobId => Flags.Text("job");

    public string Commit => Flags.Text("commit");

    public string Branch => Flags.Text("branch");

    public string BuildPath => Flags.PathOf("build-path");

    public string HooksPath => Flags.PathOf("hooks-path");

    public bool Terminal => Flags.On("pty");

    public bool Debug => Flags.On("debug");

    public bool Includes(string phase) => Flags.List("phases") is var phases && (phases.Count == 0 || phases.Contains(phase));

    public static BootstrapSettings From(FlagSet flags)
    {
        if (BootstrapFlags.Required.FirstOrDefault(name => flags.Text(name).Length == 0) is { } missing)
        {
            throw new MissingSettingException(missing, "bootstrap");
        }

        if (flags.List("phases").FirstOrDefault(phase => phase is not ("plugin" or "checkout" or "command")) is { } unknown)
        {
            throw new AgentFailureException($"invalid phase \"{unknown}\"");
        }

        return new BootstrapSettings(
            flags,
            GracePeriods.SignalGrace(flags.Number("cancel-grace-period"), flags.Number("signal-grace-period-seconds")),
            Signal.Parse(flags.Text("cancel-signal")));
    }
}
