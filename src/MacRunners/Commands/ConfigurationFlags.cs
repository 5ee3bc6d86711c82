using System.CommandLine;
using MacRunners.Hosting.Configuration;
using MacRunners.Platform;
using MacRunners.Settings;
using Microsoft.Extensions.Logging.Abstractions;

namespace MacRunners.Commands;

/// <summary>The flags that say where settings come from; the same for every verb that reads them.</summary>
internal sealed class ConfigurationFlags
{
    private readonly Option<string?> _file = new("--config")
    {
        Description = $"Configuration file. Default: {ConfigurationSources.DefaultFile}, if it exists",
        HelpName = "FILE",
    };

    private readonly Option<string[]> _set = new("--set")
    {
        Description = $"Overrides a setting; may be repeated. Wins over {ConfigurationSources.Prefix}Section__Key in the environment, which wins over the file",
        HelpName = "Section:Key=value",
        Arity = ArgumentArity.ZeroOrMore,
    };

    /// <summary>Adds the flags to a verb.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_file);
        command.Options.Add(_set);
    }

    /// <summary>Reads and judges what flags, environment and file say.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="hasTokenInEnvironment">Whether <c>BUILDKITE_AGENT_TOKEN</c> was given.</param>
    public ConfigurationAudit Audit(ParseResult parsed, bool hasTokenInEnvironment) => ConfigurationAudit.Run(
        new ConfigurationSources(parsed.GetValue(_file), ConfigurationSources.ProcessEnvironment(), parsed.GetValue(_set) ?? []),
        options => PlatformFactory.Create(
            options, new Tool(TimeProvider.System), new JobsOptions().DirectoryTimeout, TimeProvider.System, NullLoggerFactory.Instance),
        hasTokenInEnvironment);
}
