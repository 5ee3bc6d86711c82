using System.Globalization;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using MacRunners.Simulator.State;

namespace MacRunners.Simulator.Orka;

/// <summary>Which resource: its plural, its namespace, its name.</summary>
internal readonly record struct ResourceKey(string Plural, string Namespace, string Name);

/// <summary>One line of a watch.</summary>
internal sealed record ResourceEvent(string Type, ResourceKey Key, JsonObject Resource);

/// <summary>Custom resources as Kubernetes keeps them: versions, conflicts, watches. What is handed out is a copy.</summary>
internal sealed class ResourceStore(TimeProvider time)
{
    public const string Group = "orka.macstadium.com";
    private readonly Lock _gate = new();
    private readonly Dictionary<ResourceKey, JsonObject> _resources = [];
    private readonly List<Channel<ResourceEvent>> _watches = [];
    private long _version;

    /// <summary>The version of the last change.</summary>
    public string Version
    {
        get
        {
            lock (_gate)
            {
                return Text(_version);
            }
        }
    }

    public static string KindOf(string plural) => plural switch
    {
        OrkaPlural.Vms => "VirtualMachineInstance",
        OrkaPlural.VmConfigs => "VirtualMachineConfig",
        OrkaPlural.Images => "Image",
        OrkaPlural.Nodes => "OrkaNode",
        _ => throw RefusedException.NotFound($"the server could not find the requested resource: {plural}"),
    };

    /// <summary>Adds a resource; 409 when the name is taken.</summary>
    public JsonObject Create(ResourceKey key, JsonObject spec, JsonObject? labels = null, JsonObject? status = null)
    {
        lock (_gate)
        {
            if (_resources.ContainsKey(key))
            {
                throw new RefusedException(StatusCodes.Status409Conflict, $"{key.Plural}.{Group} \"{key.Name}\" already exists");
            }

            var resource = new JsonObject
            {
                ["apiVersion"] = $"{Group}/v1",
                ["kind"] = KindOf(key.Plural),
                ["metadata"] = new JsonObject
                {
                    ["name"] = key.Name,
                    ["namespace"] = key.Namespace,
                    ["uid"] = Guid.NewGuid().ToString("D"),
                    ["creationTimestamp"] = time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
                    ["labels"] = labels ?? [],
                },
                ["spec"] = spec,
                ["status"] = status ?? [],
            };
            _resources[key] = resource;
            return Publish("ADDED", key, resource);
        }
    }

    public JsonObject? Find(ResourceKey key)
    {
        lock (_gate)
        {
            return _resources.TryGetValue(key, out var resource) ? Copy(resource) : null;
        }
    }

    /// <summary>The resource; 404 when there is none.</summary>
    public JsonObject Get(ResourceKey key) => Find(key) ?? throw NotFound(key);

    /// <summary>All of a kind, in all namespaces when none is given, by name.</summary>
    public JsonObject[] List(string plural, string? inNamespace = null)
    {
        lock (_gate)
        {
            return
            [
                .. _resources.Where(entry => entry.Key.Plural == plural && (inNamespace is null || entry.Key.Namespace == inNamespace))
                    .OrderBy(entry => entry.Key.Name, StringComparer.Ordinal)
                    .Select(entry => Copy(entry.Value)),
            ];
        }
    }

    /// <summary>Changes a resource in place; false when it is gone.</summary>
    public bool Update(ResourceKey key, Action<JsonObject> change)
    {
        lock (_gate)
        {
            if (!_resources.TryGetValue(key, out var resource))
            {
                return false;
            }

            change(resource);
            Publish("MODIFIED", key, resource);
            return true;
        }
    }

    /// <summary>Removes a resource; 404 when there is none.</summary>
    public JsonObject Delete(ResourceKey key)
    {
        lock (_gate)
        {
            return _resources.Remove(key, out var resource) ? Publish("DELETED", key, resource) : throw NotFound(key);
        }
    }

    /// <summary>What is there as ADDED, then every change until cancelled.</summary>
    public async IAsyncEnumerable<ResourceEvent> WatchAsync(
        string plural, string inNamespace, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        var channel = Channel.CreateUnbounded<ResourceEvent>();
        lock (_gate)
        {
            foreach (var (key, resource) in _resources)
            {
                channel.Writer.TryWrite(new ResourceEvent("ADDED", key, Copy(resource)));
            }

            _watches.Add(channel);
        }

        try
        {
            await foreach (var change in channel.Reader.ReadAllAsync(cancellation))
            {
                if (change.Key.Plural == plural && change.Key.Namespace == inNamespace)
                {
                    yield return change;
                }
            }
        }
        finally
        {
            lock (_gate)
            {
                _watches.Remove(channel);
            }
        }
    }

    private static RefusedException NotFound(ResourceKey key) => RefusedException.NotFound($"{key.Plural}.{Group} \"{key.Name}\" not found");

    private static JsonObject Copy(JsonObject resource) => (JsonObject)resource.DeepClone();

    private static string Text(long version) => version.ToString(CultureInfo.InvariantCulture);

    private JsonObject Publish(string type, ResourceKey key, JsonObject resource)
    {
        resource["metadata"]!["resourceVersion"] = Text(++_version);
        foreach (var watch in _watches)
        {
            watch.Writer.TryWrite(new ResourceEvent(type, key, Copy(resource)));
        }

        return Copy(resource);
    }
}
