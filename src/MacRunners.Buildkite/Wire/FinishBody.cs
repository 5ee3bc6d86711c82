namespace MacRunners.Buildkite;

/// <summary>Request of <c>POST …/jobs/{job}/finish</c>. The status is sent even when 0: left out, the service records −1.</summary>
internal sealed record FinishBody(int ExitStatus, string Detail);
