using MacRunners.Platform;
using MacRunners.Settings;

namespace MacRunners.Hosting.Configuration;

/// <summary>
/// Reads the configuration and finds everything that is wrong with it, before anything happens. Keys with a fault are
/// taken as if they were left out, so that the rest can still be judged.
/// </summary>
internal sealed class ConfigurationAudit
{
    private ConfigurationAudit(DaemonSettings settings, SourcedConfiguration configuration, IPlatform platform, IReadOnlyList<Fault> faults)
    {
        Settings = settings;
        Configuration = configuration;
        Platform = platform;
        Faults = faults;
    }

    /// <summary>All sections with the platform's defaults; fit for use only without <see cref="Faults"/>.</summary>
    public DaemonSettings Settings { get; }

    /// <summary>The merged values and where they come from.</summary>
    public SourcedConfiguration Configuration { get; }

    /// <summary>The platform that was chosen, without a log: for looking at the machine before there is one.</summary>
    public IPlatform Platform { get; }

    /// <summary>Everything that is wrong.</summary>
    public IReadOnlyList<Fault> Faults { get; }

    /// <summary>Reads and judges.</summary>
    /// <param name="sources">Where the settings come from.</param>
    /// <param name="createPlatform">Makes the platform's implementation.</param>
    /// <param name="hasTokenInEnvironment">Whether <c>BUILDKITE_AGENT_TOKEN</c> was given.</param>
    public static ConfigurationAudit Run(ConfigurationSources sources, Func<PlatformOptions, IPlatform> createPlatform, bool hasTokenInEnvironment)
    {
        var faults = new List<Fault>();
        var configuration = sources.Read(faults);
        faults.AddRange(new SettingsWalk(configuration).Faults());
        var settings = DaemonSettings.Bind(configuration.Without([.. faults.Select(fault => fault.Key)]));

        // A rule on a key that is faulty already would only judge the default that stands in for it.
        var platformFaults = new SettingsRules(settings, hasTokenInEnvironment, OperatingSystem.IsMacOS()).Faults()
            .Where(fault => fault.Key.StartsWith(nameof(DaemonSettings.Platform) + ":", StringComparison.Ordinal))
            .ToArray();
        var platform = createPlatform(platformFaults.Length == 0 ? settings.Platform : new PlatformOptions());
        settings.FillIn(platform.Places);
        AddNew(new SettingsRules(settings, hasTokenInEnvironment, OperatingSystem.IsMacOS()).Faults());
        AddNew(UnsafePaths(sources, settings, platform));
        return new ConfigurationAudit(settings, configuration, platform, faults);

        void AddNew(IEnumerable<Fault> found)
        {
            var known = faults.Select(fault => fault.Key).ToHashSet(StringComparer.OrdinalIgnoreCase);
            faults.AddRange(found
                .Where(fault => !known.Contains(fault.Key))
                .Select(fault => fault with { Source = fault.Source ?? configuration.SourceOf(fault.Key) }));
        }
    }

    private static IEnumerable<Fault> UnsafePaths(ConfigurationSources sources, DaemonSettings settings, IPlatform platform)
    {
        var safety = new PathSafety(platform.Files);
        (string Key, string? Path, PathUse Use)[] paths =
        [
            ("--config", sources.File is { } file && File.Exists(file) ? file : null, PathUse.File),
            ("Paths:State", settings.Paths.State, PathUse.Folder),
            ("Paths:Logs", settings.Paths.Logs, PathUse.Folder),
            ("Paths:Homes", settings.Paths.Homes, PathUse.JobFolder),
            ("Paths:Run", settings.Paths.Run, PathUse.Folder),
            ("Agent:Path", settings.Agent.Path, PathUse.Program),
            ("Agent:HooksPath", settings.Agent.HooksPath, PathUse.ExistingFolder),
            ("Buildkite:TokenFile", settings.Buildkite.TokenFile, PathUse.Secret),
        ];
        return
            from entry in paths
            where !string.IsNullOrEmpty(entry.Path) && Path.IsPathFullyQualified(entry.Path)
            from problem in safety.Inspect(entry.Path, entry.Use)
            select new Fault(entry.Key, entry.Path, null, "a path that root alone can change", $"{problem.Component} {problem.Problem}: {problem.Remedy}");
    }
}
