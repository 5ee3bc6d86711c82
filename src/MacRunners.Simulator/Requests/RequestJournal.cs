using MacRunners.Simulator.Messages;

namespace MacRunners.Simulator.Requests;

/// <summary>The requests seen, oldest first. Long runs drop the oldest ones, so that memory stays bounded.</summary>
internal sealed class RequestJournal
{
    private const int Capacity = 50_000;
    private readonly Lock _gate = new();
    private readonly Queue<RequestView> _requests = new();
    private long _sequence;

    /// <summary>Adds a request, numbered in the order of arrival here; the entry takes the status later.</summary>
    public RequestView Add(RequestView request)
    {
        lock (_gate)
        {
            if (_requests.Count == Capacity)
            {
                _requests.Dequeue();
            }

            request = request with { Sequence = ++_sequence };
            _requests.Enqueue(request);
            return request;
        }
    }

    /// <summary>All requests whose path contains the text.</summary>
    public RequestView[] All(string? pathPart = null)
    {
        lock (_gate)
        {
            return [.. _requests.Where(request => pathPart is null || request.Path.Contains(pathPart, StringComparison.Ordinal))];
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            _requests.Clear();
        }
    }
}
