using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MacRunners.Simulator.State;

namespace MacRunners.Simulator.Orka;

/// <summary>What operator and virtual kubelet do: VMs are placed, boot, get ports behind their host's address, are saved as images.</summary>
internal sealed partial class OrkaCluster : IDisposable
{
    public const string ImageNamespace = "orka-default";
    private const int VmsPerNode = 2;
    private const int FirstSshPort = 8822;
    private const int FirstScreenSharePort = 5900;
    private const int FirstVncPort = 5999;
    private const string ConfigLabel = "orka.macstadium.com/vm-config";
    private readonly OrkaOptions _options;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly List<(BootPlan Plan, int Used)> _plans = [];
    private readonly Dictionary<string, BootPlan> _planOfVm = [];
    private readonly Dictionary<string, string> _pushes = [];
    private readonly List<string> _deployed = [];
    private int _sshSessions;

    public OrkaCluster(OrkaOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
        Store = new ResourceStore(time);
        for (var number = 1; number <= options.Nodes; number++)
        {
            Store.Create(
                new ResourceKey(OrkaPlural.Nodes, ImageNamespace, $"mini-{number}"),
                new JsonObject { ["tags"] = new JsonArray() },
                status: new JsonObject
                {
                    ["phase"] = "READY",
                    ["nodeIP"] = $"10.221.188.{number + 30}",
                    ["allocatableCpu"] = options.NodeCpu,
                    ["allocatableMemory"] = options.NodeMemory,
                    ["availableCpu"] = options.NodeCpu,
                    ["availableMemory"] = options.NodeMemory,
                    ["images"] = new JsonArray(),
                });
        }

        foreach (var image in options.Images)
        {
            AddImage(image);
        }
    }

    public ResourceStore Store { get; }

    /// <summary>Names of all VMs that were ever asked for, oldest first.</summary>
    public IReadOnlyList<string> Deployed
    {
        get
        {
            lock (_gate)
            {
                return [.. _deployed];
            }
        }
    }

    /// <summary>How often a VM was spoken to over SSH.</summary>
    public int SshSessions => Volatile.Read(ref _sshSessions);

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    /// <summary>Decides how the VMs to come behave; the plan given last is looked at first.</summary>
    public void Plan(BootPlan plan)
    {
        lock (_gate)
        {
            _plans.Insert(0, (plan, 0));
        }
    }

    /// <summary>A ready image out of nothing.</summary>
    public void AddImage(string name) => Store.Create(
        new ResourceKey(OrkaPlural.Images, ImageNamespace, Checked("image", name, 63, ImageName())),
        new JsonObject { ["sourceType"] = "generated" },
        status: new JsonObject { ["state"] = "Ready" });

    /// <summary>Takes an order for a VM and begins to carry it out. Image and size may come from a template.</summary>
    public JsonObject CreateVm(string inNamespace, string name, JsonObject spec, string? vmConfig)
    {
        Checked("VM", name, 63, DnsLabel());
        if (vmConfig is not null)
        {
            var template = Store.Get(new ResourceKey(OrkaPlural.VmConfigs, ImageNamespace, vmConfig))["spec"]!.AsObject();
            foreach (var (field, value) in template)
            {
                spec[field] ??= value?.DeepClone();
            }
        }

        var image = (string?)spec["image"] ?? throw RefusedException.Invalid("spec.image: Required value");
        if (!image.Contains('/', StringComparison.Ordinal)
            && (string?)Store.Find(new ResourceKey(OrkaPlural.Images, ImageNamespace, image))?["status"]?["state"] != "Ready")
        {
            throw RefusedException.NotFound($"image \"{image}\" does not exist or is not ready");
        }

        spec["cpu"] ??= 3;
        spec["memory"] ??= 8.0;
        var key = new ResourceKey(OrkaPlural.Vms, inNamespace, name);
        var labels = vmConfig is null ? null : new JsonObject { [ConfigLabel] = vmConfig };
        var created = Store.Create(key, spec, labels, new JsonObject { ["phase"] = "Pending" });
        lock (_gate)
        {
            _deployed.Add(name);
            _planOfVm[Uid(created)] = TakePlan(image);
        }

        Begin(BootAsync(key, Uid(created)));
        return created;
    }

    public void DeleteVm(ResourceKey key)
    {
        var gone = Store.Delete(key);
        lock (_gate)
        {
            _planOfVm.Remove(Uid(gone));
        }

        Account();
    }

    /// <summary>Saves a VM as a new image, which is ready after a while.</summary>
    public void Save(ResourceKey vm, string image, bool overwrite = false)
    {
        var source = Store.Get(vm);
        if ((string?)source["status"]!["phase"] != "Running")
        {
            throw RefusedException.Invalid($"VM \"{vm.Name}\" is not running");
        }

        var key = new ResourceKey(OrkaPlural.Images, ImageNamespace, Checked("image", image, 63, ImageName()));
        if (overwrite && Store.Update(key, found => found["status"] = new JsonObject { ["state"] = "Updating" }))
        {
            Begin(FinishImageAsync(key));
            return;
        }

        Store.Create(
            key,
            new JsonObject { ["source"] = vm.Name, ["sourceNamespace"] = vm.Namespace, ["sourceType"] = "vm" },
            status: new JsonObject { ["state"] = "Updating" });
        Begin(FinishImageAsync(key));
    }

    /// <summary>Overwrites the image a VM was made from.</summary>
    public void Commit(ResourceKey vm) => Save(vm, (string)Store.Get(vm)["spec"]!["image"]!, overwrite: true);

    /// <summary>Pushes a VM to a registry; the job's name.</summary>
    public string Push(ResourceKey vm, string reference)
    {
        Store.Get(vm);
        if (!Reference().IsMatch(reference))
        {
            throw RefusedException.Invalid($"imageReference \"{reference}\" is not registry/repository:tag");
        }

        var job = $"push-{Guid.NewGuid():N}"[..16];
        lock (_gate)
        {
            _pushes[job] = "Running";
        }

        Begin(FinishPushAsync(job));
        return job;
    }

    /// <summary>State of a push; 404 for an unknown job.</summary>
    public string PushState(string job)
    {
        lock (_gate)
        {
            return _pushes.GetValueOrDefault(job) ?? throw RefusedException.NotFound($"job \"{job}\" not found");
        }
    }

    /// <summary>Puts an image into the cache of nodes.</summary>
    public void Cache(string image, IReadOnlyList<string>? nodes)
    {
        foreach (var node in Store.List(OrkaPlural.Nodes).Select(Name).Where(node => nodes?.Contains(node) ?? true))
        {
            MarkCached(node, image);
        }
    }

    /// <summary>A command over SSH to a host's port: what the VM behind it says.</summary>
    public async Task<SshAnswer> RunOverSshAsync(string host, int port, IReadOnlyList<string> command, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _sshSessions);
        var vm = Store.List(OrkaPlural.Vms).FirstOrDefault(candidate =>
            (string?)candidate["status"]!["hostIP"] == host && (int?)candidate["status"]!["sshPort"] == port);
        var plan = vm is null ? null : PlanOf(Uid(vm));
        if (vm is null || plan is null || plan.Boot == BootKind.NoNetwork)
        {
            return new SshAnswer(255, "", $"ssh: connect to host {host} port {port}: {(vm is null ? "Connection refused" : "Connection timed out")}\n");
        }

        if (plan.Boot == BootKind.Hangs)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, _time, cancellation);
        }

        return SimulatedVerification.Answer(command, plan.FailingProbes);
    }

    private static string Name(JsonObject resource) => (string)resource["metadata"]!["name"]!;

    private static string Uid(JsonObject resource) => (string)resource["metadata"]!["uid"]!;

    private static string Checked(string what, string name, int length, Regex shape) => name.Length <= length && shape.IsMatch(name)
        ? name
        : throw RefusedException.Invalid($"{what} name \"{name}\": at most {length} lower-case letters, digits and '-' (images: '.', too)");

    private BootPlan? PlanOf(string uid)
    {
        lock (_gate)
        {
            return _planOfVm.GetValueOrDefault(uid);
        }
    }

    private BootPlan TakePlan(string image)
    {
        var index = _plans.FindIndex(entry => (entry.Plan.Image is null || entry.Plan.Image == image) && (entry.Plan.Count is not { } count || entry.Used < count));
        if (index < 0)
        {
            return new BootPlan(null, BootKind.Normal, [], null);
        }

        var (plan, used) = _plans[index];
        _plans[index] = (plan, used + 1);
        return plan;
    }

    // Work of the cluster ends with it; a VM that is deleted meanwhile is simply not found any more.
    private static void Begin(Task work) => _ = work.ContinueWith(
        failed => Console.Error.WriteLine(failed.Exception), CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);

    private async Task BootAsync(ResourceKey key, string uid)
    {
        try
        {
            var retry = TimeSpan.FromMilliseconds(50);
            while (!Place(key, uid))
            {
                await Task.Delay(retry, _time, _stop.Token);
            }

            if (Store.Find(key) is not { } placed || PlanOf(uid) is not { } plan)
            {
                return;
            }

            var (node, image) = ((string)placed["status"]!["nodeName"]!, (string)placed["spec"]!["image"]!);
            await Task.Delay(_options.DeployDelay + (IsCached(node, image) ? TimeSpan.Zero : _options.UncachedDelay), _time, _stop.Token);
            if (plan.Boot == BootKind.Never)
            {
                return;
            }

            Store.Update(key, vm =>
            {
                if (Uid(vm) != uid)
                {
                    return;
                }

                var status = vm["status"]!.AsObject();
                status["phase"] = plan.Boot == BootKind.Failed ? "Failed" : "Running";
                if (plan.Boot == BootKind.Failed)
                {
                    status["errorMessage"] = "the virtual machine stopped during boot";
                }
            });
            MarkCached(node, image);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The cluster is gone.
        }
    }

    /// <summary>Gives the VM a host and ports; false while there is no room. True also when it is gone.</summary>
    private bool Place(ResourceKey key, string uid)
    {
        lock (_gate)
        {
            if (Store.Find(key) is not { } vm || Uid(vm) != uid)
            {
                return true;
            }

            var placed = Store.List(OrkaPlural.Vms).Where(other => other["status"]!["nodeName"] is not null).ToLookup(other => (string)other["status"]!["nodeName"]!);
            var (cpu, memory, wanted) = (Number(vm["spec"]!["cpu"]), Number(vm["spec"]!["memory"]), (string?)vm["spec"]!["nodeName"]);
            var node = Store.List(OrkaPlural.Nodes).FirstOrDefault(candidate =>
                (wanted is null || wanted == Name(candidate))
                && placed[Name(candidate)].Count() < VmsPerNode
                && placed[Name(candidate)].Sum(other => Number(other["spec"]!["cpu"])) + cpu <= _options.NodeCpu
                && placed[Name(candidate)].Sum(other => Number(other["spec"]!["memory"])) + memory <= _options.NodeMemory);
            if (node is null)
            {
                return false;
            }

            var name = Name(node);
            var neighbours = placed[name].ToList();
            Store.Update(key, found =>
            {
                var status = found["status"]!.AsObject();
                status["nodeName"] = name;
                status["hostIP"] = (string)node["status"]!["nodeIP"]!;
                status["ip"] = (string)node["status"]!["nodeIP"]!;
                status["memory"] = $"{memory.ToString("0.##", CultureInfo.InvariantCulture)}G";
                status["sshPort"] = Free(neighbours, "sshPort", FirstSshPort);
                status["screenSharePort"] = Free(neighbours, "screenSharePort", FirstScreenSharePort);
                status["vncPort"] = Free(neighbours, "vncPort", FirstVncPort);
                status["startTime"] = _time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
                if (Taken(found, neighbours) is { Length: > 0 } taken)
                {
                    status["portWarnings"] = taken;
                }
            });
        }

        Account();
        return true;
    }

    private static int Free(List<JsonObject> neighbours, string field, int first)
    {
        var used = neighbours.Select(vm => (int)vm["status"]![field]!).ToHashSet();
        return Enumerable.Range(first, 300).First(port => !used.Contains(port));
    }

    /// <summary>Reserved ports of the host that a neighbour has already.</summary>
    private static string Taken(JsonObject vm, List<JsonObject> neighbours)
    {
        static IEnumerable<string> HostPorts(JsonObject vm) => ((string?)vm["spec"]!["reservedPorts"] ?? "")
            .Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(pair => pair.Split(':')[0]);
        return string.Join(", ", HostPorts(vm).Intersect(neighbours.SelectMany(HostPorts)).Select(port => $"port {port} is reserved already"));
    }

    private static double Number(JsonNode? value) => value is null ? 0 : double.Parse(value.ToJsonString(), CultureInfo.InvariantCulture);

    /// <summary>Keeps what is left on each host in step with the VMs on it.</summary>
    private void Account()
    {
        var vms = Store.List(OrkaPlural.Vms).ToLookup(vm => (string?)vm["status"]!["nodeName"] ?? "");
        foreach (var name in Store.List(OrkaPlural.Nodes).Select(Name))
        {
            Store.Update(new ResourceKey(OrkaPlural.Nodes, ImageNamespace, name), node =>
            {
                node["status"]!["availableCpu"] = _options.NodeCpu - vms[name].Sum(vm => Number(vm["spec"]!["cpu"]));
                node["status"]!["availableMemory"] = _options.NodeMemory - vms[name].Sum(vm => Number(vm["spec"]!["memory"]));
            });
        }
    }

    private bool IsCached(string node, string image) => Store.Get(new ResourceKey(OrkaPlural.Nodes, ImageNamespace, node))["status"]!["images"]!.AsArray()
        .Any(entry => (string?)entry!["name"] == image);

    private void MarkCached(string node, string image) => Store.Update(new ResourceKey(OrkaPlural.Nodes, ImageNamespace, node), found =>
    {
        var images = found["status"]!["images"]!.AsArray();
        if (!images.Any(entry => (string?)entry!["name"] == image))
        {
            images.Add((JsonNode)new JsonObject { ["name"] = image, ["state"] = "Ready" });
        }
    });

    private async Task FinishImageAsync(ResourceKey key)
    {
        try
        {
            await Task.Delay(_options.SaveDelay, _time, _stop.Token);
            Store.Update(key, image => image["status"] = new JsonObject { ["state"] = "Ready" });
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The cluster is gone.
        }
    }

    private async Task FinishPushAsync(string job)
    {
        try
        {
            await Task.Delay(_options.SaveDelay, _time, _stop.Token);
            lock (_gate)
            {
                _pushes[job] = "Succeeded";
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The cluster is gone.
        }
    }

    [GeneratedRegex(@"^[a-z0-9]([a-z0-9-]*[a-z0-9])?\z")]
    private static partial Regex DnsLabel();

    [GeneratedRegex(@"^[a-z0-9.-]+\z")]
    private static partial Regex ImageName();

    [GeneratedRegex(@"^[a-z0-9.:-]+(/[a-z0-9._-]+)+:[A-Za-z0-9._-]+\z")]
    private static partial Regex Reference();
}
