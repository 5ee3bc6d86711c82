using System.CommandLine;
using MacRunners.Hosting.Configuration;

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

    /// <summary>What the flags and the environment say.</summary>
    public ConfigurationSources Sources(ParseResult parsed) =>
        new(parsed.GetValue(_file), ConfigurationSources.ProcessEnvironment(), parsed.GetValue(_set) ?? []);
}
