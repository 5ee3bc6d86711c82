using System.Globalization;
using MacRunners.MacEmulator.Root;

namespace MacRunners.MacEmulator.Tools.PacketFilter;

/// <summary><c>pfctl</c>: rules of anchors, references, and what it is asked to show. The rules are read strictly and kept; no packet meets them.</summary>
internal static class PfctlTool
{
    private const string Usage = "usage: pfctl [-deEFfnsX] [-a anchor] …";
    private const ulong FirstToken = 9813589183660731843;

    internal static async Task<int> RunAsync(ToolContext context)
    {
        if (!context.IsRoot)
        {
            context.Error.WriteLine("pfctl: /dev/pf: Permission denied");
            return 1;
        }

        var effects = await context.BeginAsync(Verb(context.Arguments), context.Arguments);
        var input = context.Arguments.Contains("-f") ? await Console.In.ReadToEndAsync() : "";
        using var held = StateLock.Take(context.Root);
        var state = PfState.Read(context.Root);
        var exitCode = Run(context, state, input);
        if (exitCode == 0)
        {
            state.Write(context.Root);
        }

        context.End(effects);
        return exitCode;
    }

    private static string Verb(IReadOnlyList<string> arguments) =>
        arguments.FirstOrDefault(argument => argument is "-f" or "-s" or "-F" or "-E" or "-X" or "-d")?.TrimStart('-') ?? "usage";

    private static int Run(ToolContext context, PfState state, string input)
    {
        // No Mac has it, and every run says so.
        context.Error.WriteLine("No ALTQ support in kernel");
        context.Error.WriteLine("ALTQ related functions disabled");
        switch (context.Arguments)
        {
            case ["-a", var anchor, "-f", "-"]:
                return Load(context, input, rules => state.Anchors[anchor] = rules);
            case ["-n", "-a", _, "-f", "-"]:
                return Load(context, input, _ => { });
            case ["-a", var anchor, "-s", "rules"]:
                state.Anchors.GetValueOrDefault(anchor, []).ForEach(context.Output.WriteLine);
                return 0;
            case ["-s", "rules"]:
                state.Main.ForEach(context.Output.WriteLine);
                return 0;
            case ["-s", "info"]:
                context.Output.WriteLine($"Status: {(state.IsEnabled ? "Enabled for 0 days 00:02:03" : "Disabled")}           Debug: Urgent");
                return 0;
            case ["-s", "References"]:
                context.Output.WriteLine("TOKENS:");
                context.Output.WriteLine("PID      Process Name                 TOKEN                    TIMESTAMP");
                state.Tokens.ForEach(token => context.Output.WriteLine($"{1,-9}{"pfctl",-29}{token,-25}0 days 00:02:03"));
                return 0;
            case ["-a", var anchor, "-F", "rules" or "all"]:
                _ = state.Anchors.Remove(anchor);
                context.Error.WriteLine("rules cleared");
                return 0;
            case ["-F", "rules" or "all"]:
                state.Main.Clear();
                context.Error.WriteLine("rules cleared");
                return 0;
            case ["-E"]:
                state.IsEnabled = true;
                state.Tokens.Add(state.Tokens.DefaultIfEmpty(FirstToken).Max() + 1);
                context.Error.WriteLine("pf enabled");
                context.Output.WriteLine($"Token : {state.Tokens[^1]}");
                return 0;
            case ["-X", var text]:
                return Release(context, state, text);
            case ["-d"]:
                state.IsEnabled = false;
                state.Tokens.Clear();
                context.Error.WriteLine("pf disabled");
                return 0;
            default:
                context.Error.WriteLine(Usage);
                return 1;
        }
    }

    private static int Load(ToolContext context, string input, Action<List<string>> keep)
    {
        context.Error.WriteLine("pfctl: Use of -f option, could result in flushing of rules");
        context.Error.WriteLine("present in the main ruleset added by the system at startup.");
        context.Error.WriteLine("See /etc/pf.conf for further details.");
        var lines = input.Split('\n').Select((text, index) => (Number: index + 1, Read: text.Length == 0 ? default : PfRule.Read(text))).ToList();
        var faults = lines.Where(line => line.Read.Error is not null).ToList();
        foreach (var (number, read) in faults)
        {
            context.Error.WriteLine($"stdin:{number}: {read.Error}");
        }

        if (faults.Count > 0 || (input.Length > 0 && !input.EndsWith('\n')))
        {
            context.Error.WriteLine("pfctl: Syntax error in config file: pf rules not loaded");
            return 1;
        }

        keep([.. lines.Select(line => line.Read.Rule).OfType<string>()]);
        return 0;
    }

    private static int Release(ToolContext context, PfState state, string text)
    {
        if (!ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var token) || !state.Tokens.Remove(token))
        {
            context.Error.WriteLine("pfctl: Invalid token");
            return 1;
        }

        state.IsEnabled = state.Tokens.Count > 0;
        context.Error.WriteLine($"disable request successful. {state.Tokens.Count} more pf enable reference(s) remaining, pf {(state.IsEnabled ? "still enabled" : "disabled")}.");
        return 0;
    }
}
