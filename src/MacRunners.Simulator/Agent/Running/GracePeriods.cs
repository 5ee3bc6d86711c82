namespace MacRunners.Simulator.Agent.Running;

/// <summary>The two grace periods of a cancel.</summary>
internal static class GracePeriods
{
    /// <summary>Time a command gets after the cancel signal; negative seconds count back from the cancel grace.</summary>
    public static TimeSpan SignalGrace(int cancelSeconds, int signalSeconds)
    {
        if (signalSeconds < 0 && cancelSeconds < -signalSeconds)
        {
            throw new AgentFailureException(
                $"cancel-grace-period ({cancelSeconds}) must be at least as big as signal-grace-period-seconds ({signalSeconds})");
        }

        var seconds = signalSeconds < 0 ? cancelSeconds + signalSeconds : signalSeconds;
        return seconds < cancelSeconds
            ? TimeSpan.FromSeconds(seconds)
            : throw new AgentFailureException(
                $"cancel-grace-period ({cancelSeconds}) must be greater than signal-grace-period-seconds ({seconds})");
    }
}
