using System.Text.Json;

namespace Caravan.Models;

/// <summary>What models are called by their files.</summary>
internal static class ModelNames
{
    /// <summary>What follows in a hub's cache before a repository's name, in which <c>--</c> stands for the slash.</summary>
    private const string CachePrefix = "models--";

    /// <summary>All that a loaded model's files say, for guesses about its kind: a given name and that of its file or folder.</summary>
    public static string ForGuesses(Model model)
    {
        string path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(model.Path));
        // In the cache of Hugging Face's hub the last folders are a digest; the model's name is above.
        string folder = CacheFolder(path) ?? Path.GetFileName(path);
        string given = model.Checkpoint.Metadata?.String("general.name")
            ?? (model.Checkpoint.Config is { } config && config.TryGetProperty("_name_or_path", out JsonElement name) && name.ValueKind == JsonValueKind.String ? name.GetString()! : "");
        return given.Length > 0 ? $"{given} {folder}" : folder;
    }

    /// <summary>A short name for a path: the folder's, the file's without its ending, or <c>org/name</c> in a hub's cache.</summary>
    public static string Short(string path)
    {
        path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (File.Exists(path)) return Path.GetFileNameWithoutExtension(path);
        return CacheFolder(path) is { } folder ? folder[CachePrefix.Length..].Replace("--", "/", StringComparison.Ordinal) : Path.GetFileName(path);
    }

    private static string? CacheFolder(string path) => path.Split('/', '\\').FirstOrDefault(part => part.StartsWith(CachePrefix, StringComparison.Ordinal));
}
