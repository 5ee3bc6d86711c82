namespace MacRunners.Simulator.State;

/// <summary>A request the service refuses, with the status and the text its answer carries.</summary>
internal sealed class RefusedException(int status, string message) : Exception(message)
{
    public int Status { get; } = status;

    /// <summary>400: the request cannot be read as what it should be.</summary>
    public static RefusedException Malformed(string message) => new(StatusCodes.Status400BadRequest, message);

    /// <summary>401: no token, an unknown one, or one of the wrong kind for the route.</summary>
    public static RefusedException Unauthorized(string message) => new(StatusCodes.Status401Unauthorized, message);

    /// <summary>403: known, but not permitted.</summary>
    public static RefusedException Forbidden(string message) => new(StatusCodes.Status403Forbidden, message);

    /// <summary>404.</summary>
    public static RefusedException NotFound(string message) => new(StatusCodes.Status404NotFound, message);

    /// <summary>422: readable, but against a rule or the state of things.</summary>
    public static RefusedException Invalid(string message) => new(StatusCodes.Status422UnprocessableEntity, message);
}
