using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using MacRunners.MacEmulator.Accounts;
using MacRunners.MacEmulator.Native;

namespace MacRunners.MacEmulator.Tools;

/// <summary>
/// <c>getconf</c>: the caller's private folders. Root's are made; another's only where the folder above is there already, since on a Mac a
/// service of root makes it.
/// </summary>
internal static class GetconfTool
{
    private const int Usage = 64;
    private const int Failure = 1;
    private const string Alphabet = "0123456789_bcdfghjklmnpqrstvwxyz";
    private const string MadeUp = "FFFFEEEEDDDDCCCCBBBBAAAA";
    private const int Characters = 32;
    private const int FirstLevel = 2;
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode Public = Private | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    internal static async Task<int> RunAsync(ToolContext context)
    {
        var effects = await context.BeginAsync("getconf", context.Arguments);
        var exitCode = Run(context);
        context.End(effects);
        return exitCode;
    }

    private static int Run(ToolContext context)
    {
        if (context.Arguments is not [var name])
        {
            context.Error.WriteLine("usage: getconf [-v prog_model] system_var");
            return Usage;
        }

        if (name is not ("DARWIN_USER_DIR" or "DARWIN_USER_TEMP_DIR" or "DARWIN_USER_CACHE_DIR"))
        {
            context.Error.WriteLine($"getconf: no such configuration parameter `{name}'");
            return Usage;
        }

        var uid = Libc.EffectiveUid();
        var folder = FolderOf(UuidOf(context, uid), uid);
        if (!TryMake(context, folder))
        {
            return Failure;
        }

        var kind = name switch { "DARWIN_USER_DIR" => "0", "DARWIN_USER_TEMP_DIR" => "T", _ => "C" };
        context.Output.WriteLine($"{context.Root.Path}/var/folders/{folder}/{kind}/");
        return 0;
    }

    private static bool TryMake(ToolContext context, string folder)
    {
        var path = $"{context.Root.Path}/private/var/folders/{folder}";
        if (!context.IsRoot && !Directory.Exists(path))
        {
            return true;
        }

        try
        {
            Make(Path.GetDirectoryName(path)!, Public);
            Make(path, Public);
            Make($"{path}/0", Public);
            Make($"{path}/T", Private);
            Make($"{path}/C", Private);
            return true;
        }
        catch (UnauthorizedAccessException e)
        {
            context.Error.WriteLine($"getconf: {e.Message}");
            return false;
        }
    }

    // The umask must not touch the modes.
    private static void Make(string path, UnixFileMode mode)
    {
        if (!Directory.Exists(path))
        {
            _ = Directory.CreateDirectory(path);
            File.SetUnixFileMode(path, mode);
        }
    }

    /// <summary>Uuid of the number's record; of a number without one the system makes it up.</summary>
    private static string UuidOf(ToolContext context, uint uid) =>
        GeneratedUids.Read(context.Root).TryGetValue(uid, out var uuid)
            ? uuid.Replace("-", "", StringComparison.Ordinal)
            : MadeUp + uid.ToString("X8", CultureInfo.InvariantCulture);

    /// <summary>The 20 bytes as one number, written in base 32.</summary>
    private static string FolderOf(string uuid, uint uid)
    {
        Span<byte> bytes = stackalloc byte[Characters * 5 / 8];
        Convert.FromHexString(uuid).CopyTo(bytes);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[^sizeof(uint)..], uid);
        var number = new BigInteger(bytes, isUnsigned: true, isBigEndian: true);
        var text = new char[Characters];
        for (var place = Characters - 1; place >= 0; place--)
        {
            text[place] = Alphabet[(int)(number % Alphabet.Length)];
            number /= Alphabet.Length;
        }

        return $"{new string(text, 0, FirstLevel)}/{new string(text, FirstLevel, Characters - FirstLevel)}";
    }
}
