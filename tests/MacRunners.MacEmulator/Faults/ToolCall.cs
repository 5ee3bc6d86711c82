namespace MacRunners.MacEmulator.Faults;

/// <summary>One invocation of an emulated command, as the log keeps it.</summary>
/// <param name="At">When it began.</param>
/// <param name="Tool">Name of the command.</param>
/// <param name="Argv">Its arguments.</param>
/// <param name="Rc">Exit code; null when it did not end by itself: killed, hanging, or replaced by another program.</param>
/// <param name="Ms">How long it worked, without the start of the process.</param>
/// <param name="Pid">Its process number.</param>
/// <param name="Uid">Who called it.</param>
internal sealed record ToolCall(DateTimeOffset At, string Tool, IReadOnlyList<string> Argv, int? Rc, long Ms, int Pid, uint Uid);
