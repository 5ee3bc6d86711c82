namespace MacRunners.MacEmulator.Root;

/// <summary>The folder that stands for <c>/</c> of the emulated Mac, and where the emulator keeps its own things in it.</summary>
/// <param name="Path">Absolute, without trailing slash.</param>
internal sealed record EmulatorRoot(string Path)
{
    /// <summary>The emulator's own folder.</summary>
    internal string Own => $"{Path}/.emulator";

    /// <summary>Copies of the executable, to which all tools are links.</summary>
    internal string Binaries => $"{Own}/bin";

    /// <summary>Says that the folder is an emulator root and which one; without it nothing is ever removed.</summary>
    internal string Marker => $"{Own}/root";

    /// <summary>Accounts, groups and user domains.</summary>
    internal string State => $"{Own}/state.json";

    /// <summary>Uuids of the users by number, for everybody to read.</summary>
    internal string GeneratedUids => $"{Own}/uuids";

    /// <summary>Rules and references of pf.</summary>
    internal string PacketFilter => $"{Own}/pf.json";

    /// <summary>What was added to the container.</summary>
    internal string VolumeState => $"{Own}/volumes.json";

    /// <summary>Where the volumes really are.</summary>
    internal string Volumes => $"{Own}/volumes";

    /// <summary>What kind of machine this is.</summary>
    internal string Machine => $"{Own}/machine.json";

    /// <summary>Faults to inject.</summary>
    internal string Faults => $"{Own}/faults.json";

    /// <summary>One line per invocation of a tool.</summary>
    internal string Calls => $"{Own}/calls.jsonl";

    /// <summary>Held while any of the files above is read and written.</summary>
    internal string Lock => $"{Own}/lock";

    /// <summary>Over which <c>launchctl</c> speaks with launchd.</summary>
    internal string LaunchdSocket => $"{Own}/launchd.sock";

    /// <summary>Held by launchd while it runs.</summary>
    internal string LaunchdLock => $"{Own}/launchd.lock";

    /// <summary>Where launchd complains.</summary>
    internal string LaunchdLog => $"{Own}/launchd.log";

    /// <summary>How tests bend launchd.</summary>
    internal string LaunchdSettings => $"{Own}/launchd.json";

    /// <summary>Finds root and tool from the path a tool was called by: <c>/x/mac/usr/bin/dscl</c> is <c>dscl</c> of <c>/x/mac</c>.</summary>
    internal static (EmulatorRoot Root, string Tool)? Find(string invokedPath)
    {
        var tool = ToolPaths.All.FirstOrDefault(path => invokedPath.EndsWith(path, StringComparison.Ordinal));
        return tool is not null && invokedPath.StartsWith('/') && invokedPath.Length > tool.Length
            ? (new EmulatorRoot(invokedPath[..^tool.Length]), System.IO.Path.GetFileName(tool))
            : null;
    }
}
