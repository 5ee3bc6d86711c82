using MacRunners.Telemetry;

namespace MacRunners.Isolation;

/// <summary>
/// Something that a job may try in order to outlive its teardown, or to reach what is not its own: a shell script, and what must hold
/// against it. Read from the comments at the script's beginning, so that an attack is one file.
/// </summary>
internal sealed record Attack
{
    private static readonly Dictionary<string, ResidueKind> Kinds = new()
    {
        ["processes"] = ResidueKind.Process,
        ["files"] = ResidueKind.File,
        ["mounts"] = ResidueKind.Mount,
    };

    /// <summary>Its name in the catalogue: small letters, digits and hyphens.</summary>
    public required string Id { get; init; }

    /// <summary>The whole script, which runs as the job.</summary>
    public required string Script { get; init; }

    /// <summary>In a few words.</summary>
    public required string Title { get; init; }

    /// <summary>Numbers of the kinds of attack that it stands for; attacks of one number are variants of one idea.</summary>
    public required IReadOnlyList<int> Cases { get; init; }

    /// <summary>What it tries.</summary>
    public required string Tries { get; init; }

    /// <summary>What must hold.</summary>
    public required string Holds { get; init; }

    /// <summary>Names of platforms (<see cref="Platform.IPlatform.Name"/>) on which it makes sense.</summary>
    public IReadOnlyList<string> Platforms { get; init; } = ["linux", "macos"];

    /// <summary>Programs without which it cannot be made.</summary>
    public IReadOnlyList<string> Needs { get; init; } = [];

    /// <summary>Attempts that it must report as refused; those that depend on the machine are not among them.</summary>
    public IReadOnlyList<string> Refuses { get; init; } = [];

    /// <summary>What teardown must find when the script has ended: without it the attack did not take place.</summary>
    public IReadOnlyList<ResidueKind> Leaves { get; init; } = [];

    /// <summary>What a finding of teardown must hold; null for none.</summary>
    public string? Reports { get; init; }

    /// <summary>Script that root runs before, in the home; null for none.</summary>
    public string? SetUp { get; init; }

    /// <summary>Script that runs at the same time in an account of its own; null for none.</summary>
    public string? Beside { get; init; }

    /// <summary>Whether the script may be ended by its own doing: then neither its exit code nor the end of its output tells anything.</summary>
    public bool IsCutOff { get; init; }

    /// <summary>Whether files are looked for on the whole machine afterwards, not only where everybody may usually write.</summary>
    public bool LooksEverywhere { get; init; }

    /// <summary>Whether it looks for traces of those before it, and therefore comes last.</summary>
    public bool IsLast { get; init; }

    /// <summary>Reads an attack.</summary>
    /// <param name="id">Its name.</param>
    /// <param name="script">A shebang, then lines <c># key: value</c>, then commands.</param>
    /// <exception cref="InvalidDataException">A line is missing or not understood.</exception>
    public static Attack Parse(string id, string script)
    {
        var header = new Dictionary<string, string>();
        foreach (var line in script.Split('\n').Skip(1).TakeWhile(line => line.StartsWith('#')).Where(line => !line.StartsWith("# shellcheck ", StringComparison.Ordinal)))
        {
            if (line[1..].Split(": ", 2) is not [var key, var value] || !header.TryAdd(key.Trim(), value.Trim()))
            {
                throw new InvalidDataException($"Attack {id}: '{line}' is not '# key: value', or repeats a key");
            }
        }

        var attack = new Attack
        {
            Id = id,
            Script = script,
            Title = Required("title"),
            Cases = [.. Required("case").Split(' ').Select(number => int.Parse(number, System.Globalization.CultureInfo.InvariantCulture))],
            Tries = Required("tries"),
            Holds = Required("holds"),
            Platforms = Words("platforms") is { Count: > 0 } platforms ? platforms : ["linux", "macos"],
            Needs = Words("needs"),
            Refuses = [.. Words("refuses").Where(word => !word.EndsWith('?'))],
            Leaves = [.. Words("leaves").Select(word => Kinds[word])],
            Reports = Take("reports"),
            SetUp = Take("set-up"),
            Beside = Take("beside"),
            IsCutOff = Is("ends", "cut off"),
            LooksEverywhere = Is("looks", "everywhere"),
            IsLast = Is("order", "last"),
        };

        return header.Count == 0 ? attack : throw new InvalidDataException($"Attack {id}: unknown key {header.Keys.First()}");

        string? Take(string key) => header.Remove(key, out var value) ? value : null;

        string Required(string key) => Take(key) ?? throw new InvalidDataException($"Attack {id}: {key} is missing");

        IReadOnlyList<string> Words(string key) => Take(key)?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];

        bool Is(string key, string word) => Take(key) is { } value && (value == word ? true : throw new InvalidDataException($"Attack {id}: {key} is '{value}', not '{word}'"));
    }

    /// <summary>Why it cannot be made on this machine; null when it can.</summary>
    /// <param name="platform">The platform's name.</param>
    /// <param name="searchPath">Where a job finds programs, folders with colons between.</param>
    public string? WhyNotOn(string platform, string searchPath)
    {
        if (!Platforms.Contains(platform))
        {
            return $"for {string.Join(" and ", Platforms)} only";
        }

        var missing = Needs.Where(program => !searchPath.Split(':').Any(folder => File.Exists(Path.Combine(folder, program)))).ToList();
        return missing.Count == 0 ? null : $"{string.Join(" and ", missing)} {(missing.Count == 1 ? "is" : "are")} not installed";
    }
}
