using System.Globalization;
using System.Reflection;
using System.Text.Json.Serialization;
using MacRunners.Jobs.Journal;

namespace MacRunners.FaultyDaemon;

/// <summary>
/// A moment of the journal, written as in <c>before:stepDone:2</c>, or <c>before:selfTest.stepDone:2</c> for an entry of the machine's
/// test of itself.
/// </summary>
/// <param name="Moment">Before or after the entry is on disk.</param>
/// <param name="IsSelfTest">Whether it is about the self-test; entries of jobs do not count then, and the other way round.</param>
/// <param name="Kind">Kind of the entry, as the journal writes it.</param>
/// <param name="Occurrence">Which such entry since the daemon's start, counted from 1.</param>
internal sealed record JournalPoint(JournalMoment Moment, bool IsSelfTest, string Kind, int Occurrence)
{
    private const string SelfTestPrefix = "selfTest.";

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
        if (text.Split(':') is [var moment, var entry, var occurrence]
            && Enum.TryParse<JournalMoment>(moment, ignoreCase: true, out var parsed)
            && int.TryParse(occurrence, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            var isSelfTest = entry.StartsWith(SelfTestPrefix, StringComparison.Ordinal);
            var point = new JournalPoint(parsed, isSelfTest, isSelfTest ? entry[SelfTestPrefix.Length..] : entry, number);
            if (Kinds.Contains(point.Kind) && number > 0 && point.ToString() == text)
            {
                return point;
            }
        }

        throw new FormatException($"'{text}' is no point of the journal, as before:accountCreated:1");
    }

    /// <inheritdoc/>
    public override string ToString() =>
        $"{(Moment == JournalMoment.Before ? "before" : "after")}:{(IsSelfTest ? SelfTestPrefix : "")}{Kind}:{Occurrence}";
}

/// <summary>The two sides of a journal entry.</summary>
internal enum JournalMoment
{
    /// <summary>Nothing of the entry is on disk yet.</summary>
    Before,

    /// <summary>The entry is on disk; what follows has not begun.</summary>
    After,
}
