using MacRunners.MacEmulator.Launchd;

namespace MacRunners.MacEmulator.Tools;

/// <summary>The part of <c>launchctl</c> that is about LaunchDaemons: arguments, messages and exit codes around <see cref="LaunchdProcess"/>.</summary>
internal sealed class LaunchctlServices(ToolContext context)
{
    private const string Domain = "system/";
    private const string Hint = "Try re-running the command as root for richer errors.";

    private readonly LaunchdClient _launchd = new(context.Root, context.Time);
    private readonly DisabledServices _disabled = new(context.Root);

    /// <summary>Runs a subcommand; null when it is not about a service.</summary>
    internal async Task<int?> RunAsync() => context.Arguments.ToArray() switch
    {
        ["bootstrap", "system", var path] => await BootstrapAsync(path),
        ["bootout", var target] when IsService(target) => await BootoutAsync(target, wait: false),
        ["bootout", "--wait", var target] when IsService(target) => await BootoutAsync(target, wait: true),
        ["print", var target] when IsService(target) => await PrintAsync(target),
        ["kickstart", .. var flags, var target] when IsService(target) && Array.TrueForAll(flags, flag => flag is "-k" or "-p" or "-kp" or "-pk") =>
            await KickstartAsync(target, string.Concat(flags)),
        ["enable", var target] when IsService(target) => Switch(target, disabled: false),
        ["disable", var target] when IsService(target) => Switch(target, disabled: true),
        ["print-disabled", "system"] => PrintDisabled(),
        _ => null,
    };

    private static bool IsService(string target) => target.StartsWith(Domain, StringComparison.Ordinal) && target.Length > Domain.Length;

    private static string Label(string target) => target[Domain.Length..];

    private async Task<int> BootstrapAsync(string path)
    {
        if (!context.IsRoot)
        {
            return Failed("Bootstrap", LaunchdException.InputOutput);
        }

        // As on a Mac, or as the host sees it.
        var file = path.StartsWith(context.Root.Path + "/", StringComparison.Ordinal) ? path : context.Root.Path + path;
        return Failed("Bootstrap", (await _launchd.AskStartingAsync(new LaunchdRequest(LaunchdVerb.Bootstrap, file))).Code);
    }

    private async Task<int> BootoutAsync(string target, bool wait)
    {
        if (!context.IsRoot)
        {
            return Failed("Boot-out", 1);
        }

        var reply = await _launchd.AskAsync(new LaunchdRequest(LaunchdVerb.Bootout, Label(target), Wait: wait));
        return Failed("Boot-out", reply?.Code ?? LaunchdException.NoProcess);
    }

    private async Task<int> PrintAsync(string target)
    {
        // Everybody may look; only the emulator's own socket is root's.
        var reply = context.IsRoot ? await _launchd.AskAsync(new LaunchdRequest(LaunchdVerb.Print, Label(target))) : null;
        if (reply is not { Code: 0 })
        {
            return Missing(target);
        }

        await context.Output.WriteAsync(reply.Output);
        return 0;
    }

    private async Task<int> KickstartAsync(string target, string flags)
    {
        if (!context.IsRoot)
        {
            return Failed("Kickstart", 1);
        }

        var reply = await _launchd.AskAsync(new LaunchdRequest(LaunchdVerb.Kickstart, Label(target), Kill: flags.Contains('k'), PrintPid: flags.Contains('p')));
        if (reply is not { Code: 0 })
        {
            return Missing(target);
        }

        await context.Output.WriteAsync(reply.Output);
        return 0;
    }

    private int Switch(string target, bool disabled)
    {
        if (!context.IsRoot)
        {
            return Failed(disabled ? "Disable" : "Enable", 1);
        }

        _disabled.Set(Label(target), disabled);
        return 0;
    }

    private int PrintDisabled()
    {
        context.Output.WriteLine("\tdisabled services = {");
        foreach (var (label, disabled) in context.IsRoot ? _disabled.All() : new Dictionary<string, bool>())
        {
            context.Output.WriteLine($"\t\t\"{label}\" => {(disabled ? "disabled" : "enabled")}");
        }

        context.Output.WriteLine("\t}");
        return 0;
    }

    private int Missing(string target)
    {
        context.Error.WriteLine($"Could not find service \"{Label(target)}\" in domain for system");
        return LaunchdException.NoService;
    }

    private int Failed(string what, int code)
    {
        if (code != 0)
        {
            context.Error.WriteLine($"{what} failed: {code}: {LaunchdErrors.Describe(code)}");
            if (code == LaunchdException.InputOutput)
            {
                context.Error.WriteLine(Hint);
            }
        }

        return code;
    }
}
