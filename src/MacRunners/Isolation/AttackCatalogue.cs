namespace MacRunners.Isolation;

/// <summary>All attacks, as they are built into the program.</summary>
internal static class AttackCatalogue
{
    private const string Root = "Isolation/";
    private const string Attacks = Root + "Attacks/";
    private const string Extension = ".sh";

    /// <summary>What stands before every script.</summary>
    private const string Prelude = Root + "prelude" + Extension;

    /// <summary>In the order in which they are made: by case, and at the end what looks for traces of the others.</summary>
    /// <exception cref="InvalidDataException">The program was built with a script that is not understood.</exception>
    public static IReadOnlyList<Attack> All { get; } =
    [
        .. typeof(AttackCatalogue).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Attacks, StringComparison.Ordinal))
            .Select(name => Attack.Parse(name[Attacks.Length..^Extension.Length], Read(name)))
            .OrderBy(attack => attack.IsLast).ThenBy(attack => attack.Cases[0]).ThenBy(attack => attack.Id, StringComparer.Ordinal),
    ];

    /// <summary>All that is tried against a machine, by an attack or otherwise, by number.</summary>
    /// <exception cref="InvalidDataException">The program was built with a row that is not understood.</exception>
    public static IReadOnlyList<AttackCase> Cases { get; } =
    [
        .. Read(Root + "cases").Split('\n')
            .SkipWhile(line => !line.StartsWith("| ---", StringComparison.Ordinal)).Skip(1)
            .Where(line => line.StartsWith('|'))
            .Select(AttackCase.Parse),
    ];

    /// <summary>The attack's script, fit to be run.</summary>
    public static string Script(Attack attack) => Read(Prelude) + attack.Script;

    /// <summary>The script that root runs before it, fit to be run with <c>prepare</c>, <c>look</c> or <c>undo</c>, then home, number, folder of canaries and mark.</summary>
    public static string SetUp(string name) => Read(Prelude) + Read($"{Root}SetUp/{name}{Extension}");

    /// <summary>The script that runs beside it, fit to be run.</summary>
    public static string Beside(string name) => Read(Prelude) + Read($"{Root}Beside/{name}{Extension}");

    private static string Read(string name)
    {
        using var stream = typeof(AttackCatalogue).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidDataException($"{name} is not in this program");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
