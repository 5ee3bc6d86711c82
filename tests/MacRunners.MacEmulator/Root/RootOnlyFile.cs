using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace MacRunners.MacEmulator.Root;

/// <summary>JSON files that only root may read; replaced as a whole, so that a killed command leaves the old or the new one.</summary>
internal static class RootOnlyFile
{
    internal static T? ReadJson<T>(string path, JsonTypeInfo<T> type)
        where T : class
    {
        if (!File.Exists(path))
        {
            return null;
        }

        using var stream = File.OpenRead(path);
        return JsonSerializer.Deserialize(stream, type);
    }

    internal static void WriteJson<T>(string path, T value, JsonTypeInfo<T> type)
    {
        var temporary = path + ".new";
        var options = new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        using (var stream = new FileStream(temporary, options))
        {
            JsonSerializer.Serialize(stream, value, type);
        }

        File.Move(temporary, path, overwrite: true);
    }
}
