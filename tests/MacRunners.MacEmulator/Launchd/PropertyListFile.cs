using System.Globalization;
using System.Net;
using System.Xml;
using System.Xml.Linq;
using MacRunners.MacEmulator.Native;

namespace MacRunners.MacEmulator.Launchd;

/// <summary>Reads the property list of a LaunchDaemon, as strictly as launchd.</summary>
internal static class PropertyListFile
{
    private const UnixFileMode OthersWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
    private const int DefaultThrottle = 10;
    private const int DefaultExitTimeOut = 5;

    /// <exception cref="LaunchdException">It is refused, with launchd's number.</exception>
    internal static ServiceDefinition Read(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists && file.LinkTarget is null)
        {
            throw new LaunchdException(LaunchdException.InputOutput);
        }

        if (file.LinkTarget is not null || Libc.OwnerOf(path).Uid != 0 || (file.UnixFileMode & OthersWrite) != 0)
        {
            throw new LaunchdException(LaunchdException.BadOwnership);
        }

        try
        {
            using var reader = XmlReader.Create(path, new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore, XmlResolver = null });
            return Read(path, new Dictionary(XDocument.Load(reader).Root?.Element("dict") ?? throw new FormatException("no dictionary")));
        }
        catch (Exception e) when (e is XmlException or FormatException)
        {
            throw new LaunchdException(LaunchdException.InvalidPropertyList);
        }
    }

    private static ServiceDefinition Read(string path, Dictionary keys)
    {
        var arguments = keys.Texts("ProgramArguments") ?? [];
        var program = keys.Text("Program") ?? (arguments is [var first, ..] ? first : null) ?? throw new FormatException("nothing to run");
        if (!program.StartsWith('/'))
        {
            throw new LaunchdException(LaunchdException.InvalidPath);
        }

        var keepAlive = KeepAliveOf(keys);
        return new ServiceDefinition
        {
            Label = keys.Text("Label") is { Length: > 0 } label ? label : throw new FormatException("no label"),
            Path = path,
            Arguments = [program, .. arguments.Skip(1)],
            KeepAlive = keepAlive,
            RunAtLoad = keys.Flag("RunAtLoad") ?? keepAlive is not KeepAlive.Never,
            ThrottleInterval = TimeSpan.FromSeconds(keys.Number("ThrottleInterval") is > 0 and var seconds ? seconds : DefaultThrottle),
            ExitTimeOut = keys.Number("ExitTimeOut") switch
            {
                null => TimeSpan.FromSeconds(DefaultExitTimeOut),
                0 => Timeout.InfiniteTimeSpan,
                { } limit => TimeSpan.FromSeconds(limit),
            },
            AbandonProcessGroup = keys.Flag("AbandonProcessGroup") ?? false,
            Environment = keys.Child("EnvironmentVariables")?.AllTexts() ?? [],
            Umask = keys.Number("Umask"),
            OpenFiles = keys.Child("SoftResourceLimits")?.Number("NumberOfFiles"),
            Output = keys.Text("StandardOutPath"),
            Error = keys.Text("StandardErrorPath"),
            WorkingDirectory = keys.Text("WorkingDirectory") ?? "/",
            Sockets = keys.Child("Sockets")?.All(SocketsOf) ?? [],
        };
    }

    private static KeepAlive KeepAliveOf(Dictionary keys) =>
        keys.Value("KeepAlive") switch
        {
            null => KeepAlive.Never,
            { Name.LocalName: "dict" } conditions => new Dictionary(conditions).Flag("SuccessfulExit") switch
            {
                true => KeepAlive.AfterSuccess,
                false => KeepAlive.AfterFailure,
                null => throw new FormatException("a condition that is not emulated"),
            },
            _ => keys.Flag("KeepAlive") is true ? KeepAlive.Always : KeepAlive.Never,
        };

    // One dictionary, or an array of them.
    private static IReadOnlyList<SocketDefinition> SocketsOf(XElement value) =>
        value.Name.LocalName == "array" ? [.. value.Elements().Select(entry => SocketOf(new Dictionary(entry)))] : [SocketOf(new Dictionary(value))];

    private static SocketDefinition SocketOf(Dictionary keys)
    {
        if ((keys.Text("SockType") ?? "stream") != "stream" || keys.Flag("SockPassive") is false)
        {
            throw new FormatException("only sockets that listen are emulated");
        }

        var address = IPAddress.Parse(keys.Text("SockNodeName") ?? throw new FormatException("sockets of all families at once are not emulated"));
        var family = address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? "IPv4" : "IPv6";
        return keys.Text("SockFamily") is null || keys.Text("SockFamily") == family
            ? new SocketDefinition(address, int.Parse(keys.Text("SockServiceName") ?? throw new FormatException("no port"), NumberStyles.None, CultureInfo.InvariantCulture))
            : throw new FormatException("the address is not of its family");
    }

    /// <summary>A <c>dict</c> with typed values; a value of another type is a fault.</summary>
    private sealed class Dictionary
    {
        private readonly Dictionary<string, XElement> _values = [];

        internal Dictionary(XElement element)
        {
            var nodes = element.Elements().ToList();
            if (element.Name.LocalName != "dict" || nodes.Count % 2 != 0)
            {
                throw new FormatException("no dictionary");
            }

            foreach (var pair in nodes.Chunk(2))
            {
                _values.Add(pair[0].Name.LocalName == "key" ? pair[0].Value : throw new FormatException("no key"), pair[1]);
            }
        }

        internal XElement? Value(string key) => _values.GetValueOrDefault(key);

        internal string? Text(string key) => Value(key) is { } value ? TextOf(value) : null;

        internal IReadOnlyList<string>? Texts(string key) => Value(key) is { } value
            ? value.Name.LocalName == "array" ? [.. value.Elements().Select(TextOf)] : throw new FormatException($"{key} is no array")
            : null;

        internal int? Number(string key) => Value(key) is { } value
            ? value.Name.LocalName == "integer" ? int.Parse(value.Value, CultureInfo.InvariantCulture) : throw new FormatException($"{key} is no number")
            : null;

        internal bool? Flag(string key) => Value(key)?.Name.LocalName switch
        {
            null => null,
            "true" => true,
            "false" => false,
            _ => throw new FormatException($"{key} is no flag"),
        };

        internal Dictionary? Child(string key) => Value(key) is { } value ? new Dictionary(value) : null;

        internal Dictionary<string, string> AllTexts() => All(TextOf);

        internal Dictionary<string, T> All<T>(Func<XElement, T> read) => _values.ToDictionary(pair => pair.Key, pair => read(pair.Value));

        private static string TextOf(XElement value) => value.Name.LocalName == "string" ? value.Value : throw new FormatException("no text");
    }
}
