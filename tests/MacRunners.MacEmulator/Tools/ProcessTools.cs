using System.Globalization;
using MacRunners.MacEmulator.Native;

namespace MacRunners.MacEmulator.Tools;

/// <summary><c>pkill</c>, by real user, and <c>ps</c>.</summary>
internal static class ProcessTools
{
    private const int NoMatch = 1;
    private const int Usage = 2;
    private const int Internal = 3;

    internal static async Task<int> PkillAsync(ToolContext context)
    {
        var effects = await context.BeginAsync("pkill", context.Arguments);
        var exitCode = context.Arguments switch
        {
            _ when effects.SysmondDown => Refuse(context, "sysmon request failed with error: sysmond service not found\npkill: Cannot get process list", Internal),
            [var signal, "-U", var user] when int.TryParse(signal, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number < 0 => Kill(context, -number, user),
            ["-U", var user] => Kill(context, Libc.SignalTerminate, user),
            _ => Refuse(context, "usage: pkill [-signal] [-ILafilnovx] [-U uid] pattern ..."),
        };
        context.End(effects);
        return exitCode;
    }

    /// <summary>The options in use mean the same to the host's own, and it has the processes.</summary>
    internal static async Task<int> PsAsync(ToolContext context)
    {
        context.End(await context.BeginAsync("ps", context.Arguments));
        context.Log(null);
        return ProgramReplacement.Execute(["/bin/ps", .. context.Arguments], context.Error);
    }

    private static int Kill(ToolContext context, int signal, string user)
    {
        if ((uint.TryParse(user, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : HostUser.ByName(user)?.Uid) is not { } uid)
        {
            return Refuse(context, $"pkill: Unknown user `{user}'");
        }

        var hit = false;
        foreach (var pid in Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).Where(name => name!.All(char.IsAsciiDigit)))
        {
            hit |= RealUid(pid!) == uid && Libc.Kill(int.Parse(pid!, CultureInfo.InvariantCulture), signal) == 0;
        }

        return hit ? 0 : NoMatch;
    }

    private static uint? RealUid(string pid)
    {
        try
        {
            var line = File.ReadLines($"/proc/{pid}/status").First(line => line.StartsWith("Uid:", StringComparison.Ordinal));
            return uint.Parse(line.Split('\t')[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            // It has ended meanwhile.
            return null;
        }
    }

    private static int Refuse(ToolContext context, string text, int exitCode = Usage)
    {
        context.Error.WriteLine(text);
        return exitCode;
    }
}
