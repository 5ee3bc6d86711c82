using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace MacRunners.Fleet.Orka.Kubernetes;

/// <summary>Orka by its custom resources; what has none (commit, push) by its REST API.</summary>
internal sealed class KubernetesOrka(k8s.Kubernetes kubernetes, HttpClient rest, OrkaConnection connection, TimeProvider time) : IOrka
{
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(2);

    // A watch may have begun too late for a deletion, or hang at a connection that a VPN has dropped: then it is looked again.
    private static readonly TimeSpan WatchLimit = TimeSpan.FromSeconds(5);
    private readonly GenericClient _vms = Client(kubernetes, "virtualmachineinstances");
    private readonly GenericClient _configs = Client(kubernetes, "virtualmachineconfigs");
    private readonly GenericClient _images = Client(kubernetes, "images");
    private readonly GenericClient _nodes = Client(kubernetes, "orkanodes");

    /// <inheritdoc/>
    public void Dispose()
    {
        kubernetes.Dispose();
        rest.Dispose();
    }

    /// <inheritdoc/>
    public async Task<OrkaVm> DeployAsync(VmOrder order, TimeSpan limit, CancellationToken cancellation)
    {
        using var timeout = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timeout.Token);
        try
        {
            await CreateAsync(_vms, connection.Namespace, Vm("VirtualMachineInstance", order.Name, new VmSpec { Image = order.Image, Cpu = order.Cpu, Memory = order.MemoryGib }), either.Token);
            while (true)
            {
                var vm = await WatchUntilDecidedAsync(order.Name, either.Token) ?? await FindVmAsync(order.Name, either.Token);
                switch (vm?.Phase)
                {
                    case VmPhase.Running:
                        return vm;
                    case VmPhase.Failed:
                        throw new OrkaException(OrkaFault.Failed, $"VM {order.Name} failed: {vm.Message ?? "Orka gives no reason"}");
                    case null:
                        throw new OrkaException(OrkaFault.Failed, $"VM {order.Name} was deleted by someone else while it booted");
                    default:
                        await Task.Delay(Poll, time, either.Token);
                        break;
                }
            }
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new OrkaException(
                OrkaFault.Timeout, $"VM {order.Name} did not run within {limit.TotalSeconds:0} s: no host has room for {order.Cpu} cores (see `orka3 node list`), or image {order.Image} does not boot");
        }
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<OrkaVm>> ListVmsAsync(CancellationToken cancellation) => [.. (await ListAsync<VmSpec, VmStatus>(_vms, connection.Namespace, cancellation)).Select(View)];

    /// <inheritdoc/>
    public async Task<OrkaVm?> FindVmAsync(string name, CancellationToken cancellation) =>
        await FindAsync<VmSpec, VmStatus>(_vms, connection.Namespace, name, cancellation) is { } vm ? View(vm) : null;

    /// <inheritdoc/>
    public Task DeleteVmAsync(string name, CancellationToken cancellation) => DeleteAsync<VmSpec, VmStatus>(_vms, connection.Namespace, name, cancellation);

    /// <inheritdoc/>
    public async Task SaveImageAsync(string vm, string image, TimeSpan limit, CancellationToken cancellation)
    {
        using var timeout = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timeout.Token);
        try
        {
            await CreateAsync(
                _images,
                OrkaNames.SharedNamespace,
                new OrkaResource<ImageSpec, ImageStatus>
                {
                    Kind = "Image",
                    Metadata = new V1ObjectMeta { Name = image, NamespaceProperty = OrkaNames.SharedNamespace },
                    Spec = new ImageSpec { Source = vm, SourceNamespace = connection.Namespace, SourceType = "vm" },
                },
                either.Token);
            while (true)
            {
                var saved = await FindAsync<ImageSpec, ImageStatus>(_images, OrkaNames.SharedNamespace, image, either.Token);
                switch (saved?.Status?.State)
                {
                    case "Ready":
                        return;
                    case "Failed":
                        throw new OrkaException(OrkaFault.Failed, $"Image {image} failed: {saved.Status.ErrorMessage ?? "Orka gives no reason"}");
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
    public async Task CommitImageAsync(string vm, CancellationToken cancellation) => await PostAsync(vm, "commit", new { }, cancellation);

    /// <inheritdoc/>
    public async Task<string> PushImageAsync(string vm, string reference, CancellationToken cancellation) =>
        (await PostAsync(vm, "push", new { imageReference = reference }, cancellation)).GetProperty("jobName").GetString()!;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<OrkaImage>> ListImagesAsync(CancellationToken cancellation) =>
        [.. (await ListAsync<ImageSpec, ImageStatus>(_images, OrkaNames.SharedNamespace, cancellation)).Select(image => new OrkaImage(image.Metadata.Name, image.Status?.State))];

    /// <inheritdoc/>
    public Task DeleteImageAsync(string name, CancellationToken cancellation) => DeleteAsync<ImageSpec, ImageStatus>(_images, OrkaNames.SharedNamespace, name, cancellation);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<VmConfig>> ListVmConfigsAsync(CancellationToken cancellation) =>
        [.. (await ListAsync<VmSpec, VmStatus>(_configs, OrkaNames.SharedNamespace, cancellation))
            .Select(config => new VmConfig(config.Metadata.Name, config.Spec?.Image ?? "", config.Spec?.Cpu ?? 0, config.Spec?.Memory))];

    /// <inheritdoc/>
    public Task CreateVmConfigAsync(VmConfig config, CancellationToken cancellation) => CreateAsync(
        _configs,
        OrkaNames.SharedNamespace,
        Vm("VirtualMachineConfig", config.Name, new VmSpec { Image = config.Image, Cpu = config.Cpu, Memory = config.MemoryGib }),
        cancellation);

    /// <inheritdoc/>
    public Task DeleteVmConfigAsync(string name, CancellationToken cancellation) => DeleteAsync<VmSpec, VmStatus>(_configs, OrkaNames.SharedNamespace, name, cancellation);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<OrkaNode>> ListNodesAsync(CancellationToken cancellation) =>
        [.. (await ListAsync<NodeSpec, NodeStatus>(_nodes, connection.Namespace, cancellation))
            .Select(node => new OrkaNode(node.Metadata.Name, node.Status?.Phase == "READY", node.Status?.AvailableCpu ?? 0, node.Status?.AvailableMemory ?? 0))];

    private static GenericClient Client(IKubernetes kubernetes, string plural) => new(kubernetes, OrkaNames.Group, OrkaNames.Version, plural, disposeClient: false);

    private static OrkaResource<VmSpec, VmStatus> Vm(string kind, string name, VmSpec spec) => new() { Kind = kind, Metadata = new V1ObjectMeta { Name = name }, Spec = spec };

    private static OrkaVm View(OrkaResource<VmSpec, VmStatus> vm) => new(
        vm.Metadata.Name,
        vm.Spec?.Image ?? "",
        vm.Status?.Phase switch { "Running" => VmPhase.Running, "Failed" => VmPhase.Failed, _ => VmPhase.Pending },
        vm.Status?.Ip ?? vm.Status?.HostIp,
        vm.Status?.SshPort,
        vm.Status?.NodeName,
        vm.Status?.ErrorMessage);

    /// <summary>The VM when it runs or has failed; null when it is gone, or nothing was decided for a while.</summary>
    private async Task<OrkaVm?> WatchUntilDecidedAsync(string name, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(WatchLimit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        try
        {
            await foreach (var (change, resource) in _vms.WatchNamespacedAsync<OrkaResource<VmSpec, VmStatus>>(connection.Namespace, cancel: either.Token))
            {
                if (resource.Metadata?.Name == name && (change == WatchEventType.Deleted || View(resource).Phase != VmPhase.Pending))
                {
                    return change == WatchEventType.Deleted ? null : View(resource);
                }
            }
        }
        catch (Exception e) when (e is IOException or HttpRequestException or KubernetesException or HttpOperationException
            || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            // The caller looks by itself and watches again; what is really wrong shows there.
        }

        return null;
    }

    private async Task<JsonElement> PostAsync(string vm, string action, object body, CancellationToken cancellation)
    {
        try
        {
            var path = $"api/v1/namespaces/{Uri.EscapeDataString(connection.Namespace)}/vms/{Uri.EscapeDataString(vm)}/{action}";
            using var response = await rest.PostAsJsonAsync(new Uri(path, UriKind.Relative), body, cancellation);
            var text = await response.Content.ReadAsStringAsync(cancellation);
            return response.IsSuccessStatusCode
                ? text.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(text)
                : throw Fault($"{action} of VM {vm}", response.StatusCode, text);
        }
        catch (Exception e) when (e is HttpRequestException or JsonException)
        {
            throw new OrkaException(OrkaFault.Unavailable, $"{action} of VM {vm}: {e.Message}", e);
        }
    }

    private static async Task<IReadOnlyList<OrkaResource<TSpec, TStatus>>> ListAsync<TSpec, TStatus>(GenericClient client, string inNamespace, CancellationToken cancellation) =>
        (await CallAsync("List", () => client.ListNamespacedAsync<OrkaResourceList<TSpec, TStatus>>(inNamespace, cancel: cancellation), cancellation)).Items;

    private static async Task<OrkaResource<TSpec, TStatus>?> FindAsync<TSpec, TStatus>(GenericClient client, string inNamespace, string name, CancellationToken cancellation)
    {
        try
        {
            return await CallAsync(name, () => client.ReadNamespacedAsync<OrkaResource<TSpec, TStatus>>(inNamespace, name, cancellation), cancellation);
        }
        catch (OrkaException e) when (e.Fault == OrkaFault.NotFound)
        {
            return null;
        }
    }

    private static async Task DeleteAsync<TSpec, TStatus>(GenericClient client, string inNamespace, string name, CancellationToken cancellation)
    {
        try
        {
            await CallAsync(name, () => client.DeleteNamespacedAsync<OrkaResource<TSpec, TStatus>>(inNamespace, name, cancellation), cancellation);
        }
        catch (OrkaException e) when (e.Fault == OrkaFault.NotFound)
        {
            // Gone is what was wanted.
        }
    }

    /// <summary>Creates; what is there already with the same content is this call's own earlier attempt, or the same wish.</summary>
    private static async Task CreateAsync<TSpec, TStatus>(GenericClient client, string inNamespace, OrkaResource<TSpec, TStatus> resource, CancellationToken cancellation)
        where TSpec : class
    {
        resource.Metadata.NamespaceProperty = inNamespace;
        try
        {
            await CallAsync(resource.Metadata.Name, () => client.CreateNamespacedAsync(resource, inNamespace, cancellation), cancellation);
        }
        catch (OrkaException e) when (e.Fault == OrkaFault.Conflict)
        {
            var found = await FindAsync<TSpec, TStatus>(client, inNamespace, resource.Metadata.Name, cancellation);
            if (!IsSame(found?.Spec, resource.Spec))
            {
                throw new OrkaException(OrkaFault.Conflict, $"{resource.Kind} {resource.Metadata.Name} exists already with another content: another pipeline may be at work; look with kubectl or orka3 before you delete it.", e);
            }
        }
    }

    private static bool IsSame<TSpec>(TSpec? found, TSpec? wanted) => (found, wanted) switch
    {
        (VmSpec existing, VmSpec wished) => existing.Image == wished.Image && existing.Cpu == wished.Cpu && (wished.Memory is null || existing.Memory == wished.Memory),
        _ => found is not null && found.Equals(wanted),
    };

    private static async Task<T> CallAsync<T>(string what, Func<Task<T>> call, CancellationToken cancellation)
    {
        try
        {
            return await call();
        }
        catch (HttpOperationException e)
        {
            throw Fault(what, e.Response.StatusCode, e.Response.Content, e);
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or KubernetesException || (e is TaskCanceledException && !cancellation.IsCancellationRequested))
        {
            throw new OrkaException(OrkaFault.Unavailable, $"{what}: Orka's Kubernetes API does not answer: {e.Message}", e);
        }
    }

    private static OrkaException Fault(string what, HttpStatusCode status, string? body, Exception? inner = null)
    {
        var said = $"{what}: Orka answers {(int)status}: {Message(body)}";
        return status switch
        {
            HttpStatusCode.Unauthorized => new(OrkaFault.Denied, $"{said}. The token in ORKA_AUTH_TOKEN is wrong or has expired: make one with `orka3 sa token NAME`.", inner),
            HttpStatusCode.Forbidden => new(OrkaFault.Denied, $"{said}. The service account lacks the right: `orka3 rb add-subject --namespace NS --serviceaccount NS:NAME`.", inner),
            HttpStatusCode.NotFound => new(OrkaFault.NotFound, said, inner),
            HttpStatusCode.Conflict => new(OrkaFault.Conflict, said, inner),
            HttpStatusCode.TooManyRequests => new(OrkaFault.Unavailable, $"{said}. It was asked several times over; run again later.", inner),
            >= HttpStatusCode.InternalServerError => new(OrkaFault.Unavailable, $"{said}. It was asked several times over; look at the cluster's health.", inner),
            _ => new(OrkaFault.Invalid, said, inner),
        };
    }

    private static string Message(string? body)
    {
        try
        {
            return JsonSerializer.Deserialize<JsonElement>(body ?? "") is { ValueKind: JsonValueKind.Object } status && status.TryGetProperty("message", out var message)
                ? message.ToString()
                : "no reason given";
        }
        catch (JsonException)
        {
            return "no reason given";
        }
    }
}
