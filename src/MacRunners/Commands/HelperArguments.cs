using System.Globalization;

namespace MacRunners.Commands;

/// <summary>
/// Arguments of the hidden helper verbs: pairs of <c>--name value</c>, then <c>--</c> and the rest. Parsed by hand because
/// these verbs start once or more per job, are never typed by people, and shall load next to nothing.
/// </summary>
internal sealed class HelperArguments
{
    private readonly Dictionary<string, string> _values = [];

    /// <exception cref="HelperUsageException">An unknown or repeated option, or one without value.</exception>
    internal HelperArguments(IReadOnlyList<string> arguments, params ReadOnlySpan<string> known)
    {
        var end = arguments.Count;
        for (var i = 0; i < end; i += 2)
        {
            if (arguments[i] == "--")
            {
                Rest = [.. arguments.Skip(i + 1)];
                return;
            }

            if (!known.Contains(arguments[i]))
            {
                throw new HelperUsageException($"'{arguments[i]}' is not an option here; known are {string.Join(' ', known)}");
            }

            if (i + 1 == end || !_values.TryAdd(arguments[i], arguments[i + 1]))
            {
                throw new HelperUsageException($"{arguments[i]} needs exactly one value");
            }
        }
    }

    /// <summary>What stands behind <c>--</c>.</summary>
    internal IReadOnlyList<string> Rest { get; } = [];

    internal string? Optional(string option) => _values.GetValueOrDefault(option);

    internal string Text(string option) => Optional(option) ?? throw new HelperUsageException($"{option} is missing");

    internal ulong Number(string option) =>
        ulong.TryParse(Text(option), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new HelperUsageException($"{option} '{Text(option)}' is not a number");

    /// <summary>A user or group number not below <paramref name="floor"/>: the guard against acting as, or on, a person or the system.</summary>
    internal uint Id(string option, uint floor)
    {
        // The largest number means "none" to several calls.
        var number = Number(option);
        return number >= floor && number < uint.MaxValue
            ? (uint)number
            : throw new HelperUsageException($"{option} {number} is refused: only numbers from {floor} on belong to jobs");
    }
}

/// <summary>A helper verb was called wrongly.</summary>
internal sealed class HelperUsageException(string message) : Exception(message);
