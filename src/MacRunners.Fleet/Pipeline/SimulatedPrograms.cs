namespace MacRunners.Fleet.Pipeline;

/// <summary>Programs that are <c>orka3</c> and <c>ssh</c> to one simulated Orka: they hand on its address, which is in no argument.</summary>
/// <param name="Orka3">Path of the first.</param>
/// <param name="Ssh">Path of the second.</param>
internal sealed record SimulatedPrograms(string Orka3, string Ssh)
{
    /// <summary>Variable with the token, for the simulator and for these programs.</summary>
    public const string TokenVariable = "MACRUNNERS_SIM_ORKA_TOKEN";

    // The simulator looks at the name it was started by.
    private const string Orka3Name = "orka3";
    private const string SshName = "simulated-ssh";

    /// <summary>Writes them into a folder.</summary>
    public static SimulatedPrograms Write(string folder, string simulator, Uri orka, string token) =>
        new(WriteOne(folder, Orka3Name, simulator, orka, token), WriteOne(folder, SshName, simulator, orka, token));

    private static string WriteOne(string folder, string name, string simulator, Uri orka, string token)
    {
        var (link, script) = (Path.Combine(folder, name), Path.Combine(folder, $"{name}.sh"));
        File.CreateSymbolicLink(link, Path.GetFullPath(simulator));
        File.WriteAllText(
            script, $"#!/bin/sh\nMACRUNNERS_SIM_ORKA={orka.GetLeftPart(UriPartial.Authority)} {TokenVariable}={token} exec \"${{0%.sh}}\" \"$@\"\n");
        File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return script;
    }
}
