using MacRunners.Platform;
using MacRunners.Settings;

namespace MacRunners.Hosting.Configuration;

/// <summary>
/// Reads the configuration and finds everything that is wrong with it, before anything happens. Keys with a fault are
/// taken as if they were left out, so that the rest can still be judged.
/// </summary>
internal sealed class ConfigurationAudit
{
    private ConfigurationAudit(
        DaemonSettings settings, SourcedConfiguration configuration, IPlatform platform, IReadOnlyList<GuardedPath> paths, IReadOnlyList<Fault> faults)
    {
        Paths = paths;
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

    /// <summary>The paths whose every component must be root's.</summary>
    public IReadOnlyList<GuardedPath> Paths { get; }

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
        var paths = PathsOf(sources, settings);
        AddNew(UnsafePaths(paths, platform));
        return new ConfigurationAudit(settings, configuration, platform, paths, faults);

        void AddNew(IEnumerable<Fault> found)
        {
            var known = faults.Select(fault => fault.Key).ToHashSet(StringComparer.OrdinalIgnoreCase);
            faults.AddRange(found
                .Where(fault => !known.Contains(fault.Key))
                .Select(fault => fault with { Source = fault.Source ?? configuration.SourceOf(fault.Key) }));
        }
    }

    private static IEnumerable<Fault> UnsafePaths(IReadOnlyList<GuardedPath> paths, IPlatform platform)
    {
        var safety = new PathSafety(platform.Files);
        return
            from entry in paths
            from problem in safety.Inspect(entry.Path, entry.Use)
            select new Fault(entry.Key, entry.Path, null, Fault.SafePath, $"{problem.Component} {problem.Problem}: {problem.Remedy}");
    }

    private static IReadOnlyList<GuardedPath> PathsOf(ConfigurationSources sources, DaemonSettings settings)
    {
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
        return [.. paths.Where(entry => !string.IsNullOrEmpty(entry.Path) && Path.IsPathFullyQualified(entry.Path)).Select(entry => new GuardedPath(entry.Key, entry.Path!, entry.Use))];
    }
}

/// <summary>A path that nobody but root may be able to change.</summary>
/// <param name="Key">The setting that names it.</param>
/// <param name="Path">Absolute.</param>
/// <param name="Use">What it is for.</param>
internal sealed record GuardedPath(string Key, string Path, PathUse Use);
