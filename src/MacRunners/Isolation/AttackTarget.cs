namespace MacRunners.Isolation;

/// <summary>What the attacks are told about the machine that they attack.</summary>
/// <param name="Pid">Process that tears down: the daemon.</param>
/// <param name="Port">Where it answers everybody; null when it does not.</param>
/// <param name="ControlSocket">Where it answers root.</param>
/// <param name="Secrets">Files and folders that a job may neither read nor change.</param>
/// <param name="Own">Files and folders that a job may not change.</param>
/// <param name="SharedPlaces">Folders in which everybody may write.</param>
/// <param name="SearchRoots">Where more such folders are looked for.</param>
/// <param name="SystemRoot">Stands before the paths of an emulated system; else empty.</param>
internal sealed record AttackTarget(
    int Pid,
    int? Port,
    string ControlSocket,
    IReadOnlyList<string> Secrets,
    IReadOnlyList<string> Own,
    IReadOnlyList<string> SharedPlaces,
    IReadOnlyList<string> SearchRoots,
    string SystemRoot);
