using System.Collections;
using MacRunners.Jobs.Journal;
using MacRunners.Platform;
using Microsoft.Extensions.DependencyInjection;

namespace MacRunners.FaultyDaemon;

/// <summary>
/// The faults that were asked for, by variables of the environment. Each may be left out; anything else that begins with
/// <c>FAULT_</c>, and any value that cannot be read, ends the program at once, so that no test passes for lack of its fault.
/// <list type="table">
/// <item><term><c>FAULT_CRASH=before:accountCreated:1</c></term><description>SIGKILL to itself at that point of the journal, see <see cref="JournalPoint"/>.</description></item>
/// <item><term><c>FAULT_FAIL=before:agentEnded:1</c></term><description>An exception that nobody expects, at that point.</description></item>
/// <item><term><c>FAULT_HOLD=after:stepStarting:2:/path</c></term><description>Waits at that point until the file exists; says <c>held at after:stepStarting:2</c> on standard error first.</description></item>
/// <item><term><c>FAULT_CLOCK=/path</c></term><description>The wall clock is shifted by what the file says at that moment, as in <c>-1.00:00:00</c>.</description></item>
/// <item><term><c>FAULT_BOOT_ID=text</c></term><description>The machine seems to have been booted anew.</description></item>
/// </list>
/// </summary>
internal sealed record FaultPlan
{
    /// <summary>Where the daemon kills itself; null for nowhere.</summary>
    public JournalPoint? Crash { get; init; }

    /// <summary>Where it fails; null for nowhere.</summary>
    public JournalPoint? Fail { get; init; }

    /// <summary>Where it waits, and for which file; null for nowhere.</summary>
    public (JournalPoint Point, string Until)? Hold { get; init; }

    /// <summary>File with the shift of the wall clock; null for the real one.</summary>
    public string? Clock { get; init; }

    /// <summary>Identity of the boot; null for the real one.</summary>
    public string? BootId { get; init; }

    /// <summary>Reads the variables.</summary>
    /// <exception cref="FormatException">One of them is unknown or unreadable; the message names it.</exception>
    public static FaultPlan FromEnvironment()
    {
        var plan = new FaultPlan();
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            var value = (string)variable.Value!;
            plan = (string)variable.Key switch
            {
                "FAULT_CRASH" => plan with { Crash = JournalPoint.Parse(value) },
                "FAULT_FAIL" => plan with { Fail = JournalPoint.Parse(value) },
                "FAULT_HOLD" when value.Split(':', 4) is [_, _, _, ['/', ..] file] =>
                    plan with { Hold = (JournalPoint.Parse(value[..^(file.Length + 1)]), file) },
                "FAULT_CLOCK" when value.StartsWith('/') => plan with { Clock = value },
                "FAULT_BOOT_ID" when value.Length > 0 => plan with { BootId = value },
                ['F', 'A', 'U', 'L', 'T', '_', ..] => throw new FormatException($"{variable.Key}={value} asks for no fault of this program"),
                _ => plan,
            };
        }

        return plan;
    }

    /// <summary>Adds the services that are the faults.</summary>
    public void AddTo(IServiceCollection services)
    {
        if (Crash is not null || Fail is not null || Hold is not null)
        {
            _ = services.AddSingleton<IJournalWitness>(new FaultyWitness(this));
        }

        if (Clock is not null)
        {
            _ = services.AddSingleton<TimeProvider>(new ShiftedTime(Clock));
        }

        if (BootId is not null)
        {
            var real = services.Last(service => service.ServiceType == typeof(IPlatform)).ImplementationFactory!;
            _ = services.AddSingleton<IPlatform>(provider => new PlatformOfAnotherBoot((IPlatform)real(provider), BootId));
        }
    }
}
