using System.Text;
using MacRunners.Hosting;
using MacRunners.Platform;

namespace MacRunners.Agent;

/// <summary>
/// The configuration file of an agent that gets the agent token: a FIFO that only root and the job's number can open. The token is
/// written once, as soon as somebody has opened it, and at that moment the name is removed. That somebody is the agent: it reads its
/// configuration once, before it registers, so before anything of the job runs. Nothing is ever written for nobody.
/// </summary>
internal sealed partial class TokenPipe(IFileCalls files, string path, IAgentToken token, TimeProvider time, ILogger logger)
{
    // An agent opens its configuration some 10 ms after its start.
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(10);

    /// <summary>Makes the FIFO.</summary>
    /// <param name="files">The platform's calls.</param>
    /// <param name="path">In a folder that only root can write to.</param>
    /// <param name="uid">The job's number.</param>
    public static void Make(IFileCalls files, string path, uint uid)
    {
        File.Delete(path);
        files.MakeFifo(path, UnixFileMode.UserRead, uid, uid);
    }

    /// <summary>Waits for the agent to open the FIFO and hands the token over.</summary>
    /// <param name="limit">Time in which it must have done so.</param>
    /// <param name="over">The agent has ended.</param>
    /// <returns>When the token is handed over or cannot be any more; the name is gone in either case. It does not throw.</returns>
    public async Task HandOverAsync(TimeSpan limit, CancellationToken over)
    {
        // On the pool from the start: whoever starts the agent must not be held up.
        await Task.Yield();
        try
        {
            for (var began = time.GetTimestamp(); time.GetElapsedTime(began) < limit; await Task.Delay(Interval, time, over))
            {
                if (files.OpenFifoToWrite(path) is { } writer)
                {
                    using (writer)
                    {
                        // First of all: from here on nobody else can open it.
                        File.Delete(path);
                        files.WriteFifo(writer, Line(token.Current()));
                    }

                    HandedOver(logger);
                    return;
                }
            }

            NotRead(logger, limit.TotalSeconds);
        }
        catch (OperationCanceledException)
        {
            // The agent has ended without a look at it.
        }
        catch (IOException e)
        {
            // The agent finds the end of its file and no token, says so and leaves.
            Failed(logger, e.Message);
        }
        finally
        {
            File.Delete(path);
        }
    }

    // The agent knows quotes, comments and one escape, so a token with such characters would arrive as another.
    private static byte[] Line(string token) => token.All(c => c is > ' ' and <= '~' and not ('"' or '\'' or '#' or '\\'))
        ? Encoding.ASCII.GetBytes($"token=\"{token}\"\n")
        : throw new AgentTokenException("the agent token has characters that the agent's configuration file cannot hold (quotes, #, \\, blanks, non-ASCII)");

    [LoggerMessage(1421, LogLevel.Information, "The agent has read the agent token from its configuration file, which is gone now")]
    private static partial void HandedOver(ILogger logger);

    [LoggerMessage(1422, LogLevel.Error, "The agent did not open its configuration file within {Seconds} s (Jobs:StartDeadline); the agent token was not handed over")]
    private static partial void NotRead(ILogger logger, double seconds);

    [LoggerMessage(1423, LogLevel.Error, "The agent token could not be handed over: {Why}")]
    private static partial void Failed(ILogger logger, string why);
}
