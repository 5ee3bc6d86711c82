namespace MacRunners.MacEmulator.Tools.Dscl;

/// <summary>Options that change how records are printed.</summary>
/// <param name="Plist">As an XML property list.</param>
/// <param name="Raw">With the full names of attributes.</param>
internal sealed record OutputFormat(bool Plist, bool Raw);
