using System.Globalization;

namespace MacRunners.Simulator.Agent.Flags;

/// <summary>
/// The values of a command's flags: command line before environment before configuration file before default. Refuses what the agent
/// refuses: unknown flags, missing and malformed values.
/// </summary>
internal sealed class FlagSet
{
    private readonly Dictionary<string, FlagDefinition> _definitions;
    private readonly Dictionary<string, string> _values = [];
    private readonly HashSet<string> _set = [];

    private FlagSet(IEnumerable<FlagDefinition> definitions) => _definitions = definitions.ToDictionary(d => d.Name);

    /// <summary>What is left of the command line.</summary>
    public List<string> Arguments { get; } = [];

    /// <summary>Whether <c>--help</c> was among the arguments.</summary>
    public bool HelpAsked { get; private set; }

    /// <summary>Reads command line and environment; throws <see cref="AgentFailureException"/> on a fault.</summary>
    public static FlagSet Parse(IEnumerable<FlagDefinition> definitions, IReadOnlyList<string> arguments, Func<string, string?> variable)
    {
        var flags = new FlagSet(definitions);
        flags.ReadVariables(variable);
        flags.ReadArguments(arguments);
        return flags;
    }

    /// <summary>Adds what a configuration file says, for flags that neither command line nor environment set.</summary>
    public void AddFile(ConfigFile file)
    {
        foreach (var (name, value) in file.Values)
        {
            if (!_definitions.TryGetValue(name, out var definition) || _set.Contains(name))
            {
                continue;
            }

            // A malformed switch or number in the file counts as false or 0.
            _values[name] = IsWellFormed(definition.Kind, value) ? value : definition.Kind is FlagKind.Number ? "0" : "false";
            _set.Add(name);
        }
    }

    public bool IsSet(string name) => _set.Contains(name);

    public string Text(string name) => _values.GetValueOrDefault(name) ?? _definitions[name].Default;

    public bool On(string name) => GoBoolean.TryParse(Text(name), out var on) && on;

    public int Number(string name) => int.Parse(Text(name), CultureInfo.InvariantCulture);

    public IReadOnlyList<string> List(string name) =>
        [.. Text(name).Split(',').Where(item => item.Length > 0).Select(item => item.Trim())];

    /// <summary>Absolute path after expansion of <c>~</c> and variables; empty stays empty.</summary>
    public string PathOf(string name) => AgentPath.Normalize(Text(name));

    private static bool IsWellFormed(FlagKind kind, string value) => kind switch
    {
        FlagKind.Switch => GoBoolean.TryParse(value, out _),
        FlagKind.Number => int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _),
        FlagKind.Duration => GoDuration.IsValid(value),
        _ => true,
    };

    private void ReadVariables(Func<string, string?> variable)
    {
        foreach (var definition in _definitions.Values)
        {
            if (definition.Variables.Select(variable).FirstOrDefault(v => v is not null) is not { } value)
            {
                continue;
            }

            // An empty variable switches off; for a number it is as malformed as any other text.
            var effective = definition.Kind == FlagKind.Switch && value.Length == 0 ? "false" : value;
            if (!IsWellFormed(definition.Kind, effective))
            {
                var word = definition.Kind switch { FlagKind.Switch => "bool", FlagKind.Number => "int", _ => "duration" };
                throw new UsageException($"could not parse {value} as {word} value for flag {definition.Name}");
            }

            _values[definition.Name] = effective;
            _set.Add(definition.Name);
        }
    }

    private void ReadArguments(IReadOnlyList<string> arguments)
    {
        var given = new HashSet<string>();
        for (var i = 0; i < arguments.Count; i++)
        {
            var argument = arguments[i];
            if (argument == "--")
            {
                Arguments.AddRange(arguments.Skip(i + 1));
                return;
            }

            if (argument.Length < 2 || argument[0] != '-')
            {
                Arguments.Add(argument);
                continue;
            }

            var body = argument[(argument.StartsWith("--", StringComparison.Ordinal) ? 2 : 1)..];
            var equals = body.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? body : body[..equals];
            if (name is "help" or "h")
            {
                HelpAsked = true;
                continue;
            }

            if (!_definitions.TryGetValue(name, out var definition))
            {
                throw new UsageException($"flag provided but not defined: -{name}");
            }

            Set(definition, equals < 0 ? Value(definition, arguments, ref i) : body[(equals + 1)..], given.Add(name));
        }
    }

    private static string Value(FlagDefinition definition, IReadOnlyList<string> arguments, ref int position)
    {
        if (definition.Kind == FlagKind.Switch)
        {
            return "true";
        }

        return ++position < arguments.Count
            ? arguments[position]
            : throw new UsageException($"flag needs an argument: -{definition.Name}");
    }

    private void Set(FlagDefinition definition, string value, bool first)
    {
        if (!IsWellFormed(definition.Kind, value))
        {
            throw new UsageException(definition.Kind == FlagKind.Switch
                ? $"invalid boolean value \"{value}\" for -{definition.Name}: parse error"
                : $"invalid value \"{value}\" for flag -{definition.Name}: parse error");
        }

        _values[definition.Name] = definition.Kind == FlagKind.List && !first ? $"{_values[definition.Name]},{value}" : value;
        _set.Add(definition.Name);
    }
}
