using System.Net.Sockets;
using System.Text.Json;
using MacRunners.MacEmulator.Native;
using MacRunners.MacEmulator.Root;

namespace MacRunners.MacEmulator.Launchd;

/// <summary>
/// The launchd of one root: a process in the background that lives from the first <c>bootstrap</c> until the root is removed,
/// holds the services' sockets, and starts and watches their processes.
/// </summary>
internal sealed class LaunchdProcess(EmulatorRoot root, TimeProvider time)
{
    private readonly Dictionary<string, Service> _services = new(StringComparer.Ordinal);
    private readonly DisabledServices _disabled = new(root);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Serves until it is shut down. Returns at once when another one already does.</summary>
    internal async Task RunAsync()
    {
        using var alone = StateLock.Try(root.LaunchdLock);
        if (alone is null)
        {
            return;
        }

        // Nobody's signals but those that are meant.
        _ = Libc.StartSession();
        File.Delete(root.LaunchdSocket);
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(root.LaunchdSocket));
        File.SetUnixFileMode(root.LaunchdSocket, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        listener.Listen();
        while (!_ended.Task.IsCompleted)
        {
            var accepting = listener.AcceptAsync();
            if (await Task.WhenAny(accepting, _ended.Task) == accepting)
            {
                _ = ServeAsync(await accepting);
            }
        }

        File.Delete(root.LaunchdSocket);
    }

    private async Task ServeAsync(Socket connection)
    {
        try
        {
            await using var stream = new NetworkStream(connection, ownsSocket: true);
            var request = (await JsonSerializer.DeserializeAsync(stream, LaunchdJson.Default.LaunchdRequest))!;
            var reply = await AnswerAsync(request);
            await stream.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(reply, LaunchdJson.Default.LaunchdReply));
            if (request.Verb is LaunchdVerb.Shutdown)
            {
                _ended.SetResult();
            }
        }
        catch (IOException)
        {
            // Who asked is gone.
        }
        catch (Exception e)
        {
            // A fault of the emulator's: there is nobody else to tell.
            await File.AppendAllTextAsync(root.LaunchdLog, $"{time.GetUtcNow():O} {e}\n");
        }
    }

    private async Task<LaunchdReply> AnswerAsync(LaunchdRequest request)
    {
        try
        {
            switch (request.Verb)
            {
                case LaunchdVerb.Bootstrap:
                    Load(request.Target);
                    return new LaunchdReply(0);
                case LaunchdVerb.Bootout:
                    var leaving = Find(request.Target, LaunchdException.NoProcess);
                    var gone = leaving.Leave();
                    if (request.Wait)
                    {
                        await gone;
                    }

                    return new LaunchdReply(0);
                case LaunchdVerb.Print:
                    return new LaunchdReply(0, Find(request.Target, LaunchdException.NoService).Describe());
                case LaunchdVerb.Kickstart:
                    var pid = await Find(request.Target, LaunchdException.NoService).KickAsync(request.Kill, request.PrintPid);
                    return new LaunchdReply(0, request.PrintPid ? $"{pid}\n" : "");
                case LaunchdVerb.Shutdown:
                    await Task.WhenAll(All().Select(service => service.DieAsync()));
                    return new LaunchdReply(0);
                default:
                    return new LaunchdReply(LaunchdException.InputOutput);
            }
        }
        catch (LaunchdException e)
        {
            return new LaunchdReply(e.Code);
        }
    }

    private void Load(string path)
    {
        var definition = PropertyListFile.Read(path);
        if (_disabled.Contains(definition.Label))
        {
            throw new LaunchdException(LaunchdException.Disabled);
        }

        lock (_services)
        {
            if (_services.TryGetValue(definition.Label, out var present))
            {
                throw new LaunchdException(present.IsLeaving ? LaunchdException.InputOutput : LaunchdException.AlreadyLoaded);
            }

            var settings = RootOnlyFile.ReadJson(root.LaunchdSettings, LaunchdJson.Default.LaunchdSettings) ?? new LaunchdSettings();
            _services.Add(definition.Label, new Service(root, definition, settings, time, () => Forget(definition.Label)));
        }
    }

    private void Forget(string label)
    {
        lock (_services)
        {
            _ = _services.Remove(label);
        }
    }

    private Service Find(string label, int missing)
    {
        lock (_services)
        {
            return _services.GetValueOrDefault(label) ?? throw new LaunchdException(missing);
        }
    }

    private List<Service> All()
    {
        lock (_services)
        {
            return [.. _services.Values];
        }
    }
}
