using System.Text.Json;
using System.Text.Json.Serialization;

namespace MacRunners.Fleet.Pipeline;

/// <summary>How a step ended.</summary>
internal enum StepOutcome
{
    /// <summary>Done.</summary>
    Passed,

    /// <summary>It went wrong.</summary>
    Failed,

    /// <summary>There was nothing to do.</summary>
    Skipped,
}

/// <summary>One step of a pipeline's run.</summary>
/// <param name="Step">Its name.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="Detail">What people should know.</param>
/// <param name="Image">The image it worked on; null for none.</param>
internal sealed record StepResult(string Step, StepOutcome Outcome, double Seconds, string Detail, string? Image);

/// <summary>
/// The steps of one image's run, one JSON line each. Every verb appends its own, so that steps of a workflow need not hand anything on, and
/// the message at the end knows what happened.
/// </summary>
internal sealed class RunRecord(string path)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) } };

    /// <summary>All steps so far; none when the file does not exist.</summary>
    /// <exception cref="InvalidDataException">The file is something else.</exception>
    public IReadOnlyList<StepResult> Read()
    {
        try
        {
            return !File.Exists(path) ? [] : [.. File.ReadLines(path).Where(line => line.Length > 0).Select(line => JsonSerializer.Deserialize<StepResult>(line, Json)!)];
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path} is not a record of steps: {e.Message}", e);
        }
    }

    /// <summary>The image of this run: that of the last step which names one.</summary>
    public string? Image => Read().LastOrDefault(step => step.Image is not null)?.Image;

    /// <summary>Adds a step.</summary>
    public void Add(StepResult step) => File.AppendAllText(path, JsonSerializer.Serialize(step, Json) + "\n");
}
