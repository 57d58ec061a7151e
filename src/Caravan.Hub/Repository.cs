using System.Text.Json;

namespace Caravan.Hub;

/// <summary>What the hub says about a revision of a repository.</summary>
/// <param name="Name">The repository.</param>
/// <param name="Commit">The commit that the revision means.</param>
/// <param name="Files">Names of its files, with their sizes where the hub says them.</param>
internal sealed record Repository(RepositoryName Name, string Commit, IReadOnlyList<(string Name, long? Size)> Files)
{
    /// <summary>Reads the answer of <c>api/models/NAME/revision/REVISION?blobs=true</c>.</summary>
    /// <exception cref="CaravanException">It is not what a hub says, or names files outside the repository.</exception>
    public static Repository Read(RepositoryName name, byte[] json, Uri endpoint)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            JsonElement root = document.RootElement;
            string commit = root.GetProperty("sha").GetString() ?? "";
            if (!ContentHash.IsCommit(commit)) throw new CaravanException($"{endpoint} gives '{name}' a commit that is none; a hash of 40 digits was expected.");
            return new Repository(name, commit, [.. root.GetProperty("siblings").EnumerateArray().Select(file => ReadFile(name, file, endpoint))]);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new CaravanException($"{endpoint} does not answer about '{name}' as a Hugging Face hub does; check HF_ENDPOINT.", exception);
        }
    }

    private static (string Name, long? Size) ReadFile(RepositoryName name, JsonElement file, Uri endpoint)
    {
        string path = file.GetProperty("rfilename").GetString() ?? "";
        if (!SafePath.IsInside(path))
        {
            throw new CaravanException(
                $"'{name}' at {endpoint} names the file {JsonSerializer.Serialize(path)}, which would not stay in the repository's folder; nothing was downloaded, and nothing should be from there.");
        }

        return (path, file.TryGetProperty("size", out JsonElement size) && size.ValueKind == JsonValueKind.Number && size.TryGetInt64(out long bytes) ? bytes : null);
    }
}
