using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using MacRunners.Fleet.Pipeline;

namespace MacRunners.Fleet.Notifications;

/// <summary>The one message about an image's run, within Discord's limits.</summary>
internal static class ImageMessage
{
    private const int MaxTitle = 256;
    private const int MaxField = 1024;
    private const int MaxFields = 25;
    private const int MaxEmbed = 5500;
    private const int Green = 0x2ECC71;
    private const int Red = 0xE74C3C;
    private const int Grey = 0x95A5A6;

    /// <summary>Writes it.</summary>
    /// <param name="subject">What it is about, such as "macOS 15".</param>
    /// <param name="steps">What happened.</param>
    /// <param name="link">Page of the run; null for none.</param>
    /// <param name="now">Time of the message.</param>
    /// <param name="wrong">What is wrong, where the steps do not tell.</param>
    public static JsonObject Create(string subject, IReadOnlyList<StepResult> steps, Uri? link, DateTimeOffset now, string? wrong = null)
    {
        var failed = steps.FirstOrDefault(step => step.Outcome == StepOutcome.Failed);
        var image = steps.LastOrDefault(step => step.Image is not null)?.Image;
        var (verdict, color) = wrong is not null ? (wrong, Red)
            : failed is not null ? ($"failed at {failed.Step}", Red)
            : steps.Any(step => step is { Step: "promote", Outcome: StepOutcome.Passed }) ? ("new image promoted", Green)
            : steps.Count > 0 && steps.All(step => step.Outcome == StepOutcome.Skipped) ? ("skipped, nothing to build", Grey)
            : ("ended without a promotion", Red);
        var room = MaxEmbed;
        string Within(string text, int most)
        {
            var cut = Cut(text, Math.Min(most, Math.Max(1, room)));
            room -= cut.Length;
            return cut;
        }

        var title = Within($"{subject}: {verdict}", MaxTitle);
        var description = Within(image is null ? "No image." : $"`{image.Replace("`", "", StringComparison.Ordinal)}`", MaxField);
        var fields = new JsonArray();
        foreach (var step in steps.Take(MaxFields))
        {
            fields.Add((JsonNode)new JsonObject
            {
                ["name"] = Within(string.Create(CultureInfo.InvariantCulture, $"{Sign(step.Outcome)} {step.Step} ({Duration(step.Seconds)})"), MaxTitle),
                ["value"] = Within(step.Detail.Length == 0 ? "done" : Escape(step.Detail), MaxField),
            });
        }

        var embed = new JsonObject
        {
            ["title"] = title,
            ["description"] = description,
            ["color"] = color,
            ["timestamp"] = now.ToString("O", CultureInfo.InvariantCulture),
            ["fields"] = fields,
        };
        if (link is not null)
        {
            embed["url"] = link.AbsoluteUri;
        }

        return new JsonObject { ["embeds"] = new JsonArray(embed), ["allowed_mentions"] = new JsonObject { ["parse"] = new JsonArray() } };
    }

    /// <summary>At most so many characters, cut between what people see as characters.</summary>
    public static string Cut(string text, int most)
    {
        if (text.Length <= most)
        {
            return text;
        }

        var cut = new StringBuilder();
        var elements = StringInfo.GetTextElementEnumerator(text);
        while (elements.MoveNext() && cut.Length + elements.GetTextElement().Length < most)
        {
            cut.Append(elements.GetTextElement());
        }

        return cut.Append('…').ToString();
    }

    /// <summary>Text that Discord shows as it is.</summary>
    public static string Escape(string text)
    {
        var escaped = new StringBuilder();
        foreach (var character in text)
        {
            if ("\\*_~`|>[]()#@<".Contains(character, StringComparison.Ordinal))
            {
                escaped.Append('\\');
            }

            escaped.Append(character);
        }

        return escaped.ToString();
    }

    private static string Sign(StepOutcome outcome) => outcome switch { StepOutcome.Passed => "✅", StepOutcome.Failed => "❌", _ => "⏭️" };

    private static string Duration(double seconds) => seconds < 120
        ? string.Create(CultureInfo.InvariantCulture, $"{seconds:0.#} s")
        : string.Create(CultureInfo.InvariantCulture, $"{seconds / 60:0.#} min");
}
