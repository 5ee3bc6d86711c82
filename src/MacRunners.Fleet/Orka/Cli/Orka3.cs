using System.Globalization;
using System.Text.Json;
using MacRunners.Fleet.Processes;

namespace MacRunners.Fleet.Orka.Cli;

/// <summary>Orka by its command line <c>orka3</c> (3.x), which must be logged in: its token is in no argument of ours.</summary>
/// <param name="program">Path of <c>orka3</c>, or a name on PATH.</param>
/// <param name="inNamespace">Namespace of the VMs.</param>
/// <param name="time">Clock.</param>
internal sealed class Orka3(string program, string inNamespace, TimeProvider time) : IOrka
{
    private const int MaxMetadataLength = 63;
    private static readonly TimeSpan CallLimit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    public void Dispose()
    {
        // Nothing is kept open between calls.
    }

    /// <inheritdoc/>
    public async Task<OrkaVm> DeployAsync(VmOrder order, TimeSpan limit, CancellationToken cancellation)
    {
        Check(order.Name);
        List<string> arguments = ["vm", "deploy", order.Name, "--image", order.Image, "--cpu", Text(order.Cpu)];
        if (order.MemoryGib is { } memory)
        {
            arguments.AddRange(["--memory", Text(memory)]);
        }

        arguments.AddRange(["--timeout", Text(Math.Max(1, Math.Ceiling(limit.TotalMinutes))), "-n", inNamespace, "-o", "json"]);
        var answer = await RunAsync(arguments, limit, cancellation);
        var json = Json(arguments, answer);

        // Orka's own integrations read an array; one published guide an object.
        var vm = View(json.ValueKind == JsonValueKind.Array ? json[0] : json, order.Image);
        return vm.Phase != VmPhase.Failed ? vm with { Phase = VmPhase.Running } : throw new OrkaException(OrkaFault.Failed, $"VM {order.Name} failed");
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<OrkaVm>> ListVmsAsync(CancellationToken cancellation) =>
        [.. (await ItemsAsync(["vm", "list", "-n", inNamespace, "-o", "json"], cancellation)).Select(vm => View(vm, ""))];

    /// <inheritdoc/>
    public async Task<OrkaVm?> FindVmAsync(string name, CancellationToken cancellation) =>
        (await ListVmsAsync(cancellation)).FirstOrDefault(vm => vm.Name == name);

    /// <inheritdoc/>
    public async Task DeleteVmAsync(string name, CancellationToken cancellation)
    {
        Check(name);
        await DeleteAsync(["vm", "delete", name, "-n", inNamespace], cancellation);
    }

    /// <inheritdoc/>
    public async Task SaveImageAsync(string vm, string image, TimeSpan limit, CancellationToken cancellation)
    {
        Check(vm);
        using var timeout = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timeout.Token);
        try
        {
            await RunAsync(["vm", "save", vm, image, "-n", inNamespace], CallLimit, either.Token);
            while (true)
            {
                switch ((await ListImagesAsync(either.Token)).FirstOrDefault(found => found.Name == image)?.State)
                {
                    case "Ready":
                        return;
                    case "Failed":
                        throw new OrkaException(OrkaFault.Failed, $"Image {image} failed; see `orka3 image list`");
                    default:
                        await Task.Delay(Poll, time, either.Token);
                        break;
                }
            }
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new OrkaException(OrkaFault.Timeout, $"Image {image} was not ready within {limit.TotalSeconds:0} s");
        }
    }

    /// <inheritdoc/>
    public Task CommitImageAsync(string vm, CancellationToken cancellation)
    {
        Check(vm);
        return RunAsync(["vm", "commit", vm, "-n", inNamespace], CallLimit, cancellation);
    }

    /// <inheritdoc/>
    public async Task<string> PushImageAsync(string vm, string reference, CancellationToken cancellation)
    {
        Check(vm);
        var answer = await RunAsync(["vm", "push", vm, reference, "-n", inNamespace], CallLimit, cancellation);
        return answer.Output.Trim().Split((char[])[' ', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries).LastOrDefault()
            ?? throw new OrkaException(OrkaFault.Failed, $"orka3 vm push {vm} names no job: see `orka3 vm get-push-status`");
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<OrkaImage>> ListImagesAsync(CancellationToken cancellation) =>
        [.. (await ItemsAsync(["image", "list", "-o", "json"], cancellation)).Select(image => new OrkaImage(Field(image, "name") ?? "", Field(image, "state") ?? Field(image, "status")))];

    /// <inheritdoc/>
    public Task DeleteImageAsync(string name, CancellationToken cancellation)
    {
        Check(name);
        return DeleteAsync(["image", "delete", name], cancellation);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<VmConfig>> ListVmConfigsAsync(CancellationToken cancellation) =>
        [.. (await ItemsAsync(["vm-config", "list", "-o", "json"], cancellation)).Select(config => new VmConfig(
            Field(config, "name") ?? "", Field(config, "image") ?? "", (int)(Number(config, "cpu") ?? 0), Number(config, "memory")))];

    /// <inheritdoc/>
    public async Task CreateVmConfigAsync(VmConfig config, CancellationToken cancellation)
    {
        Check(config.Name);
        if ((await ListVmConfigsAsync(cancellation)).FirstOrDefault(found => found.Name == config.Name) is { } existing)
        {
            if (existing.Image == config.Image)
            {
                return;
            }

            throw new OrkaException(OrkaFault.Conflict, $"Template {config.Name} exists already and points at {existing.Image}: another pipeline may be at work");
        }

        List<string> arguments = ["vm-config", "create", config.Name, "--image", config.Image, "--cpu", Text(config.Cpu)];
        if (config.MemoryGib is { } memory)
        {
            arguments.AddRange(["--memory", Text(memory)]);
        }

        await RunAsync(arguments, CallLimit, cancellation);
    }

    /// <inheritdoc/>
    public Task DeleteVmConfigAsync(string name, CancellationToken cancellation)
    {
        Check(name);
        return DeleteAsync(["vm-config", "delete", name], cancellation);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<OrkaNode>> ListNodesAsync(CancellationToken cancellation) =>
        [.. (await ItemsAsync(["node", "list", "-n", inNamespace, "-o", "json"], cancellation)).Select(node => new OrkaNode(
            Field(node, "name") ?? "", Field(node, "phase")?.ToUpperInvariant() == "READY", Number(node, "availableCpu") ?? 0, Number(node, "availableMemory") ?? 0))];

    /// <summary>Puts an image into the cache of all nodes, so that the first deployment is as fast as the next. Only the command line can.</summary>
    public Task CacheAsync(string image, CancellationToken cancellation) => RunAsync(["imagecache", "add", image, "--all"], CallLimit, cancellation);

    // A name that begins with a dash would be read as a flag.
    private static void Check(string name)
    {
        if (name.Length is 0 or > MaxMetadataLength || name[0] == '-')
        {
            throw new OrkaException(OrkaFault.Invalid, $"\"{name}\" is no name for orka3: 1 to {MaxMetadataLength} characters, not beginning with '-'");
        }
    }

    private static string Text(double number) => number.ToString("0.##", CultureInfo.InvariantCulture);

    private static OrkaVm View(JsonElement vm, string image) => new(
        Field(vm, "name") ?? "",
        Field(vm, "image") ?? image,
        Field(vm, "status") switch { "Running" => VmPhase.Running, "Failed" => VmPhase.Failed, _ => VmPhase.Pending },
        Field(vm, "ip"),
        (int?)Number(vm, "ssh"),
        Field(vm, "node"),
        Message: null);

    private static string? Field(JsonElement element, string name) => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value)
        && value.ValueKind is not JsonValueKind.Null ? value.ToString() : null;

    // Numbers come as numbers or as text, memory also with a unit: "8G".
    private static double? Number(JsonElement element, string name) =>
        double.TryParse(Field(element, name)?.TrimEnd('G', 'i', 'B'), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static JsonElement Json(IReadOnlyList<string> arguments, ProgramResult answer)
    {
        try
        {
            return JsonSerializer.Deserialize<JsonElement>(answer.Output);
        }
        catch (JsonException e)
        {
            throw new OrkaException(OrkaFault.Failed, $"orka3 {string.Join(' ', arguments)} did not answer with JSON: {answer.Summary}", e);
        }
    }

    private async Task<IReadOnlyList<JsonElement>> ItemsAsync(IReadOnlyList<string> arguments, CancellationToken cancellation)
    {
        var json = Json(arguments, await RunAsync(arguments, CallLimit, cancellation));
        var items = json.ValueKind == JsonValueKind.Object && json.TryGetProperty("items", out var inner) ? inner : json;
        return items.ValueKind switch
        {
            JsonValueKind.Array => [.. items.EnumerateArray()],
            JsonValueKind.Null => [],
            _ => throw new OrkaException(OrkaFault.Failed, $"orka3 {string.Join(' ', arguments)} answers neither an array nor an object with items"),
        };
    }

    private async Task DeleteAsync(IReadOnlyList<string> arguments, CancellationToken cancellation)
    {
        try
        {
            await RunAsync(arguments, CallLimit, cancellation);
        }
        catch (OrkaException e) when (e.Fault == OrkaFault.NotFound)
        {
            // Gone is what was wanted.
        }
    }

    private async Task<ProgramResult> RunAsync(IReadOnlyList<string> arguments, TimeSpan limit, CancellationToken cancellation)
    {
        try
        {
            var result = await ProgramRunner.RunAsync(program, arguments, limit, cancellation);
            return result.ExitCode == 0 ? result : throw Fault(arguments, result);
        }
        catch (ProgramException e)
        {
            throw new OrkaException(e.IsTimeout ? OrkaFault.Timeout : OrkaFault.Unavailable, e.IsTimeout ? e.Message : $"{e.Message} Install orka3, or name it with --orka3.", e);
        }
    }

    // The command line tells kinds of errors by words only.
    private static OrkaException Fault(IReadOnlyList<string> arguments, ProgramResult result)
    {
        var said = $"orka3 {string.Join(' ', arguments)}: {result.Summary}";
        bool Says(params string[] words) => words.Any(word => result.Error.Contains(word, StringComparison.OrdinalIgnoreCase));
        return Says("401", "unauthorized", "403", "forbidden")
            ? new(OrkaFault.Denied, $"{said}. Log in again: `orka3 user set-token TOKEN`.")
            : Says("404", "not found", "notfound") ? new(OrkaFault.NotFound, said)
            : Says("409", "already exists") ? new(OrkaFault.Conflict, $"{said}. Another pipeline may be at work.")
            : Says("timed out", "timeout") ? new(OrkaFault.Timeout, said)
            : Says("429", "500", "502", "503", "504", "refused", "no such host") ? new(OrkaFault.Unavailable, $"{said}. Run again later; look at the cluster's health.")
            : new(OrkaFault.Failed, said);
    }
}
