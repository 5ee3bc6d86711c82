using System.Globalization;
using System.Reflection;
using System.Text.Json.Serialization;
using MacRunners.Jobs.Journal;

namespace MacRunners.FaultyDaemon;

/// <summary>A moment of the journal, written as in <c>before:stepDone:2</c>.</summary>
/// <param name="Moment">Before or after the entry is on disk.</param>
/// <param name="Kind">Kind of the entry, as the journal writes it.</param>
/// <param name="Occurrence">Which entry of this kind since the daemon's start, counted from 1.</param>
internal sealed record JournalPoint(JournalMoment Moment, string Kind, int Occurrence)
{
    private static readonly Dictionary<Type, string> KindsOfTypes = typeof(JournalEntry)
        .GetCustomAttributes<JsonDerivedTypeAttribute>()
        .ToDictionary(attribute => attribute.DerivedType, attribute => (string)attribute.TypeDiscriminator!);

    /// <summary>All kinds there are.</summary>
    public static IReadOnlyCollection<string> Kinds => KindsOfTypes.Values;

    /// <summary>The kind of an entry.</summary>
    public static string KindOf(JournalEntry entry) => KindsOfTypes[entry.GetType()];

    /// <summary>Reads what <see cref="ToString"/> writes.</summary>
    /// <exception cref="FormatException">It is something else, or there is no such kind.</exception>
    public static JournalPoint Parse(string text)
    {
        var parts = text.Split(':');
        return parts.Length == 3
            && Enum.TryParse<JournalMoment>(parts[0], ignoreCase: true, out var moment)
            && Kinds.Contains(parts[1])
            && int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out var occurrence)
            && new JournalPoint(moment, parts[1], occurrence) is var point && point.ToString() == text && occurrence > 0
                ? point
                : throw new FormatException($"'{text}' is no point of the journal, as before:accountCreated:1");
    }

    /// <inheritdoc/>
    public override string ToString() => $"{(Moment == JournalMoment.Before ? "before" : "after")}:{Kind}:{Occurrence}";
}

/// <summary>The two sides of a journal entry.</summary>
internal enum JournalMoment
{
    /// <summary>Nothing of the entry is on disk yet.</summary>
    Before,

    /// <summary>The entry is on disk; what follows has not begun.</summary>
    After,
}
