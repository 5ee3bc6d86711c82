namespace MacRunners.MacEmulator.Tools;

/// <summary>Texts of launchd's error numbers.</summary>
internal static class LaunchdErrors
{
    internal static string Describe(int code) => code switch
    {
        1 => "Operation not permitted",
        3 => "No such process",
        5 => "Input/output error",
        36 => "Operation now in progress",
        37 => "Operation already in progress",
        108 => "Invalid path",
        109 => "Invalid property list",
        112 => "Could not find specified domain",
        113 => "Could not find specified service",
        119 => "Service is disabled",
        122 => "Path had bad ownership/permissions",
        124 => "Domain is tearing down",
        125 => "Domain does not support specified action",
        _ => "unknown error code",
    };
}
