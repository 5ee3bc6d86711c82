using System.Text.Json.Serialization;
using k8s;
using k8s.Models;

namespace MacRunners.Fleet.Orka.Kubernetes;

/// <summary>A custom resource of Orka.</summary>
internal sealed class OrkaResource<TSpec, TStatus> : IKubernetesObject<V1ObjectMeta>
{
    /// <inheritdoc/>
    [JsonPropertyName("apiVersion")]
    public string ApiVersion { get; set; } = $"{OrkaNames.Group}/{OrkaNames.Version}";

    /// <inheritdoc/>
    [JsonPropertyName("kind")]
    public string Kind { get; set; } = "";

    /// <inheritdoc/>
    [JsonPropertyName("metadata")]
    public V1ObjectMeta Metadata { get; set; } = new();

    /// <summary>What is wanted.</summary>
    [JsonPropertyName("spec")]
    public TSpec? Spec { get; set; }

    /// <summary>What is; written by the cluster.</summary>
    [JsonPropertyName("status")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TStatus? Status { get; set; }
}

/// <summary>The list of them.</summary>
internal sealed class OrkaResourceList<TSpec, TStatus> : IKubernetesObject<V1ListMeta>
{
    /// <inheritdoc/>
    [JsonPropertyName("apiVersion")]
    public string ApiVersion { get; set; } = "";

    /// <inheritdoc/>
    [JsonPropertyName("kind")]
    public string Kind { get; set; } = "";

    /// <inheritdoc/>
    [JsonPropertyName("metadata")]
    public V1ListMeta Metadata { get; set; } = new();

    /// <summary>All of them.</summary>
    [JsonPropertyName("items")]
    public IReadOnlyList<OrkaResource<TSpec, TStatus>> Items { get; set; } = [];
}

/// <summary>Spec of a VirtualMachineInstance, and of a VirtualMachineConfig: the same fields.</summary>
internal sealed record VmSpec
{
    /// <summary>Local image, or OCI reference.</summary>
    [JsonPropertyName("image")]
    public string? Image { get; init; }

    /// <summary>Cores.</summary>
    [JsonPropertyName("cpu")]
    public int? Cpu { get; init; }

    /// <summary>Memory in GiB.</summary>
    [JsonPropertyName("memory")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Memory { get; init; }
}

/// <summary>Status of a VirtualMachineInstance.</summary>
internal sealed record VmStatus
{
    /// <summary>Pending, Running, Failed.</summary>
    [JsonPropertyName("phase")]
    public string? Phase { get; init; }

    /// <summary>Address.</summary>
    [JsonPropertyName("ip")]
    public string? Ip { get; init; }

    /// <summary>The host's address.</summary>
    [JsonPropertyName("hostIP")]
    public string? HostIp { get; init; }

    /// <summary>Port of the SSH server.</summary>
    [JsonPropertyName("sshPort")]
    public int? SshPort { get; init; }

    /// <summary>The host.</summary>
    [JsonPropertyName("nodeName")]
    public string? NodeName { get; init; }

    /// <summary>What is wrong.</summary>
    [JsonPropertyName("errorMessage")]
    public string? ErrorMessage { get; init; }
}

/// <summary>Spec of an Image.</summary>
internal sealed record ImageSpec
{
    /// <summary>The VM.</summary>
    [JsonPropertyName("source")]
    public string? Source { get; init; }

    /// <summary>Its namespace.</summary>
    [JsonPropertyName("sourceNamespace")]
    public string? SourceNamespace { get; init; }

    /// <summary>vm, local, remote or generated.</summary>
    [JsonPropertyName("sourceType")]
    public string? SourceType { get; init; }
}

/// <summary>Status of an Image.</summary>
internal sealed record ImageStatus
{
    /// <summary>Ready, Updating, Failed.</summary>
    [JsonPropertyName("state")]
    public string? State { get; init; }

    /// <summary>What is wrong.</summary>
    [JsonPropertyName("errorMessage")]
    public string? ErrorMessage { get; init; }
}

/// <summary>Spec of an OrkaNode.</summary>
internal sealed record NodeSpec;

/// <summary>Status of an OrkaNode.</summary>
internal sealed record NodeStatus
{
    /// <summary>READY or NOT READY.</summary>
    [JsonPropertyName("phase")]
    public string? Phase { get; init; }

    /// <summary>Free cores.</summary>
    [JsonPropertyName("availableCpu")]
    public double AvailableCpu { get; init; }

    /// <summary>Free memory in GiB.</summary>
    [JsonPropertyName("availableMemory")]
    public double AvailableMemory { get; init; }
}
