namespace MacRunners.Telemetry;
internal sealed class DaemonMetrics { public void ResidueFound(ResidueKind kind) { } }
