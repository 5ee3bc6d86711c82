using System.Net;
using MacRunners.Hosting.Control;
using MacRunners.Platform;
using MacRunners.Settings;

namespace MacRunners.Hosting.Configuration;

/// <summary>Rules that need more than one key, or more than a type and a range.</summary>
/// <param name="settings">All sections, platform defaults filled in.</param>
/// <param name="hasTokenInEnvironment">Whether <c>BUILDKITE_AGENT_TOKEN</c> was given.</param>
/// <param name="onMac">Whether this machine runs macOS.</param>
internal sealed class SettingsRules(DaemonSettings settings, bool hasTokenInEnvironment, bool onMac)
{
    // 104 bytes with the NUL.
    private const int LongestSocket = 104 - 1;

    // What follows in a socket's path: /bk-<uuid> and /s/job-api/<pid>-<number>.sock.
    private const int LongestHomes = LongestSocket - 40 - 28;

    private const int LeastUids = 1000;

    /// <summary>All faults; <see cref="Fault.Source"/> is left to the caller.</summary>
    public IEnumerable<Fault> Faults() =>
    [
        .. Endpoint(), .. Token(), .. Tags(), .. CancelGrace(), .. TeardownBudget(), .. Reservation(), .. Flags(), .. Environment(), .. Uids(), .. Homes(), .. Addresses(), .. Blocked(), .. BlockedPorts(), .. Folders(), .. Platform(),
    ];

    private IEnumerable<Fault> Endpoint()
    {
        var endpoint = settings.Buildkite.Endpoint;
        var isSafe = endpoint.Scheme == Uri.UriSchemeHttps || (endpoint.Scheme == Uri.UriSchemeHttp && endpoint.IsLoopback);
        if (!isSafe || endpoint.UserInfo.Length > 0 || endpoint.Query.Length > 0 || endpoint.Fragment.Length > 0)
        {
            // What stands before the @ may be a password.
            var shown = endpoint.UserInfo.Length > 0 ? endpoint.GetComponents(UriComponents.HttpRequestUrl, UriFormat.UriEscaped) : endpoint.OriginalString;
            yield return new Fault(
                "Buildkite:Endpoint",
                shown,
                null,
                "an https URL, or an http URL of a loopback address, without user, query and fragment",
                "Use https: every request carries the cluster token.");
        }
    }

    private IEnumerable<Fault> Token()
    {
        if (string.IsNullOrEmpty(settings.Buildkite.TokenFile) && !hasTokenInEnvironment)
        {
            yield return new Fault(
                "Buildkite:TokenFile",
                null,
                null,
                $"the path of a file that holds the cluster token, or {AgentTokenVariable.Name} in the daemon's environment",
                "Write the token to a file of root's with mode 0600 and name it here.");
        }
    }

    private IEnumerable<Fault> Tags()
    {
        foreach (var (tag, index) in settings.Buildkite.Tags.Select((tag, index) => (tag, index)))
        {
            var equals = tag.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0 || tag.Any(c => c == ',' || char.IsWhiteSpace(c) || char.IsControl(c)))
            {
                yield return new Fault($"Buildkite:Tags:{index}", tag, null, "key=value without spaces and commas", "Write one tag per element, for instance os=macos.");
            }
            else if (tag[..equals].Equals("queue", StringComparison.OrdinalIgnoreCase))
            {
                yield return new Fault($"Buildkite:Tags:{index}", tag, null, "any key but queue", "Remove it; the queue is Buildkite:Queue.");
            }
        }
    }

    private IEnumerable<Fault> CancelGrace()
    {
        if (settings.Jobs.CancelGrace.Ticks % TimeSpan.TicksPerSecond != 0)
        {
            yield return new Fault(
                "Jobs:CancelGrace",
                Setting.Text(settings.Jobs.CancelGrace),
                null,
                "a whole number of seconds",
                "Leave out the fraction; the agent takes whole seconds.");
        }
    }

    private IEnumerable<Fault> TeardownBudget()
    {
        if (settings.Jobs.TeardownBudget < settings.Jobs.KillBudget)
        {
            yield return new Fault(
                "Jobs:TeardownBudget",
                Setting.Text(settings.Jobs.TeardownBudget),
                null,
                $"at least Jobs:KillBudget ({Setting.Text(settings.Jobs.KillBudget)})",
                "Raise it: killing is only the first part of a teardown.");
        }
    }

    private IEnumerable<Fault> Flags()
    {
        foreach (var (flag, index) in settings.Agent.Flags.Select((flag, index) => (flag, index)))
        {
            if (ReservedNames.IsReservedFlag(flag))
            {
                yield return new Fault(
                    $"Agent:Flags:{index}",
                    ReservedNames.FlagName(flag),
                    null,
                    "flags of `buildkite-agent start` that the daemon does not set itself",
                    "Remove the flag; the daemon chooses it, or refuses it because it would reveal a token.");
            }
        }
    }

    private IEnumerable<Fault> Environment()
    {
        foreach (var (name, value) in settings.Agent.Environment)
        {
            if (!ReservedNames.IsVariableName(name))
            {
                yield return new Fault($"Agent:Environment:{name}", null, null, "a name of letters, digits and _ that does not begin with a digit", "Rename the variable.");
            }
            else if (ReservedNames.IsReservedVariable(name))
            {
                yield return new Fault(
                    $"Agent:Environment:{name}",
                    null,
                    null,
                    "variables that neither the daemon sets nor the dynamic linker reads (LD_*, DYLD_*)",
                    "Remove the variable.");
            }
            else if (value.Contains('\0'))
            {
                yield return new Fault($"Agent:Environment:{name}", null, null, "a value without NUL characters", "Correct the value.");
            }
            else if (name == "PATH" && !value.Split(':').All(folder => folder.StartsWith('/')))
            {
                yield return new Fault("Agent:Environment:PATH", null, null, "absolute folders only", "Remove empty and relative folders: they mean the job's checkout.");
            }
        }
    }

    private IEnumerable<Fault> Uids()
    {
        var (least, most) = (settings.Accounts.UidMin, settings.Accounts.UidMax);
        if ((long)most - least + 1 < LeastUids)
        {
            yield return new Fault(
                "Accounts:UidMax",
                Setting.Text(most),
                null,
                $"at least Accounts:UidMin + {LeastUids - 1} = {(long)least + LeastUids - 1}",
                $"Leave room for {LeastUids} jobs: a number is not used twice until the next boot.");
        }
    }

    private IEnumerable<Fault> Homes()
    {
        var accounts = settings.Accounts;
        var isMacOS = settings.Platform.Kind is PlatformKind.MacOS || (settings.Platform.Kind is PlatformKind.Auto && onMac);
        if (accounts.Home is HomeKind.Volume && !isMacOS)
        {
            yield return new Fault("Accounts:Home", Setting.Text(accounts.Home), null, "folder on this system", "Leave the key out: a volume for each job needs APFS, which only macOS has.");
        }
        else if (accounts.Home is not HomeKind.Volume && accounts.HomeQuotaBytes > 0)
        {
            yield return new Fault(
                "Accounts:HomeQuotaBytes", Setting.Text(accounts.HomeQuotaBytes), null, "0, except with Accounts:Home volume", "Leave the key out: nothing would limit a folder.");
        }
    }

    private IEnumerable<Fault> Addresses()
    {
        foreach (var (address, index) in settings.Http.Addresses.Select((address, index) => (address, index)))
        {
            if (!IPAddress.TryParse(address, out _))
            {
                yield return new Fault($"Http:Addresses:{index}", address, null, "an IPv4 or IPv6 address", "Write a number, not a name; leave the list out to listen on all.");
            }
        }
    }

    private IEnumerable<Fault> Blocked()
    {
        foreach (var (text, index) in settings.Network.Blocked.Select((text, index) => (text, index)))
        {
            var key = $"Network:Blocked:{index}";
            if (!FencePlan.TryParseRange(text, out var range))
            {
                yield return new Fault(key, text, null, "an IPv4 or IPv6 range such as 10.0.0.0/8 or fd00::/8", "Write address/length, with zeros behind the length; a single address is /32 or /128.");
            }
            else if (range.Contains(IPAddress.Loopback) || range.Contains(IPAddress.IPv6Loopback))
            {
                yield return new Fault(key, text, null, "addresses of other machines", "Leave loopback out; ports of this machine are blocked by Network:BlockedPorts, on all its addresses.");
            }
            else if (IPAddress.TryParse(settings.Buildkite.Endpoint.DnsSafeHost, out var endpoint) && range.Contains(endpoint))
            {
                yield return new Fault(key, text, null, $"a range without Buildkite:Endpoint ({endpoint})", "Make it smaller, or several: the agents of jobs must reach Buildkite.");
            }
        }
    }

    private IEnumerable<Fault> BlockedPorts()
    {
        foreach (var (text, index) in settings.Network.BlockedPorts.Select((text, index) => (text, index)))
        {
            var key = $"Network:BlockedPorts:{index}";
            if (!FencePlan.TryParsePort(text, out var port))
            {
                yield return new Fault(key, text, null, "a port, 1 to 65535", "Write one number per element.");
            }
            else if (settings.Buildkite.Endpoint.IsLoopback && settings.Buildkite.Endpoint.Port == port)
            {
                yield return new Fault(key, text, null, "another port than that of Buildkite:Endpoint", "Remove it: the agents of jobs must reach Buildkite.");
            }
        }
    }

    private IEnumerable<Fault> Folders()
    {
        var paths = new (string Key, string? Path)[]
        {
            ("Paths:State", settings.Paths.State),
            ("Paths:Logs", settings.Paths.Logs),
            ("Paths:Homes", settings.Paths.Homes),
            ("Paths:Run", settings.Paths.Run),
            ("Agent:Path", settings.Agent.Path),
            ("Agent:HooksPath", settings.Agent.HooksPath),
            ("Buildkite:TokenFile", settings.Buildkite.TokenFile),
            ("Accounts:Shell", settings.Accounts.Shell),
            ("Platform:Root", settings.Platform.Root),
        };
        var shared = settings.Teardown.SharedPlaces.Select((path, index) => ($"Teardown:SharedPlaces:{index}", (string?)path));
        var watched = settings.Teardown.ProtectedFiles.Select((path, index) => ($"Teardown:ProtectedFiles:{index}", (string?)path));
        foreach (var (key, path) in paths.Concat(shared).Concat(watched).Where(pair => !string.IsNullOrEmpty(pair.Item2)))
        {
            if (!IsPlainAbsolute(path!))
            {
                yield return new Fault(key, path, null, "an absolute path without . or .. and without a slash at the end", "Write the full path.");
            }
        }

        var folders = paths.Take(4).ToArray();
        foreach (var (key, path) in folders.Where(one => folders.Any(other => other.Key != one.Key && other.Path == one.Path)))
        {
            yield return new Fault(key, path, null, "a folder of its own", "State, Logs, Homes and Run must be four different folders.");
        }

        if (System.Text.Encoding.UTF8.GetByteCount(settings.Paths.Homes) > LongestHomes)
        {
            yield return new Fault(
                "Paths:Homes", settings.Paths.Homes, null, $"at most {LongestHomes} bytes", "Choose a shorter path: sockets in the homes would exceed the system's 104 bytes, and every job would fail.");
        }

        if (System.Text.Encoding.UTF8.GetByteCount(ControlSocket.PathIn(settings.Paths)) > LongestSocket)
        {
            yield return new Fault(
                "Paths:Run", settings.Paths.Run, null, $"at most {LongestSocket - ControlSocket.FileName.Length - 1} bytes", "Choose a shorter path: the control socket in it would exceed the system's 104 bytes.");
        }

        if (settings.Paths.Homes.StartsWith(settings.Paths.Logs + "/", StringComparison.Ordinal))
        {
            yield return new Fault("Paths:Homes", settings.Paths.Homes, null, "a folder outside Paths:Logs", "Jobs cannot enter the log folder, so homes cannot lie in it.");
        }
    }

    private IEnumerable<Fault> Reservation()
    {
        // It is renewed at half-time, and not any more once the agent is started: the other half is all that the agent may have.
        var least = settings.Jobs.StartDeadline * 2;
        if (settings.Buildkite.Reservation < least)
        {
            yield return new Fault(
                "Buildkite:Reservation", Setting.Text(settings.Buildkite.Reservation), null, $"at least twice Jobs:StartDeadline, {Setting.Text(least)}",
                "Raise it: otherwise the job is given away while its agent is still trying to take it.");
        }
    }

    private IEnumerable<Fault> Platform()
    {
        var (kind, root) = (settings.Platform.Kind, settings.Platform.Root);
        if (kind == PlatformKind.MacOS && !onMac && root.Length == 0)
        {
            yield return new Fault("Platform:Kind", kind.ToString(), null, "macos on this system only together with Platform:Root", "Name the emulator's folder in Platform:Root.");
        }
        else if (kind == PlatformKind.Linux && onMac)
        {
            yield return new Fault("Platform:Kind", kind.ToString(), null, "auto or macos on a Mac", "Leave the key out.");
        }
        else if (root.Length > 0 && (onMac || kind != PlatformKind.MacOS))
        {
            yield return new Fault("Platform:Root", root, null, "empty, except with Platform:Kind macos on another system", "Leave the key out.");
        }
    }

    private static bool IsPlainAbsolute(string path) =>
        Path.IsPathFullyQualified(path) && path.Length > 1 && Path.GetFullPath(path) == path && !path.EndsWith('/') && !path.Any(char.IsControl);
}
