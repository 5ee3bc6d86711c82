namespace MacRunners.Simulator.Bench.Work;

/// <summary>The times of one run of the <see cref="Floor"/>, milliseconds.</summary>
/// <param name="UserAdd">The account and its home come into being.</param>
/// <param name="Agent">The agent, with <c>setpriv</c>.</param>
/// <param name="Kill">Processes are killed.</param>
/// <param name="UserDelete">Account and home are deleted.</param>
/// <param name="Overhead">All of it, without the agent's own run.</param>
internal sealed record FloorTimes(double UserAdd, double Agent, double Kill, double UserDelete, double Overhead);
