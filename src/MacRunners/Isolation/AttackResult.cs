using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using MacRunners.Hosting;

namespace MacRunners.Isolation;

/// <summary>How an attack ended.</summary>
internal enum AttackOutcome
{
    /// <summary>Everything held.</summary>
    Ok,

    /// <summary>Something did not hold.</summary>
    Failed,

    /// <summary>It could not be made on this machine.</summary>
    Skipped,
}

/// <summary>One attack and how it ended.</summary>
/// <param name="Id">Its name in the catalogue.</param>
/// <param name="Title">In a few words.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Seconds">How long it took, teardown and search included.</param>
/// <param name="Details">What did not hold, or why it was skipped. May hold what a job chose.</param>
internal sealed record AttackResult(string Id, string Title, AttackOutcome Outcome, double Seconds, IReadOnlyList<string> Details)
{
    private const string Indent = "         ";
    private const int WidthOfId = 28;

    /// <summary>One line for people, and one for each detail of a failure. Text from the job cannot move the terminal's cursor.</summary>
    public string Text()
    {
        var text = new StringBuilder();
        text.Append((Outcome == AttackOutcome.Failed ? "FAILED" : Outcome.ToString().ToLowerInvariant()).PadRight(Indent.Length));
        text.Append(Id.PadRight(WidthOfId)).Append(CultureInfo.InvariantCulture, $"{Seconds,6:0.0} s  ");
        text.Append(Outcome == AttackOutcome.Skipped ? Visible.Text(string.Join("; ", Details)) : Title);
        foreach (var detail in Outcome == AttackOutcome.Failed ? Details : [])
        {
            text.Append('\n').Append(Indent).Append("→ ").Append(Visible.Text(detail));
        }

        return text.ToString();
    }
}

/// <summary>How a whole run ended.</summary>
/// <param name="Ok">Attacks against which everything held.</param>
/// <param name="Failed">Those against which something did not.</param>
/// <param name="Skipped">Those that could not be made here.</param>
/// <param name="Attacks">All of them.</param>
/// <param name="NotTried">What no attack tries.</param>
internal sealed record IsolationReport(int Ok, int Failed, int Skipped, IReadOnlyList<AttackResult> Attacks, IReadOnlyList<UntriedCase> NotTried)
{
    /// <summary>Counts.</summary>
    public static IsolationReport Of(IReadOnlyList<AttackResult> results) => new(
        results.Count(result => result.Outcome == AttackOutcome.Ok),
        results.Count(result => result.Outcome == AttackOutcome.Failed),
        results.Count(result => result.Outcome == AttackOutcome.Skipped),
        results,
        [.. AttackCatalogue.Cases.Where(tried => tried.NoAttackBecause is not null).Select(tried => new UntriedCase(tried.Number, tried.Tried, tried.NoAttackBecause!))]);

    /// <summary>The counts in one line.</summary>
    public string Summary() => $"{Ok} ok, {Failed} failed, {Skipped} skipped";
}

/// <summary>Something that no attack on a machine tries.</summary>
/// <param name="Number">As in <see cref="AttackCase.Number"/>.</param>
/// <param name="Tried">What it would be, and what must hold.</param>
/// <param name="Because">Why not.</param>
internal sealed record UntriedCase(int Number, string Tried, string Because)
{
    /// <summary>One line for people.</summary>
    public string Text() => $"{Number}: {Tried} ({Because})";
}

/// <summary>An attack as <c>--list --json</c> shows it.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Title">In a few words.</param>
/// <param name="Cases">As in <see cref="Attack.Cases"/>.</param>
/// <param name="Platforms">Where it makes sense.</param>
/// <param name="Tries">What it tries.</param>
/// <param name="Holds">What must hold.</param>
internal sealed record ListedAttack(string Id, string Title, IReadOnlyList<int> Cases, IReadOnlyList<string> Platforms, string Tries, string Holds);

/// <summary>How they are written.</summary>
[JsonSerializable(typeof(AttackResult))]
[JsonSerializable(typeof(IsolationReport))]
[JsonSerializable(typeof(IReadOnlyList<ListedAttack>))]
internal sealed partial class IsolationJson : JsonSerializerContext
{
    /// <summary>For terminals and scripts, not for web pages.</summary>
    public static IsolationJson Readable { get; } = new(Written(indented: true));

    /// <summary>One line for each.</summary>
    public static IsolationJson Lines { get; } = new(Written(indented: false));

    private static JsonSerializerOptions Written(bool indented) => new(JsonSerializerDefaults.Web)
    {
        WriteIndented = indented,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter<AttackOutcome>(JsonNamingPolicy.CamelCase) },
    };
}
