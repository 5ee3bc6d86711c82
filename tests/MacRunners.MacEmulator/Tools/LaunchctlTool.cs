using System.Globalization;
using MacRunners.MacEmulator.Faults;

namespace MacRunners.MacEmulator.Tools;

/// <summary><c>launchctl</c>: user domains here, LaunchDaemons in <see cref="LaunchctlServices"/>.</summary>
internal static class LaunchctlTool
{
    private const int Usage = 64;
    private const int NoSuchDomain = 112;
    private const int UnsupportedAction = 125;

    internal static async Task<int> RunAsync(ToolContext context)
    {
        var verb = context.Arguments is [var first, ..] ? first : "help";
        var effects = await context.BeginAsync(verb, context.Arguments);
        var exitCode = await new LaunchctlServices(context).RunAsync() ?? Run(context, effects);
        context.End(effects);
        return exitCode;
    }

    private static int Run(ToolContext context, FaultEffects effects)
    {
        switch (context.Arguments)
        {
            case ["asuser", var text, _, ..] when Uid(text) is { } uid:
                return AsUser(context, uid, [.. context.Arguments.Skip(2)]);
            case ["bootout", var target] when target.StartsWith("user/", StringComparison.Ordinal) && Uid(target["user/".Length..]) is { } uid:
                return BootOut(context, effects, uid);
            case ["print", var target] when target.StartsWith("user/", StringComparison.Ordinal) && Uid(target["user/".Length..]) is { } uid:
                return Print(context, uid);
            case ["managername"]:
                context.Output.WriteLine(context.IsRoot ? "System" : "Background");
                return 0;
            default:
                context.Error.WriteLine($"Unrecognized subcommand or arguments: {string.Join(' ', context.Arguments)}");
                context.Error.WriteLine("Usage: launchctl <subcommand> ... | help [subcommand]");
                return Usage;
        }
    }

    private static uint? Uid(string text) => uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var uid) ? uid : null;

    private static int AsUser(ToolContext context, uint uid, IReadOnlyList<string> command)
    {
        if (!context.IsRoot)
        {
            context.Error.WriteLine("Could not switch to audit session 0x186a0: 1: Operation not permitted");
            return 1;
        }

        _ = context.Directory.ChangeDomains(domains => domains.Add(uid));
        context.Log(null);
        return ProgramReplacement.Execute(command, context.Error);
    }

    private static int Print(ToolContext context, uint uid)
    {
        if (!context.IsRoot || !context.Directory.ChangeDomains(domains => domains.Contains(uid)))
        {
            context.Error.WriteLine($"Could not find domain for user/{uid}");
            return NoSuchDomain;
        }

        context.Output.WriteLine($"user/{uid} = {{");
        context.Output.WriteLine("\ttype = user");
        context.Output.WriteLine("}");
        return 0;
    }

    private static int BootOut(ToolContext context, FaultEffects effects, uint uid)
    {
        if (!context.IsRoot)
        {
            context.Error.WriteLine("Boot-out failed: 1: Operation not permitted");
            return 1;
        }

        if (effects.BootoutRc is { } code)
        {
            if (code != 0)
            {
                context.Error.WriteLine($"Boot-out failed: {code}: {LaunchdErrors.Describe(code)}");
            }

            return code;
        }

        if (context.Directory.ChangeDomains(domains => domains.Remove(uid)))
        {
            return 0;
        }

        context.Error.WriteLine($"Boot-out failed: {UnsupportedAction}: Domain does not support specified action");
        return UnsupportedAction;
    }
}
