namespace MacRunners.Simulator.Orka;

/// <summary>Where the simulated <c>orka3</c> and <c>ssh</c> find their cluster: it is in their environment, not in their arguments.</summary>
internal static class SimulatorAddress
{
    public const string Variable = "MACRUNNERS_SIM_ORKA";
    public const string TokenVariable = "MACRUNNERS_SIM_ORKA_TOKEN";

    /// <summary>A client of the cluster.</summary>
    public static HttpClient Connect()
    {
        var address = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } value
            ? new Uri(value)
            : throw new ArgumentException($"Set {Variable} to the address of `macrunners-sim orka`.");
        var http = new HttpClient { BaseAddress = address, Timeout = Timeout.InfiniteTimeSpan };
        http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", $"Bearer {Environment.GetEnvironmentVariable(TokenVariable)}");
        return http;
    }
}
