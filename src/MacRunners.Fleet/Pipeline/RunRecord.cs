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

/// <summary>A VM that was going to be ordered.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Namespace">Where.</param>
internal sealed record RecordedVm(string Name, string Namespace);

/// <summary>
/// The steps of one image's run, one JSON line each. Every verb appends its own, so that steps of a workflow need not hand anything on, and
/// the message at the end knows what happened. A VM is named before it is ordered, so that whoever comes after a step that was killed knows
/// what it may have left.
/// </summary>
internal sealed class RunRecord(string path)
{
    private const string VmKey = "vm";
    private const string NamespaceKey = "namespace";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) } };

    /// <summary>All steps so far; none when the file does not exist.</summary>
    /// <exception cref="InvalidDataException">The file is something else.</exception>
    public IReadOnlyList<StepResult> Read() => Parse(lines => lines.Where(line => !line.TryGetProperty(VmKey, out _)).Select(line => line.Deserialize<StepResult>(Json)!));

    /// <summary>Every VM that was going to be ordered.</summary>
    /// <exception cref="InvalidDataException">The file is something else.</exception>
    public IReadOnlyList<RecordedVm> Vms => Parse(lines => lines.Where(line => line.TryGetProperty(VmKey, out _))
        .Select(line => new RecordedVm(line.GetProperty(VmKey).GetString()!, line.GetProperty(NamespaceKey).GetString()!)));

    /// <summary>The image of this run: that of the last step which names one.</summary>
    public string? Image => Read().LastOrDefault(step => step.Image is not null)?.Image;

    /// <summary>Adds a step.</summary>
    public void Add(StepResult step) => File.AppendAllText(path, JsonSerializer.Serialize(step, Json) + "\n");

    /// <summary>Adds a VM that is going to be ordered.</summary>
    public void AddVm(RecordedVm vm) => File.AppendAllText(path, JsonSerializer.Serialize(new Dictionary<string, string> { [VmKey] = vm.Name, [NamespaceKey] = vm.Namespace }) + "\n");

    private List<T> Parse<T>(Func<IEnumerable<JsonElement>, IEnumerable<T>> choose)
    {
        try
        {
            return !File.Exists(path) ? [] : [.. choose(File.ReadLines(path).Where(line => line.Length > 0).Select(line => JsonSerializer.Deserialize<JsonElement>(line)))];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new InvalidDataException($"{path} is not a record of steps: {e.Message}", e);
        }
    }
}
