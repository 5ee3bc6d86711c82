using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using MacRunners.Hosting.Http;

namespace MacRunners.Hosting.Control;

/// <summary>The answer of <c>GET /status</c> on the control socket, and of <c>macrunners status --json</c>.</summary>
/// <param name="Status"><c>healthy</c>, <c>degraded</c> or <c>unhealthy</c>: the worst of <paramref name="Checks"/>.</param>
/// <param name="State">What the dispatcher does: <c>starting</c>, <c>running</c>, <c>paused</c> (the queue), <c>draining</c>, <c>drained</c>, <c>quarantined</c> (the machine is dirty).</param>
/// <param name="Ready">Whether a matching job would be taken now.</param>
/// <param name="Reason">Why not.</param>
/// <param name="Drain">The operator's order to take no jobs; null without one.</param>
/// <param name="Version">Version of the daemon that answers.</param>
/// <param name="Host">Name of the machine.</param>
/// <param name="Pid">Its process.</param>
/// <param name="UptimeSeconds">Since its start.</param>
/// <param name="Slots">Slots of the machine.</param>
/// <param name="Jobs">Jobs that hold a slot, oldest first.</param>
/// <param name="Recent">Jobs that ended lately, newest first.</param>
/// <param name="Checks">All checks.</param>
internal sealed record StatusDocument(
    string Status,
    string State,
    bool Ready,
    string? Reason,
    StatusDocument.DrainOrder? Drain,
    string Version,
    string Host,
    int Pid,
    long UptimeSeconds,
    HealthDocument.SlotCount Slots,
    IReadOnlyList<StatusDocument.Job> Jobs,
    IReadOnlyList<StatusDocument.Ended> Recent,
    IReadOnlyList<HealthDocument.Check> Checks)
{
    /// <summary>An order to take no jobs.</summary>
    internal sealed record DrainOrder(DateTimeOffset Since, string Reason);

    /// <summary>A job in progress.</summary>
    internal sealed record Job(Guid Id, string Phase, DateTimeOffset PhaseSince, DateTimeOffset ReservedAt);

    /// <summary>A job that ended.</summary>
    /// <param name="Id">Its id.</param>
    /// <param name="Outcome">How, as in the metric's label.</param>
    /// <param name="EndedAt">When it gave its slot back.</param>
    /// <param name="PhaseSeconds">How long each phase took, seconds.</param>
    internal sealed record Ended(Guid Id, string Outcome, DateTimeOffset EndedAt, IReadOnlyDictionary<string, double> PhaseSeconds);
}

/// <summary>The answer of <c>POST /sweep</c>.</summary>
/// <param name="Clean">Whether everything is proven gone.</param>
/// <param name="Reason">What is left, or why it is not known.</param>
/// <param name="TornDown">Jobs and accounts of which something was torn down.</param>
internal sealed record SweepDocument(bool Clean, string? Reason, int TornDown);

/// <summary>The answer of <c>POST /restart</c>; the daemon ends once it is sent.</summary>
/// <param name="Pid">The process that ends.</param>
/// <param name="Version">Its version.</param>
/// <param name="JobsGoingOn">Jobs that go on and are taken up again by the next start.</param>
internal sealed record RestartDocument(int Pid, string Version, int JobsGoingOn);

/// <summary>How the answers are written.</summary>
[JsonSerializable(typeof(StatusDocument))]
[JsonSerializable(typeof(SweepDocument))]
[JsonSerializable(typeof(RestartDocument))]
[JsonSerializable(typeof(ErrorDocument))]
internal sealed partial class ControlJson : JsonSerializerContext
{
    /// <summary>For terminals and scripts, not for web pages: quotes and umlauts stay as they are.</summary>
    public static ControlJson Readable { get; } = new(new JsonSerializerOptions(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
