namespace MacRunners.Simulator.Soak.Schedules;

/// <summary>A schedule did not end as it must; the message says how it did.</summary>
internal sealed class ScheduleFailedException(string message) : Exception(message);
