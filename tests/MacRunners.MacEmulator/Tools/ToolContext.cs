using System.Text;
using MacRunners.MacEmulator.Accounts;
using MacRunners.MacEmulator.Faults;
using MacRunners.MacEmulator.Native;
using MacRunners.MacEmulator.Root;

namespace MacRunners.MacEmulator.Tools;

/// <summary>What an emulated command has at hand.</summary>
internal sealed class ToolContext
{
    private readonly EmulatorControl _control;
    private readonly DateTimeOffset _startedAt;
    private readonly long _start;

    internal ToolContext(EmulatorRoot root, string name, IReadOnlyList<string> arguments, TimeProvider time)
    {
        Root = root;
        Name = name;
        Arguments = arguments;
        Time = time;
        IsRoot = Libc.EffectiveUid() == 0;
        Directory = new DirectorySession(root, time);
        Output = Writer(Console.OpenStandardOutput());
        Error = Writer(Console.OpenStandardError());
        _control = new EmulatorControl(root.Path);
        _startedAt = time.GetUtcNow();
        _start = time.GetTimestamp();
    }

    internal EmulatorRoot Root { get; }

    internal string Name { get; }

    internal IReadOnlyList<string> Arguments { get; }

    internal TimeProvider Time { get; }

    /// <summary>Root sees and may everything; others have neither the emulator's state nor its faults.</summary>
    internal bool IsRoot { get; }

    internal DirectorySession Directory { get; }

    /// <summary>This process descends from one that answers for itself, so it has nothing of what was granted to the daemon.</summary>
    private static bool IsDisclaimed => File.ReadLines("/proc/self/status").Any(line => line.StartsWith("THP_enabled:", StringComparison.Ordinal) && line.EndsWith('0'));

    internal TextWriter Output { get; }

    internal TextWriter Error { get; }

    /// <summary>Takes the faults of an action and lets those happen that come before it: noise, delay, hang, death.</summary>
    internal async Task<FaultEffects> BeginAsync(string verb, IReadOnlyList<string> arguments, bool writes = false)
    {
        if (!IsRoot)
        {
            return FaultEffects.None;
        }

        var effects = FaultEffects.Take(_control, Name, verb, arguments, writes);
        Output.NewLine = Error.NewLine = effects.Crlf ? "\r\n" : "\n";
        foreach (var line in effects.StderrNoise)
        {
            Error.WriteLine(line);
        }

        if (effects.Delay > TimeSpan.Zero)
        {
            await Task.Delay(effects.Delay, Time);
        }

        if (effects.Hang)
        {
            Log(null);
            await Task.Delay(Timeout.InfiniteTimeSpan, Time);
        }

        if (effects.Sigkill)
        {
            Die();
        }

        return effects;
    }

    /// <summary>Lets those faults happen that come after the action.</summary>
    internal void End(FaultEffects effects)
    {
        if (effects.SigkillApplied)
        {
            Die();
        }
    }

    /// <summary>Keeps the call for the tests to see.</summary>
    /// <param name="exitCode">Null when the command does not end by itself.</param>
    internal void Log(int? exitCode)
    {
        if (IsRoot)
        {
            var elapsed = (long)Time.GetElapsedTime(_start).TotalMilliseconds;
            _control.Log(new ToolCall(_startedAt, Name, Arguments, exitCode, elapsed, Environment.ProcessId, Libc.RealUid()));
        }
    }

    /// <summary>The circumstances of a request to the directory.</summary>
    internal DirectoryPolicy Policy(FaultEffects effects) => new(
        IsRoot,
        effects.TccDenied || IsDisclaimed,
        effects.UidTaken,
        effects.LookupLag > TimeSpan.Zero ? Time.GetUtcNow() + effects.LookupLag : null,
        Guid.NewGuid);

    private void Die()
    {
        Log(null);
        _ = Libc.Kill(Environment.ProcessId, Libc.SignalKill);
    }

    private static StreamWriter Writer(Stream stream) => new(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = true };
}
