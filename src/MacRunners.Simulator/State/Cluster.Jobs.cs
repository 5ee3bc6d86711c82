using MacRunners.Simulator.Messages;

namespace MacRunners.Simulator.State;

/// <summary>What agents do with jobs, and what the jobs themselves ask for.</summary>
internal sealed partial class Cluster
{
    private readonly Dictionary<string, List<Artifact>> _uploadBatches = new(StringComparer.Ordinal);
    private readonly Dictionary<string, byte[]> _uploads = new(StringComparer.Ordinal);

    /// <summary>Gives a job to an agent, for good.</summary>
    public AcquiredJob Acquire(string? session, string id)
    {
        lock (_gate)
        {
            var now = Settle();
            var agent = RequireSession(session, now);
            if (agent.Acquisition is { } limited && limited.JobId != id)
            {
                throw RefusedException.Unauthorized("This session was opened for another job");
            }

            var job = FindJob(id);
            if (!agent.Connected)
            {
                throw RefusedException.Invalid("The agent has not connected");
            }

            if (agent.Job is { } current && !current.State.IsFinal())
            {
                throw RefusedException.Invalid("The agent already has a job");
            }

            CheckReservation(job, agent);
            var token = TokenMint.Job();
            job.Acquire(agent, token, now);
            _jobTokens.Add(token, job);
            return new AcquiredJob(
                job.Id,
                job.State.NameForAgent(),
                Endpoint: "",
                JobEnvironment.WithAgent(JobEnvironment.Of(job, OrganizationSlug, PipelineSlug, Address), agent),
                new JobStep(job.Spec.Command),
                _options.ChunkMaxSizeBytes,
                ChunksIntervalSeconds: 1,
                _options.LogMaxSizeBytes,
                token,
                job.ScheduledAt);
        }
    }

    public void Start(string? token, string id)
    {
        lock (_gate)
        {
            var now = Settle();
            RequireJob(token, id).Start(now);
        }
    }

    /// <summary>The state in the words agents know.</summary>
    public string StateForAgent(string? token, string id)
    {
        lock (_gate)
        {
            Settle();
            return RequireJob(token, id).State.NameForAgent();
        }
    }

    public void AddChunk(string? token, string id, int sequence, long offset, byte[] content)
    {
        lock (_gate)
        {
            Settle();
            RequireUnderWay(token, id).Log.Add(sequence, offset, content);
        }
    }

    /// <summary>Refuses a token that may not speak for this job.</summary>
    public void RequireJobToken(string? token, string id)
    {
        lock (_gate)
        {
            Settle();
            RequireJob(token, id);
        }
    }

    /// <summary>Refuses a token that may not speak for this job or build.</summary>
    public void RequireScope(string? token, JobScope scope)
    {
        lock (_gate)
        {
            RequireBuild(token, scope);
        }
    }

    public void FinishByAgent(string? token, string id, int exitStatus, string? signal, string? signalReason, int chunksFailedCount)
    {
        lock (_gate)
        {
            var now = Settle();
            RequireJob(token, id).FinishByAgent(exitStatus, signal, signalReason, chunksFailedCount, now);
        }
    }

    public bool MetaDataExists(string? token, JobScope scope, string key)
    {
        lock (_gate)
        {
            return RequireBuild(token, scope).MetaData.ContainsKey(key);
        }
    }

    public string MetaData(string? token, JobScope scope, string key)
    {
        lock (_gate)
        {
            return RequireBuild(token, scope).MetaData.TryGetValue(key, out var value)
                ? value
                : throw RefusedException.NotFound($"No key \"{key}\" found");
        }
    }

    public void SetMetaData(string? token, JobScope scope, string key, string value)
    {
        lock (_gate)
        {
            RequireBuild(token, scope).MetaData[key] = value;
        }
    }

    public string[] MetaDataKeys(string? token, JobScope scope)
    {
        lock (_gate)
        {
            return [.. RequireBuild(token, scope).MetaData.Keys];
        }
    }

    /// <summary>Writes an annotation, or adds to the one of the same context.</summary>
    public void Annotate(string? token, string id, Annotation annotation, bool append)
    {
        lock (_gate)
        {
            var annotations = RequireBuild(token, JobScope.Job(id)).Annotations;
            var index = annotations.FindIndex(known => known.Context == annotation.Context);
            if (index < 0)
            {
                annotations.Add(annotation);
                return;
            }

            annotations[index] = append ? annotation with { Body = annotations[index].Body + annotation.Body } : annotation;
        }
    }

    public void RemoveAnnotation(string? token, string id, string context)
    {
        lock (_gate)
        {
            if (RequireBuild(token, JobScope.Job(id)).Annotations.RemoveAll(known => known.Context == context) == 0)
            {
                throw RefusedException.NotFound($"No annotation with context \"{context}\" found");
            }
        }
    }

    /// <summary>Announces artifacts; the id of the batch and theirs, in the same order.</summary>
    public (string BatchId, string[] Ids) AddArtifacts(string? token, string id, IReadOnlyList<ArtifactAnnouncement> files)
    {
        lock (_gate)
        {
            var build = RequireBuild(token, JobScope.Job(id));
            var artifacts = files
                .Select(file => (Id: Guid.NewGuid().ToString(), File: file))
                .Select(file => new Artifact(
                    file.Id, id, file.File.Path, file.File.FileSize, file.File.Sha1sum, "new", $"{Address}/sim/artifacts/{file.Id}"))
                .ToList();
            build.Artifacts.AddRange(artifacts);
            var batchId = Guid.NewGuid().ToString();
            _uploadBatches.Add(batchId, artifacts);
            return (batchId, [.. artifacts.Select(artifact => artifact.Id)]);
        }
    }

    /// <summary>Takes the file of an announced artifact.</summary>
    public void StoreUpload(string batchId, string path, byte[] content)
    {
        lock (_gate)
        {
            var artifact = _uploadBatches.GetValueOrDefault(batchId)?.Find(artifact => artifact.Path == path)
                ?? throw RefusedException.NotFound($"No artifact \"{path}\" was announced in batch \"{batchId}\"");
            if (artifact.FileSize != content.Length)
            {
                throw RefusedException.Invalid($"\"{path}\" was announced with {artifact.FileSize} bytes and came with {content.Length}");
            }

            _uploads[artifact.Id] = content;
        }
    }

    /// <summary>The file of an artifact.</summary>
    public byte[] Download(string artifactId)
    {
        lock (_gate)
        {
            return _uploads.GetValueOrDefault(artifactId) ?? throw RefusedException.NotFound($"Artifact \"{artifactId}\" was not uploaded");
        }
    }

    public void SetArtifactState(string? token, string id, string artifactId, string state)
    {
        lock (_gate)
        {
            var artifacts = RequireBuild(token, JobScope.Job(id)).Artifacts;
            var index = artifacts.FindIndex(artifact => artifact.Id == artifactId && artifact.JobId == id);
            if (index < 0)
            {
                throw RefusedException.NotFound($"Artifact \"{artifactId}\" not found");
            }

            artifacts[index] = artifacts[index] with { State = state };
        }
    }

    public Artifact[] Artifacts(string? token, JobScope scope)
    {
        lock (_gate)
        {
            return [.. RequireBuild(token, scope).Artifacts];
        }
    }

    private static void CheckReservation(Job job, RegisteredAgent agent)
    {
        if (agent.Acquisition is { } limited && (job.Reservation is not { } own || own.StackKey != limited.StackKey))
        {
            throw RefusedException.Invalid($"Job is {job.State.Name()} and not reserved by the stack of this agent");
        }

        if (job.Reservation is { } held && held.ClusterToken != agent.ClusterToken)
        {
            throw RefusedException.Invalid("Job is reserved with another agent token");
        }
    }

    /// <summary>The job a token speaks for: its own token, or the session token of the agent that has it.</summary>
    private Job RequireJob(string? token, string id)
    {
        RegisteredAgent? agent = null;
        if (token is null || !(_jobTokens.TryGetValue(token, out var own) | _sessions.TryGetValue(token, out agent)))
        {
            throw RefusedException.Unauthorized("Invalid access token: this route takes the token of the job");
        }

        var job = FindJob(id);
        if ((own ?? agent?.Job) != job || job.Agent is not { Ended: false })
        {
            throw RefusedException.Unauthorized("Invalid access token: it does not belong to this job, or its agent has gone");
        }

        return job;
    }

    private Job RequireUnderWay(string? token, string id)
    {
        var job = RequireJob(token, id);
        return job.State.IsUnderWay() ? job : throw RefusedException.Invalid($"Job is {job.State.Name()}, not running");
    }

    private Build RequireBuild(string? token, JobScope scope)
    {
        Settle();
        if (scope.JobId is { } jobId)
        {
            return RequireJob(token, jobId).Build;
        }

        var job = token is not null && _jobTokens.TryGetValue(token, out var own) ? own
            : token is not null && _sessions.TryGetValue(token, out var agent) ? agent.Job
            : null;
        if (job is null)
        {
            throw RefusedException.Unauthorized("Invalid access token: this route takes the token of a job");
        }

        if (!_builds.TryGetValue(scope.BuildId!, out var build))
        {
            throw RefusedException.NotFound($"Build \"{scope.BuildId}\" not found");
        }

        return RequireJob(token, job.Id).Build == build
            ? build
            : throw RefusedException.Unauthorized("Invalid access token: it belongs to a job of another build");
    }
}
