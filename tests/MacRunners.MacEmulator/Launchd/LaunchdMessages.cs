using System.Text.Json.Serialization;

namespace MacRunners.MacEmulator.Launchd;

/// <summary>What <c>launchctl</c> asks of launchd.</summary>
/// <param name="Verb">What to do.</param>
/// <param name="Target">Label, or path of a property list.</param>
/// <param name="Wait"><c>bootout --wait</c>.</param>
/// <param name="Kill"><c>kickstart -k</c>.</param>
/// <param name="PrintPid"><c>kickstart -p</c>.</param>
internal sealed record LaunchdRequest(LaunchdVerb Verb, string Target = "", bool Wait = false, bool Kill = false, bool PrintPid = false);

/// <summary>Requests.</summary>
internal enum LaunchdVerb
{
    /// <summary>Loads a property list.</summary>
    Bootstrap,

    /// <summary>Unloads a service.</summary>
    Bootout,

    /// <summary>Describes a service.</summary>
    Print,

    /// <summary>Starts a service.</summary>
    Kickstart,

    /// <summary>Kills all services, and ends.</summary>
    Shutdown,
}

/// <summary>The answer.</summary>
/// <param name="Code">Zero, or launchd's number.</param>
/// <param name="Output">What is to be printed.</param>
internal sealed record LaunchdReply(int Code, string Output = "");

/// <summary>How to start a service's program.</summary>
internal sealed record SpawnOrder(
    IReadOnlyList<string> Arguments,
    string? Output,
    string? Error,
    string WorkingDirectory,
    int? Umask,
    int? OpenFiles,
    IReadOnlyList<int> Sockets);

/// <summary>Serialisation without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true)]
[JsonSerializable(typeof(LaunchdRequest))]
[JsonSerializable(typeof(LaunchdReply))]
[JsonSerializable(typeof(LaunchdSettings))]
[JsonSerializable(typeof(SpawnOrder))]
internal sealed partial class LaunchdJson : JsonSerializerContext;
